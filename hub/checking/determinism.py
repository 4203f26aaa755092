"""Checks that an episode is decided by its seed and its actions, and by nothing else."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from hub.checking.actions import Actions
from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough, Transcript, difference, play, require_equal
from hub.checking.verdicts import FaultError, NotApplicableError

RIGHT = "all randomness comes from reset(seed=...) through self.np_random"


def same_seed_same_episode(subject: Subject) -> None:
    """Two instances give the same whole episodes for the same seeds and actions."""
    subject.require_playable()
    with subject.opened() as env:
        again = subject.play_whole(env)
    both = min(len(again), len(subject.reference))
    require_equal(
        subject.reference[:both], again[:both], "a second instance played a different episode from the same seed and actions", RIGHT
    )


def reset_forgets(subject: Subject) -> None:
    """An episode does not depend on the episodes played before it in the same instance."""
    seeds = subject.seeds
    with subject.opened() as env:
        backwards = play(env, seeds[::-1], subject.plan.steps)[::-1]
    for expected, got in zip(subject.reference, backwards, strict=True):
        got.index = expected.index
    require_equal(
        subject.reference,
        backwards,
        "played after other episodes, the same seed and actions gave a different episode",
        "reset clears everything",
    )


def reset_in_mid_episode(subject: Subject) -> None:
    """A reset in the middle of an episode starts the next one as if nothing had happened."""
    subject.require_playable()
    with subject.opened() as env:
        Playthrough(env, seed=subject.plan.seed + 1000).finish(7)
        got = subject.play_sketch(env)
    require_equal(subject.sketch, got, "a reset after 7 steps started a different episode", "reset clears everything, whenever it comes")


def step_after_end(subject: Subject) -> None:
    """Steps after the end are refused or harmless: the next reset starts a clean episode."""
    subject.require_playable()
    with subject.opened() as env:
        playthrough = Playthrough(env, seed=subject.plan.seed)
        playthrough.finish(subject.plan.steps)
        if not playthrough.over:
            raise NotApplicableError(f"no episode ended within {subject.plan.steps} steps")
        for _ in range(3):
            try:
                playthrough.step()
            except FaultError:
                break
        got = subject.play_sketch(env)
    require_equal(
        subject.sketch,
        got,
        "after steps beyond the end of an episode, the next one differs",
        "step after the end raises, or changes nothing that reset does not clear",
    )


def seeds_differ(subject: Subject) -> str | None:
    """Different seeds give different episodes."""
    if _ignores_seeds(subject):
        return "every seed gives the same episode under the same actions; right only for an environment without any randomness"
    return None


def unseeded_resets_go_on(subject: Subject) -> None:
    """reset() without a seed goes on with the seeded random stream: new episodes, the same in every instance."""
    if _ignores_seeds(subject):
        raise NotApplicableError("the environment has no randomness")
    first, second = _after_seed(subject), _after_seed(subject)
    where = difference(first, second)
    if where is not None:
        raise FaultError(
            "reset(seed=s) and then reset() gave different episodes in two instances",
            where=where,
            right="reset() draws on from the generator that the last seed set up",
        )
    seeded, *rest = first
    if all(difference([seeded], [one]) is None for one in rest):
        raise FaultError(
            "reset() without a seed repeats the seeded episode",
            where="episodes 1 to 4",
            right="reset(seed=None) leaves the generator alone and draws on",
        )


def unseeded_instances_differ(subject: Subject) -> None:
    """Instances that never got a seed do not all play the same episodes."""
    if _ignores_seeds(subject):
        raise NotApplicableError("the environment has no randomness")
    sets = []
    for _ in range(2):
        with subject.opened() as env:
            sets.append([Playthrough(env, index=index, unseeded=True).finish(subject.plan.short) for index in range(3)])
    if difference(sets[0], sets[1]) is None:
        raise FaultError(
            "two instances that were never seeded played identical episodes",
            where="episodes 0 to 2",
            right="seed defaults to None, and then the operating system gives the randomness",
        )


def instances_independent(subject: Subject) -> None:
    """Two instances in one process do not influence each other."""
    with subject.opened() as env, subject.opened() as other:
        got = []
        for one in subject.sketch:
            mine, theirs = (
                Playthrough(env, index=one.index, seed=one.seed or 0),
                Playthrough(other, seed=subject.plan.seed + 500 + one.index),
            )
            for _ in range(subject.plan.short):
                if not theirs.over:
                    theirs.step()
                if not mine.over:
                    mine.step()
            got.append(mine.transcript)
    require_equal(
        subject.sketch, got, "an episode changed because another instance was playing beside it", "no state in the class or module"
    )


def independent_of_clock(subject: Subject) -> None:
    """An episode does not depend on the time of day or on how long a step takes."""
    clock = _LeapingClock()
    with clock.installed(), subject.opened() as env:
        got = subject.play_sketch(env, after=lambda _: clock.leap())
    with subject.opened() as env:
        calm = subject.play_sketch(env)
    if difference(subject.sketch, calm) is not None:
        raise NotApplicableError("the environment does not repeat its episodes even at the usual clock")
    require_equal(subject.sketch, got, "an hour between two steps changed the episode", "time in an environment is counted in steps")


class _LeapingClock:
    """Python's clocks, which go an hour ahead at every `leap`; within a step they run as usual."""

    NAMES = ("time", "monotonic", "perf_counter")

    def __init__(self) -> None:
        self.ahead = 0.0

    def leap(self) -> None:
        self.ahead += 3600.0

    def installed(self) -> AbstractContextManager[Any]:
        real = {name: getattr(time, name) for name in self.NAMES} | {f"{name}_ns": getattr(time, f"{name}_ns") for name in self.NAMES}
        seconds = {name: lambda read=real[name]: read() + self.ahead for name in self.NAMES}
        nanoseconds = {f"{name}_ns": lambda read=real[f"{name}_ns"]: read() + int(self.ahead * 1e9) for name in self.NAMES}
        return mock.patch.dict(vars(time), seconds | nanoseconds)


def _ignores_seeds(subject: Subject) -> bool:
    """Whether other seeds change nothing when the actions stay the same."""
    subject.require_playable()
    with subject.opened() as env:
        base = Playthrough(env, seed=subject.plan.seed).finish(subject.plan.short)
        return all(_with_seed(env, subject, subject.plan.seed + offset).moments == base.moments for offset in range(1, 6))


def _with_seed(env: object, subject: Subject, seed: int) -> Transcript:
    return Playthrough(env, seed=seed, actions=Actions(env, subject.plan.seed)).finish(subject.plan.short)


def _after_seed(subject: Subject) -> list[Transcript]:
    seed = subject.plan.seed
    with subject.opened() as env:
        episodes = [Playthrough(env, seed=seed).finish(subject.plan.short)]
        for index in range(1, 5):
            episodes.append(Playthrough(env, index=index, unseeded=True, actions=Actions(env, seed)).finish(subject.plan.short))
    return episodes
