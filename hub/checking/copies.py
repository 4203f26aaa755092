"""Checks that copies and saved states of an environment in mid-episode go on as the original would."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

from gymnasium.vector.utils import CloudpickleWrapper

from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough, difference, require_equal
from hub.checking.verdicts import FaultError, NotApplicableError, one_line

PAIRS = (
    ("get_state", "set_state"),
    ("save_state", "load_state"),
    ("save_state", "restore_state"),
    ("clone_state", "restore_state"),
    ("state_dict", "load_state_dict"),
    ("save", "restore"),
)
"""Names under which environments offer their state: a getter without arguments and a setter with one."""

START = 5


def pickled_copy_goes_on(subject: Subject) -> None:
    """A pickled environment goes on exactly where the original stood, or starts over exactly after a reset.

    An environment that cannot be pickled is not at fault: workers build their own (see `spawned_process_agrees`).
    """

    def clone(env: Any) -> Any:
        # as Gymnasium's workers pickle
        return pickle.loads(pickle.dumps(CloudpickleWrapper(env))).fn  # noqa: S301

    _copy_goes_on(subject, clone, "pickled")


def deep_copy_goes_on(subject: Subject) -> None:
    """A deep copy, as planners make it, goes on exactly where the original stood and leaves the original alone."""
    _copy_goes_on(subject, copy.deepcopy, "deep")


def saved_state_restores(subject: Subject) -> None:
    """Where the environment offers its state, putting a saved one back repeats what followed."""
    with subject.opened() as env:
        save, restore = _state_methods(env.unwrapped)
        playthrough = _underway(subject, env)
        state = save()
        twin = playthrough.fork(env)
        first = playthrough.finish(subject.plan.short)
        restore(state)
        second = twin.finish(first.length)
    where = difference([first], [second])
    if where is not None and not where.endswith("truncated"):
        raise FaultError(
            "after the saved state was put back, the same actions gave another episode",
            where=where,
            right="the state holds everything, generator included",
        )


def _copy_goes_on(subject: Subject, clone: Callable[[Any], Any], word: str) -> None:
    with subject.opened() as env:
        playthrough = _underway(subject, env)
        try:
            copied = clone(env)
        except Exception as error:
            raise NotApplicableError(f"the environment makes no {word} copies: {one_line(error, 120)}") from None
        twin = playthrough.fork(copied)
        expected = subject.sketch[:1]
        try:
            twin.finish(subject.plan.short)
        except FaultError:
            twin = Playthrough(copied, seed=subject.plan.seed)
            twin.finish(subject.plan.short)
        original = playthrough.finish(subject.plan.short)
        copied.close()
    require_equal(expected, [original], f"stepping a {word} copy changed the original", "the copy shares nothing with the original")
    require_equal(
        expected,
        [twin.transcript],
        f"a {word} copy went on differently",
        "the copy holds everything, generator included; or it refuses to step before a reset",
    )


def _underway(subject: Subject, env: Any) -> Playthrough:
    playthrough = Playthrough(env, seed=subject.plan.seed)
    for _ in range(min(START, subject.sketch[0].length - 1)):
        playthrough.step()
    if playthrough.over or playthrough.transcript.length == 0:
        raise NotApplicableError("episodes are too short to stop in the middle")
    return playthrough


def _state_methods(env: Any) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    for getter, setter in PAIRS:
        save, restore = getattr(env, getter, None), getattr(env, setter, None)
        if callable(save) and callable(restore) and _required(save) == 0 and _required(restore) == 1:
            return save, restore
    raise NotApplicableError("the environment offers no saved states (get_state and set_state)")


def _required(function: Callable[..., Any]) -> int:
    """Count the positional arguments that `function` cannot do without."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return -1
    return sum(one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) for one in parameters)
