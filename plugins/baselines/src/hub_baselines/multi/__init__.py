"""Training several players at once: batches of games, stacked networks, recurrent PPO and QMIX, and where a paper adds its own.

`game` says which environments fit, `batch` plays them, `features` is the hook for what an agent sees besides an observation, `rollout`
collects, `ppo` and `q_learning` learn, `agent` is the base of an agent. `ippo` (IPPO and MAPPO) and `qmix` are the agents.
"""
