"""Checks of the observation and action spaces themselves."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from gymnasium import Space, spaces
from gymnasium.utils.passive_env_checker import check_action_space, check_observation_space

from hub.checking.subjects import Subject
from hub.checking.verdicts import FaultError, one_line


def spaces_are_sound(subject: Subject) -> str | None:
    """Observation and action spaces are Gymnasium spaces that contain their own samples."""
    advice: list[str] = []
    with subject.opened() as env:
        for key, space in named_spaces(env):
            if not isinstance(space, Space):
                raise FaultError(f"the {key} is a {type(space).__name__}", where=key, right="a gymnasium.Space")
            _require_sound(key, space)
            advice += [f"{key}: {remark}" for remark in _remarks(space)]
    return "; ".join(dict.fromkeys(advice)) or None


def spaces_equal_everywhere(subject: Subject) -> None:
    """Every instance has the same spaces."""
    with subject.opened() as one, subject.opened() as other:
        one.reset(seed=subject.plan.seed)
        for (key, left), (_, right) in zip(named_spaces(one), named_spaces(other), strict=True):
            if left != right:
                raise FaultError(
                    f"two instances have different spaces: {left} and {right}", where=key, right="spaces that depend on the arguments alone"
                )


def spaces_stay(subject: Subject) -> None:
    """Playing changes neither the spaces nor the state of their generators."""
    with subject.opened() as env:
        before = []
        for key, space in named_spaces(env):
            space.seed(subject.plan.seed)
            before.append((key, copy.deepcopy(space)))
        subject.play_sketch(env)
        for (key, old), (_, new) in zip(before, named_spaces(env), strict=True):
            if old != new:
                raise FaultError(f"the space was {old} and is now {new}", where=key, right="spaces are fixed when the environment is built")
            if _sample_bytes(copy.deepcopy(old)) != _sample_bytes(copy.deepcopy(new)):
                raise FaultError(
                    "the space's own generator was advanced or seeded while playing",
                    where=key,
                    right="the environment draws from self.np_random; the space belongs to its user",
                )


def spaces_pickle(subject: Subject) -> None:
    """The spaces survive pickling, which workers and checkpoints need."""
    with subject.opened() as env:
        for key, space in named_spaces(env):
            try:
                again = pickle.loads(pickle.dumps(space))  # noqa: S301
            except Exception as error:
                raise FaultError(f"pickling the space raised {one_line(error)}", where=key, right="a space of plain values") from error
            if again != space:
                raise FaultError("the space is another one after pickling", where=key, right="a space of plain values")


def named_spaces(env: Any) -> Iterator[tuple[str, Any]]:
    """Yield the spaces of a Gymnasium or PettingZoo environment with their names."""
    if hasattr(env, "possible_agents"):
        for player in env.possible_agents:
            yield f"observation space of {player}", env.observation_space(player)
            yield f"action space of {player}", env.action_space(player)
    else:
        yield "observation space", env.observation_space
        yield "action space", env.action_space


def _require_sound(key: str, space: Space[Any]) -> None:
    check = check_action_space if key.startswith("action") else check_observation_space
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check(space)
        except Exception as error:
            raise FaultError(
                f"the space is malformed: {one_line(error)}", where=key, right="low < high, positive sizes, bounds shaped like the space"
            ) from error
    own = copy.deepcopy(space)
    own.seed(0)
    for _ in range(20):
        sample = own.sample()
        if not own.contains(sample):
            raise FaultError(
                f"the space does not contain its own sample {sample!r}", where=key, right="a space that contains what it samples"
            )


def _remarks(space: Any) -> Iterator[str]:
    """Yield what is allowed but seldom meant."""
    match space:
        case spaces.Box():
            if not space.is_bounded("both"):
                yield "unbounded, so out-of-range values cannot be found"
            if 0 in space.shape or np.any(space.low == space.high):
                yield "an element can take one value only"
        case spaces.Discrete() if space.n == 1:
            yield "only one element"
        case spaces.Dict():
            for part in space.values():
                yield from _remarks(part)
        case spaces.Tuple():
            for part in space:
                yield from _remarks(part)


def _sample_bytes(space: Space[Any]) -> bytes:
    from hub.checking.leaves import fingerprints

    return b"".join(fingerprints(tuple(space.sample() for _ in range(3)), "").values())
