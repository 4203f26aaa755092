"""Checks that what an environment returns belongs to the caller, and what it is given stays the caller's."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from hub.checking.leaves import arrays, fingerprints, first_difference
from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough, place, require_equal
from hub.checking.verdicts import FaultError, NotApplicableError


def returned_values_stay(subject: Subject) -> None:
    """Observations and infos returned earlier do not change when the environment goes on."""
    kept: list[tuple[str, int, int, Any, dict[str, bytes]]] = []

    def look(playthrough: Playthrough) -> None:
        at = (playthrough.transcript.index, playthrough.transcript.length)
        for name, value in (("observation", playthrough.observation), ("info", playthrough.info)):
            kept.append((name, *at, value, fingerprints(value, name)))

    with subject.opened() as env:
        subject.play_sketch(env, after=look)
    for name, index, step, value, before in kept:
        key = first_difference(before, fingerprints(value, name))
        if key is not None:
            raise FaultError(
                f"the {name} returned here changed later", where=place(index, step, key), right="a new object (a copy) at every call"
            )


def returned_arrays_detached(subject: Subject) -> None:
    """Writing into a returned observation or info does not change the episode."""
    written = 0

    def scribble(playthrough: Playthrough) -> None:
        nonlocal written
        written += _scribble(playthrough.observation) + _scribble(playthrough.info)

    with subject.opened() as env:
        got = []
        for one in subject.sketch:
            playthrough = Playthrough(env, index=one.index, seed=one.seed or 0)
            while not playthrough.over and playthrough.transcript.length < subject.plan.short:
                action = playthrough.actions.choose(playthrough.observation, playthrough.info)
                scribble(playthrough)
                playthrough.take(action)
            got.append(playthrough.transcript)
    if not written:
        raise NotApplicableError("nothing that is returned can be written into")
    require_equal(
        subject.sketch,
        got,
        "writing into what was returned before changed the episode",
        "return copies of arrays that the environment keeps",
    )


def actions_not_modified(subject: Subject) -> None:
    """Step leaves the action it is given as it was."""
    with subject.opened() as env:
        for one in subject.sketch:
            playthrough = Playthrough(env, index=one.index, seed=one.seed or 0)
            while not playthrough.over and playthrough.transcript.length < subject.plan.short:
                action = playthrough.actions.choose(playthrough.observation, playthrough.info)
                before = fingerprints(action, "action")
                playthrough.take(action)
                key = first_difference(before, fingerprints(action, "action"))
                if key is not None:
                    raise FaultError("step changed the action it was given", where=playthrough.where(key), right="clip and scale a copy")


def actions_detached(subject: Subject) -> None:
    """Changing an action after step does not change the steps that follow."""
    written = 0

    def scribble(playthrough: Playthrough) -> None:
        nonlocal written
        if playthrough.transcript.length:
            written += _scribble(playthrough.action)

    with subject.opened() as env:
        got = subject.play_sketch(env, after=scribble)
    if not written:
        raise NotApplicableError("actions cannot be written into")
    require_equal(
        subject.sketch, got, "changing an action after it was taken changed a later step", "keep a copy of an action that is needed later"
    )


def _scribble(value: Any) -> int:
    """Overwrite every writable array in `value` and return how many there were."""
    written = 0
    for _, array in arrays(value):
        if array.flags.writeable and array.size and array.dtype.kind in "biufc":
            garbage = copy.copy(array)
            array[...] = np.where(garbage == 0, 1, 0).astype(array.dtype)
            written += 1
    return written
