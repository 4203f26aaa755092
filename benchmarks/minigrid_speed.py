"""Steps per CPU second of MiniGrid's tasks: this engine, MiniGrid itself in Gymnasium's vector environments, EnvPool, XLand-MiniGrid.

    python benchmarks/minigrid_speed.py [--tasks MultiRoom-N6-v0 ObstructedMaze-2Dlh-v0 DoorKey-6x6-v0] [--envs 256] [--seconds 3]

Everybody plays the same random actions in the same number of environments, restarts ended episodes by itself, and returns the 7x7 view.
Levels that this engine has on disk are there before the clock starts; each of the others makes its levels as it always does.

- hub: `hub_envs.minigrid`, one thread.
- sync, async: MiniGrid in `SyncVectorEnv` and in `AsyncVectorEnv` (a process for each environment, so 32 of them at most), images only.
- envpool: EnvPool's MiniGrid in C++ on one thread, where `envpool` is installed; it computes mission and direction too.
- xminigrid: XLand-MiniGrid, `MiniGrid-DoorKey-6x6` only (it has its own rules and none of the other tasks), compiled by JAX for the CPU,
  64 steps a call.

CPU time counts all threads and all child processes; "wall" is beside it. `--levels TASK` instead times building and loading 10,000 levels.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np
import psutil
from hub_envs.minigrid import LevelStore, MiniGridVectorEnv, build_levels, task_of
from hub_envs.minigrid.store import TRAINING_LEVELS, range_of

TASKS = ("MultiRoom-N7-S4-v0", "MultiRoom-N6-v0", "ObstructedMaze-1Dlhb-v0", "ObstructedMaze-2Dlh-v0", "DoorKey-6x6-v0")
LEVELS = 500
"""Levels that are played: enough that none is learned by a cache, few enough to be there soon."""

ASYNC = 32
"""Most processes."""
SCANNED = 64
"""Steps in one compiled call of XLand-MiniGrid."""

Player = Callable[[np.ndarray], Any]
"""Plays one step, actions (n,)."""


def hub_player(task: str, envs: int) -> Player:
    """Return this engine."""
    for _ in build_levels(task, num_levels=LEVELS):
        pass
    env = MiniGridVectorEnv(envs, task=task, num_levels=LEVELS)
    env.reset(seed=0)
    return env.step


def single(task: str) -> gym.Env[Any, Any]:
    """Return MiniGrid's own environment, images only."""
    from minigrid.wrappers import ImgObsWrapper

    wrapped: gym.Env[Any, Any] = ImgObsWrapper(task_of(task).build())  # type: ignore[no-untyped-call]
    return wrapped


def sync_player(task: str, envs: int) -> Player:
    """Return MiniGrid's environments stepped in turn."""
    env = gym.vector.SyncVectorEnv([partial(single, task)] * envs)
    env.reset(seed=0)
    return env.step


def async_player(task: str, envs: int) -> Player:
    """Return MiniGrid's environments, each in a process of its own."""
    env = gym.vector.AsyncVectorEnv([partial(single, task)] * envs)
    env.reset(seed=0)
    return env.step


def envpool_player(task: str, envs: int) -> Player:
    """Return EnvPool's environments; raises KeyError where it has no such task."""
    import envpool

    if f"MiniGrid-{task}" not in envpool.list_all_envs():
        raise KeyError(task)
    env = envpool.make(f"MiniGrid-{task}", "gymnasium", num_envs=envs, num_threads=1, seed=0)
    env.reset()
    return lambda actions: env.step(actions.astype(np.int32))


def xminigrid_player(task: str, envs: int) -> Player:
    """Return XLand-MiniGrid's environments; raises KeyError where it has no such task.

    Its strength is a whole loop compiled at once, so `SCANNED` calls make one: the steps' actions are gathered and played together.
    """
    if task != "DoorKey-6x6-v0":
        raise KeyError(task)
    import jax
    import xminigrid
    from xminigrid.wrappers import GymAutoResetWrapper

    env, parameters = xminigrid.make("MiniGrid-DoorKey-6x6")
    env = GymAutoResetWrapper(env)
    step = jax.vmap(env.step, in_axes=(None, 0, 0))

    def one(states: Any, actions: Any) -> Any:
        states = step(parameters, states, actions)
        return states, (states.observation, states.reward, states.step_type)

    states = jax.vmap(env.reset, in_axes=(None, 0))(parameters, jax.random.split(jax.random.key(0), envs))
    play_all = jax.jit(lambda states, actions: jax.lax.scan(one, states, actions))
    gathered: list[np.ndarray] = []

    def play(actions: np.ndarray) -> Any:
        nonlocal states
        gathered.append(actions % env.num_actions(parameters))
        if len(gathered) < SCANNED:
            return None
        states, outcomes = play_all(states, np.stack(gathered))
        gathered.clear()
        return [np.asarray(part) for part in outcomes]

    return play


PLAYERS: dict[str, Callable[[str, int], Player]] = {
    "hub": hub_player,
    "sync": sync_player,
    "async": async_player,
    "envpool": envpool_player,
    "xminigrid": xminigrid_player,
}


def cpu_seconds() -> float:
    """Return the CPU time of this process and its children, all threads."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def rates(player: Player, envs: int, seconds: float) -> tuple[float, float]:
    """Return steps per CPU second and per second of wall time, after a warm-up."""
    actions = np.random.default_rng(0).integers(0, 7, size=(512, envs))
    for row in actions[: 2 * SCANNED]:
        player(row)
    steps, wall, cpu = 0, time.perf_counter(), cpu_seconds()
    while time.perf_counter() - wall < seconds:
        player(actions[steps % len(actions)])
        steps += 1
    return steps * envs / (cpu_seconds() - cpu), steps * envs / (time.perf_counter() - wall)


def time_levels(task: str) -> None:
    """Print how long 10,000 levels take to build, where they are not there yet, and to load."""
    wall = time.perf_counter()
    missing = next(iter(build_levels(task)))
    for _ in build_levels(task):
        pass
    print(f"{task}: {missing} levels built on {os.cpu_count()} cores in {time.perf_counter() - wall:.1f} s")
    wall = time.perf_counter()
    store = LevelStore(task_of(task))
    wanted = range_of("train", TRAINING_LEVELS)
    assert not store.missing(wanted)
    print(
        f"{task}: {wanted.count} levels opened and all checked in {time.perf_counter() - wall:.3f} s, {store.records.nbytes / 1e6:.0f} MB"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS))
    parser.add_argument("--envs", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each cell")
    parser.add_argument("--levels", metavar="TASK", help="time the levels of a task instead")
    options = parser.parse_args()
    if options.levels:
        time_levels(options.levels)
        return
    found: dict[str, dict[str, tuple[float, float]]] = {task: {} for task in options.tasks}
    for name, build in PLAYERS.items():  # JAX comes last: its threads and the forks of `AsyncVectorEnv` do not go together
        for task in options.tasks:
            envs = min(options.envs, ASYNC) if name == "async" else options.envs
            try:
                found[task][name] = rates(build(task, envs), envs, options.seconds)
            except (ImportError, KeyError):
                continue
    print("task                      player     steps/CPU-s    steps/s   hub is faster, per CPU-s")
    for task, measured in found.items():
        for name, (per_cpu, per_second) in measured.items():
            print(f"{task:25s} {name:9s} {per_cpu:12,.0f} {per_second:10,.0f}   {measured['hub'][0] / per_cpu:8.1f}")


if __name__ == "__main__":
    main()
