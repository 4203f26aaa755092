"""Steps per CPU second of motorway traffic: this engine, highway-env, EnvPool; and how long this engine takes to compile.

    python benchmarks/highway_speed.py [--settings many one fast] [--envs 1 16 256] [--seconds 3] [--rounds 3] [--compile]

Settings, all at one decision a second with the same random actions, ended episodes restarted, observations included:

- many: 5 agents and 50 others on 8 lanes, simulated at 5 Hz: `highway/Heterogeneous-v0`. highway-env plays it in its multi-agent form.
- one: 1 agent and 50 others on 4 lanes at 15 Hz, highway-env's `highway-v0`. Traffic is of normal drivers, as theirs.
- fast: 1 agent and 20 others on 3 lanes at 5 Hz, `highway-fast-v0`, where they test the agent's collisions only; here all cars'.

Players:

- hub: `hub_envs.highway`, one thread, in as many environments as `--envs` says.
- highway-env: one environment; more of them in a process are as fast.
- envpool: EnvPool's port in C++, one thread, `--envs` environments; it has one agent and five rows of observation to this engine's fifteen.

Players take turns for `--rounds` rounds; the median of each is shown. CPU time counts all threads and all child processes. What is missing
is left out: `pip install highway-env==1.12.1 envpool`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
import psutil
from hub_envs.highway import HeterogeneousSoloVectorEnv, HeterogeneousVectorEnv

Player = Callable[[np.ndarray], Any]
"""Plays one step, actions (n,) or (n, agents)."""


@dataclass(frozen=True)
class Setting:
    """A road: numbers of agents, other cars and lanes, simulated steps a second, and EnvPool's name of it."""

    agents: int
    vehicles: int
    lanes: int
    simulations: int
    envpool: str = ""


SETTINGS = {"many": Setting(5, 50, 8, 5), "one": Setting(1, 50, 4, 15, "Highway-v0"), "fast": Setting(1, 20, 3, 5, "HighwayFast-v0")}


def hub_player(setting: Setting, envs: int) -> Player:
    """Return this engine."""
    road: dict[str, Any] = {"vehicles": setting.vehicles, "lanes": setting.lanes}
    env: HeterogeneousVectorEnv | HeterogeneousSoloVectorEnv
    if setting.agents > 1:
        env = HeterogeneousVectorEnv(envs, agents=setting.agents, **road)
    else:
        env = HeterogeneousSoloVectorEnv(envs, mix=[0, 0], duration=40, **road)
    game: Any = getattr(env, "game", env)
    game._rules = game._rules._replace(steps_per_second=setting.simulations)
    env.reset(seed=0)
    return env.step


def highway_env_player(setting: Setting, envs: int) -> Player:
    """Return highway-env's environment; it restarts when its first agent has crashed."""
    import highway_env  # noqa: F401

    config: dict[str, Any] = {
        "controlled_vehicles": setting.agents,
        "vehicles_count": setting.vehicles,
        "lanes_count": setting.lanes,
        "simulation_frequency": setting.simulations,
        "observation": {"type": "Kinematics", "vehicles_count": 15 if setting.agents > 1 else 5},
    }
    if setting.agents > 1:
        config["duration"] = 90
        config["observation"] = {"type": "MultiAgentObservation", "observation_config": config["observation"]}
        config["action"] = {"type": "MultiAgentAction", "action_config": {"type": "DiscreteMetaAction"}}
    env = gym.make("highway-fast-v0" if setting.envpool == "HighwayFast-v0" else "highway-v0", config=config).unwrapped
    env.reset(seed=0)

    def play(actions: np.ndarray) -> None:
        _, _, terminated, truncated, _ = env.step(tuple(actions[0].tolist()) if setting.agents > 1 else int(actions[0]))
        if terminated or truncated:
            env.reset()

    return play


def envpool_player(setting: Setting, envs: int) -> Player:
    """Return EnvPool's environments; raises KeyError where it has no such setting."""
    import envpool

    if not setting.envpool:
        raise KeyError(setting)
    env = envpool.make(setting.envpool, "gymnasium", num_envs=envs, num_threads=1, seed=0)
    env.reset()
    return lambda actions: env.step(actions.astype(np.int32))


PLAYERS: dict[str, Callable[[Setting, int], Player]] = {"hub": hub_player, "highway-env": highway_env_player, "envpool": envpool_player}


def cpu_seconds() -> float:
    """Return the CPU time of this process and its children, all threads."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def rate(player: Player, envs: int, actions: np.ndarray, seconds: float) -> float:
    """Return environment steps per CPU second."""
    steps, wall, cpu = 0, time.perf_counter(), cpu_seconds()
    while time.perf_counter() - wall < seconds:
        player(actions[steps % len(actions)])
        steps += 1
    return steps * envs / (cpu_seconds() - cpu)


def compare(setting: Setting, sizes: list[int], seconds: float, rounds: int) -> dict[tuple[str, int], float]:
    """Return the median rate of each player at each size, all having taken turns."""
    players: dict[tuple[str, int], tuple[Player, np.ndarray]] = {}
    for name, build in PLAYERS.items():
        for envs in [1] if name == "highway-env" else sizes:
            shape = (512, envs, setting.agents) if setting.agents > 1 else (512, envs)
            try:
                players[name, envs] = build(setting, envs), np.random.default_rng(0).integers(5, size=shape)
            except (ImportError, KeyError):
                continue
    measured: dict[tuple[str, int], list[float]] = {key: [] for key in players}
    for (name, _), (player, actions) in players.items():
        for row in actions[: 2 if name == "highway-env" else 20]:  # compiled, and some way into the first episodes
            player(row)
    for _ in range(rounds):
        for (name, envs), (player, actions) in players.items():
            measured[name, envs].append(rate(player, envs, actions, seconds))
    return {key: statistics.median(rates) for key, rates in measured.items()}


FIRST_STEP = """
import time
import numpy as np
from hub_envs.highway import HeterogeneousVectorEnv
start = time.process_time()
env = HeterogeneousVectorEnv(1)
env.reset(seed=0)
env.step(np.ones((1, 5), dtype=np.int64))
print(time.process_time() - start)
"""


def time_compilation() -> None:
    """Print the CPU seconds until the first step is done: with nothing compiled, and when all is on disk."""
    with tempfile.TemporaryDirectory() as cache:
        for words in ("nothing compiled", "compiled before"):
            environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
            done = subprocess.run([sys.executable, "-c", FIRST_STEP], env=environment, capture_output=True, text=True, check=True)
            print(f"{words}: {float(done.stdout):.1f} CPU-s until the first step is done")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--envs", nargs="+", type=int, default=[1, 16, 256])
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each turn")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each player")
    parser.add_argument("--compile", action="store_true", help="time the first step instead")
    options = parser.parse_args()
    if options.compile:
        time_compilation()
        return
    print("setting  player       environments   steps/CPU-s   hub is faster")
    for name in options.settings:
        found = compare(SETTINGS[name], options.envs, options.seconds, options.rounds)
        for (player, envs), value in found.items():
            ours = found["hub", envs] if player == "envpool" else found["hub", max(options.envs)]
            print(f"{name:8s} {player:12s} {envs:12d} {value:13,.1f}   {ours / value:13,.1f}")


if __name__ == "__main__":
    main()
