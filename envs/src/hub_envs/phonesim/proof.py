"""What the tasks' own scripts earn: oracles should earn everything, near misses less, and doing nothing nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode

from hub_envs.phonesim.solutions import MovesScript, PhoneSolutions
from hub_envs.phonesim.tasks.task import Moves
from hub_envs.phonesim.vector import PhoneVectorEnv

ORACLE, NOTHING = "oracle", "nothing"


class Played(NamedTuple):
    """An episode that a script played: `script` is `ORACLE`, `NOTHING` (done at once) or the name of a near miss."""

    task: str
    seed: int
    script: str
    score: float
    steps: int


class _Job(NamedTuple):
    seed: int
    name: str
    script: MovesScript


def scores(seeds: Iterable[int], *, only_oracles: bool = False, slots: int = 8) -> list[Played]:
    """Let every script of the episodes of `seeds` play, `slots` of them side by side, without pixels.

    Seed s plays task number s modulo their count, as in `PhoneEnv`.

    Raises:
        DependencyNotInstalled: there is no Chromium.
    """
    env = PhoneVectorEnv(slots, screenshot=False, autoreset_mode=AutoresetMode.DISABLED)
    try:
        return list(_played(env, _jobs(env.model, seeds, only_oracles)))
    finally:
        env.close()


def _jobs(model: PhoneSolutions, seeds: Iterable[int], only_oracles: bool) -> Iterator[_Job]:
    for seed in seeds:
        yield _Job(seed, ORACLE, model.oracle(seed))
        if not only_oracles:
            yield _Job(seed, NOTHING, MovesScript(_nothing()))
            for name, script in model.wrong(seed).items():
                yield _Job(seed, name, script)


def _nothing() -> Moves:
    yield {"action_type": "status", "goal_status": "complete"}


def _played(env: PhoneVectorEnv, jobs: Iterator[_Job]) -> Iterator[Played]:
    """A free slot takes the next job; when none is left, it does nothing in episode 0, whose results nobody reads."""
    slots = range(env.num_envs)
    running: list[_Job | None] = [None for _ in slots]
    steps = np.zeros(env.num_envs, dtype=int)
    free = np.ones(env.num_envs, dtype=np.bool_)
    observations: dict[str, Any] = {}
    while True:
        for slot in np.flatnonzero(free):
            running[slot], steps[slot] = next(jobs, None), 0
        if not any(running):
            return
        if free.any():
            seeds = [job.seed if job else 0 for job in running]
            observations, _ = env.reset(seed=seeds, options={"reset_mask": free})
        actions = [
            job.script.act({"elements": observations["elements"][slot]}) if job else '{"action_type":"wait"}'
            for slot, job in enumerate(running)
        ]
        observations, rewards, terminations, truncations, infos = env.step(actions)
        steps += 1
        free = terminations | truncations
        for slot in np.flatnonzero(free):
            job = running[slot]
            if job:
                yield Played(str(infos["task"][slot]), job.seed, job.name, float(rewards[slot]), int(steps[slot]))
