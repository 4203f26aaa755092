"""Checks that an environment leaves the process's global random generators alone."""

from __future__ import annotations

import contextlib
import functools
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough, difference, require_equal
from hub.checking.verdicts import FaultError, NotApplicableError

RIGHT = "draw from self.np_random, which reset(seed=...) seeds"


def global_random_not_read(subject: Subject) -> None:
    """Episodes do not change with the state of random, numpy.random or torch's global generators."""
    got = []
    for seed in (1, 1, 2):
        with kept_global_state():
            seed_globals(seed)
            with subject.opened() as env:
                got.append(subject.play_sketch(env, after=functools.partial(_reseed, seed)))
    if difference(got[0], got[1]) is not None:
        raise NotApplicableError("the environment does not repeat its episodes even with equal global generators")
    require_equal(got[0], got[2], "the episode depends on a global random generator", RIGHT)


def global_random_not_written(subject: Subject) -> None:
    """Building, resetting and stepping leave the global random generators as they were."""
    with kept_global_state():
        seed_globals(12345)
        before = global_states()
        with subject.opened() as env:
            _require_untouched(before, "while it was built")
            subject.play_sketch(env, after=lambda playthrough: _require_untouched(before, playthrough.where()))
        _require_untouched(before, "while it was closed")


def _require_untouched(before: dict[str, bytes], where: str) -> None:
    for name, state in global_states().items():
        if state != before[name]:
            raise FaultError(f"the global generator of {name} was advanced or seeded", where=where, right=RIGHT)


def global_states() -> dict[str, bytes]:
    """Fingerprints of the global generators."""
    name, keys, position, *rest = np.random.get_state()
    states = {"random": repr(random.getstate()).encode(), "numpy.random": f"{name}{position}{rest}".encode() + np.asarray(keys).tobytes()}
    if "torch" in sys.modules:
        states["torch"] = sys.modules["torch"].random.get_rng_state().numpy().tobytes()
    return states


def _reseed(seed: int, _: Playthrough) -> None:
    seed_globals(seed)


def seed_globals(seed: int) -> None:
    """Seed the global generators."""
    random.seed(seed)
    np.random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


@contextlib.contextmanager
def kept_global_state() -> Iterator[None]:
    """Put the global generators back at the end."""
    restore: list[tuple[Callable[[Any], Any], Any]] = [(random.setstate, random.getstate()), (np.random.set_state, np.random.get_state())]
    if "torch" in sys.modules:
        generator = sys.modules["torch"].random
        restore.append((generator.set_rng_state, generator.get_rng_state()))
    try:
        yield
    finally:
        for put, state in restore:
            put(state)
