"""What this plugin registers with hub: names and descriptions only, so that finding them imports neither torch nor numpy."""

from __future__ import annotations

import hub

_STABLE_BASELINES = "stable-baselines3>=2.7"


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register the null agents, the stable-baselines3 algorithms, and agents that play several players at once."""
    return [
        hub.AgentSpec(
            name="random",
            entry_point="hub_baselines.random_agent:RandomAgent",
            summary="draws every action from the action space",
        ),
        hub.AgentSpec(
            name="constant",
            entry_point="hub_baselines.constant:ConstantAgent",
            summary="always takes one action, by default the action space's zero",
        ),
        hub.AgentSpec(
            name="ppo",
            entry_point="hub_baselines.on_policy:PPOAgent",
            requires=_STABLE_BASELINES,
            summary="proximal policy optimisation (stable-baselines3)",
        ),
        hub.AgentSpec(
            name="a2c",
            entry_point="hub_baselines.on_policy:A2CAgent",
            requires=_STABLE_BASELINES,
            summary="advantage actor-critic (stable-baselines3)",
        ),
        hub.AgentSpec(
            name="dqn",
            entry_point="hub_baselines.off_policy:DQNAgent",
            requires=_STABLE_BASELINES,
            summary="deep Q-network for discrete actions (stable-baselines3)",
        ),
        hub.AgentSpec(
            name="sac",
            entry_point="hub_baselines.off_policy:SACAgent",
            requires=_STABLE_BASELINES,
            summary="soft actor-critic for continuous actions (stable-baselines3)",
        ),
        hub.AgentSpec(
            name="td3",
            entry_point="hub_baselines.off_policy:TD3Agent",
            requires=_STABLE_BASELINES,
            summary="twin delayed deterministic policy gradient for continuous actions (stable-baselines3)",
        ),
        hub.AgentSpec(
            name="ippo",
            entry_point="hub_baselines.multi.ippo:IPPO",
            summary="independent PPO: every player of a parallel environment learns alone",
        ),
        hub.AgentSpec(
            name="mappo",
            entry_point="hub_baselines.multi.ippo:MAPPO",
            summary="multi-agent PPO: values of the state of the whole game train every player's policy",
        ),
        hub.AgentSpec(
            name="qmix",
            entry_point="hub_baselines.multi.qmix:QMIX",
            summary="QMIX: players' values of their actions, mixed to the team's",
        ),
    ]
