"""Checks of what `reset` and `step` return, over whole episodes: late faults count as much as early ones."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gymnasium import Space, spaces

from hub.checking.actions import Corners
from hub.checking.leaves import arrays
from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough
from hub.checking.verdicts import FaultError, NotApplicableError


def observations_in_space(subject: Subject) -> None:
    """Every observation of whole episodes lies in the observation space, with its shape and without NaN or infinity."""

    def look(playthrough: Playthrough) -> None:
        for key, space, value in parts(playthrough, "observation"):
            require_member(space, value, playthrough.where(key))

    _play(subject, look)


def observation_types(subject: Subject) -> None:
    """Every array of an observation has exactly its space's dtype, so that stacking converts nothing."""

    def look(playthrough: Playthrough) -> None:
        for key, space, value in parts(playthrough, "observation"):
            for path, part, leaf in _array_spaces(space, value, key):
                if not isinstance(leaf, np.ndarray) or leaf.dtype != part.dtype:
                    got = f"{leaf.dtype} array" if isinstance(leaf, np.ndarray) else type(leaf).__name__
                    raise FaultError(
                        f"the observation is a {got}", where=playthrough.where(path), right=f"a {part.dtype} array, as the space says"
                    )

    _play(subject, look)


def rewards_are_numbers(subject: Subject) -> None:
    """Every reward is a finite real number."""

    def look(playthrough: Playthrough) -> None:
        for key, _, value in parts(playthrough, "reward"):
            if not isinstance(value, numbers.Real):
                raise FaultError(f"the reward is a {type(value).__name__}: {value!r}", where=playthrough.where(key), right="a float")
            if not math.isfinite(value):
                raise FaultError(f"the reward is {value!r}", where=playthrough.where(key), right="a finite number")

    _play(subject, look)


def ends_are_bools(subject: Subject) -> None:
    """Terminated and truncated are bools."""

    def look(playthrough: Playthrough) -> None:
        for name in ("terminated", "truncated"):
            for key, _, value in parts(playthrough, name):
                if not isinstance(value, bool | np.bool_):
                    raise FaultError(f"{name} is a {type(value).__name__}: {value!r}", where=playthrough.where(key), right="True or False")

    _play(subject, look)


def infos_are_dicts(subject: Subject) -> None:
    """Every info is a dict with text keys."""

    def look(playthrough: Playthrough) -> None:
        for key, _, value in parts(playthrough, "info"):
            if not isinstance(value, dict):
                raise FaultError(f"info is a {type(value).__name__}", where=playthrough.where(key), right="a dict")
            odd = [name for name in value if not isinstance(name, str)]
            if odd:
                raise FaultError(f"info has the key {odd[0]!r}", where=playthrough.where(key), right="text keys")

    _play(subject, look)


def extreme_actions(subject: Subject) -> None:
    """Keeping to the lowest or highest action the space allows leaves observations in their space and rewards finite."""

    def look(playthrough: Playthrough) -> None:
        for key, space, value in parts(playthrough, "observation"):
            require_member(space, value, f"{playthrough.where(key)}, always the {end} action")
        for key, _, value in parts(playthrough, "reward"):
            if isinstance(value, float | np.floating) and not math.isfinite(value):
                raise FaultError(
                    f"the reward is {value!r}", where=f"{playthrough.where(key)}, always the {end} action", right="a finite number"
                )

    subject.require_playable()
    with subject.opened() as env:
        for end in ("low", "high"):
            seed = subject.plan.seed
            Playthrough(env, seed=seed, actions=Corners(env, seed, end)).finish(subject.plan.steps, after=look)


def time_limit(subject: Subject) -> None:
    """An episode that reaches the registered time limit ends there, truncated and not terminated."""
    with subject.opened() as env:
        limit = getattr(getattr(env, "spec", None), "max_episode_steps", None)
    if limit is None:
        raise NotApplicableError("no time limit is registered")
    if limit > 20 * subject.plan.steps:
        raise NotApplicableError(f"the time limit of {limit} steps is out of reach; raise --steps")
    subject.require_playable()
    reached = terminated = 0
    with subject.opened() as env:
        for index in range(subject.plan.episodes):
            playthrough = Playthrough(env, index=index, seed=subject.plan.seed + index)
            playthrough.finish(limit)
            if not playthrough.over:
                raise FaultError(
                    f"the episode goes on after {limit} steps",
                    where=playthrough.where(),
                    right=f"truncated at step {limit}, the registered limit",
                )
            if playthrough.transcript.length == limit:
                reached += 1
                terminated += any(bool(value) for _, _, value in parts(playthrough, "terminated"))
    if not reached:
        raise NotApplicableError(f"no random episode lasted to the limit of {limit} steps")
    if reached == terminated and reached >= 2:
        raise FaultError(
            f"all {reached} episodes that reached the limit were terminated there",
            where=f"step {limit}, terminated",
            right="only truncated is True: the task went on",
        )


def require_member(space: Space[Any], value: Any, where: str) -> None:
    """Raise `FaultError` unless `value` lies in `space` and is finite; says in which way it does not."""
    for key, array in arrays(value):
        if np.issubdtype(array.dtype, np.inexact) and not np.isfinite(array).all():
            raise FaultError(
                f"the observation holds {'NaN' if np.isnan(array).any() else 'infinity'}", where=where + key, right="finite numbers"
            )
    if not space.contains(value):
        raise FaultError(
            f"the observation is outside its space: {_misfit(space, value)}", where=where, right=f"an element of {_short(space)}"
        )


def parts(playthrough: Playthrough, name: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield (key, space, value) of what was returned last under `name`: one for each player of a parallel environment.

    The space is that of the observation; it means nothing for the other names.
    """
    names = ("observation", "info") if len(playthrough.returned) == 2 else ("observation", "reward", "terminated", "truncated", "info")
    if name not in names:
        return
    value = playthrough.returned[names.index(name)]
    env = playthrough.env
    if not hasattr(env, "possible_agents"):
        yield name, env.observation_space, value
        return
    if not isinstance(value, dict):
        raise FaultError(f"{name} is a {type(value).__name__}", where=playthrough.where(), right="a dict with an entry for each player")
    for player, own in value.items():
        if player in env.possible_agents:
            yield f"{name}[{player!r}]", env.observation_space(player), own


def _play(subject: Subject, look: Callable[[Playthrough], None]) -> None:
    subject.require_playable()
    with subject.opened() as env:
        subject.play_whole(env, after=look)


def _array_spaces(space: Space[Any], value: Any, path: str) -> Iterator[tuple[str, Space[Any], Any]]:
    """Yield the array leaves that `space` promises, with their spaces."""
    if isinstance(space, spaces.Dict) and isinstance(value, dict):
        for key, part in space.items():
            yield from _array_spaces(part, value.get(key), f"{path}[{key!r}]")
    elif isinstance(space, spaces.Tuple) and isinstance(value, tuple):
        for index, (part, own) in enumerate(zip(space, value, strict=False)):
            yield from _array_spaces(part, own, f"{path}[{index}]")
    elif isinstance(space, spaces.Box | spaces.MultiBinary | spaces.MultiDiscrete):
        yield path, space, value


def _misfit(space: Space[Any], value: Any) -> str:
    if isinstance(space, spaces.Dict) and isinstance(value, dict):
        return _misfit_in_dict(space, value)
    if not isinstance(space, spaces.Box | spaces.MultiBinary | spaces.MultiDiscrete):
        return _short(value)
    if not isinstance(value, np.ndarray):
        return f"a {type(value).__name__}, not an array"
    if value.shape != space.shape:
        return f"shape {value.shape} instead of {space.shape}"
    if isinstance(space, spaces.Box) and np.can_cast(value.dtype, space.dtype):
        index = tuple(int(axis[0]) for axis in np.nonzero((value < space.low) | (value > space.high)))
        return f"element {index} is {value[index]!r}, bounds {space.low[index]!r} to {space.high[index]!r}"
    return f"{_short(value)} of dtype {value.dtype}"


def _misfit_in_dict(space: spaces.Dict, value: dict[str, Any]) -> str:
    if value.keys() != space.keys():
        return f"keys {sorted(map(str, value))} instead of {sorted(map(str, space.keys()))}"
    return next((f"[{key!r}] {_misfit(part, value[key])}" for key, part in space.items() if not part.contains(value[key])), "")


def _short(value: Any, limit: int = 160) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
