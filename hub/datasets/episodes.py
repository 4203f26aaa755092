"""Episodes played before, as arrays: what a dataset holds, and the transitions in it.

A value of an array space (`Box`, `Discrete`, `MultiDiscrete`, `MultiBinary`) that changes over T steps is one array (T, ...); of a `Dict`
or `Tuple` space it is a dict or tuple of these, as Gymnasium's vector environments stack values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import gymnasium as gym

Path = tuple[str | int, ...]
"""Keys and positions that lead to an array within stacked values; () where they are one array."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfflineEpisode:
    """One episode of T steps.

    Attributes:
        observations: stacked, T + 1 of them: the last one is what the last step led to.
        actions: stacked, T of them.
        rewards: (T,) float64.
        terminations: (T,) bool, whether the task ended in this step: what follows has no value.
        truncations: (T,) bool, whether the episode was cut off in this step, by a time limit: what follows has a value.
        seed: the seed that the episode was reset with; None where nobody knows.

    Raises:
        ValueError: T is 0, or an array is not of the shape or dtype stated.
    """

    observations: Any
    actions: Any
    rewards: np.ndarray
    terminations: np.ndarray
    truncations: np.ndarray
    seed: int | None = None

    def __post_init__(self) -> None:
        for name, dtype in (("rewards", np.float64), ("terminations", np.bool_), ("truncations", np.bool_)):
            array = getattr(self, name)
            if not isinstance(array, np.ndarray) or array.dtype != dtype or array.shape != (self.length,):
                raise ValueError(f"{name} of an episode of {self.length} steps must be a {np.dtype(dtype)} array ({self.length},)")
        if self.length == 0:
            raise ValueError("an episode has at least one step")
        for name, rows in (("observations", self.length + 1), ("actions", self.length)):
            for path, values in leaves(getattr(self, name)):
                if len(values) != rows:
                    where = name + "".join(f"[{key!r}]" for key in path)
                    raise ValueError(f"{where} of an episode of {self.length} steps has {len(values)} rows; it must have {rows}")

    @property
    def length(self) -> int:
        """Number of steps, T."""
        return len(self.rewards)

    @property
    def return_(self) -> float:
        """Undiscounted sum of rewards."""
        return float(self.rewards.sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transitions:
    """Single steps of all episodes, N of them, in order of episode and time.

    Attributes:
        observations: stacked, N of them.
        actions: stacked, N of them.
        rewards: (N,) float64.
        next_observations: stacked, N of them: what each step led to.
        terminations: (N,) bool; where it is set, the next observation has no value.
        truncations: (N,) bool.
    """

    observations: Any
    actions: Any
    rewards: np.ndarray
    next_observations: Any
    terminations: np.ndarray
    truncations: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfflineDataset:
    """Episodes of one environment.

    Attributes:
        name: `namespace/name-vN`.
        env_id: id of the environment; None where the dataset does not tell.
        env_kwargs: keyword arguments it was built with.
        observation_space: of one observation.
        action_space: of one action.
        episodes: in the order they were recorded.
        provenance: what made it and how it is made again (`hub data info` shows it); empty for a dataset that hub did not record.
    """

    name: str
    env_id: str | None
    env_kwargs: Mapping[str, Any]
    observation_space: gym.Space[Any]
    action_space: gym.Space[Any]
    episodes: tuple[OfflineEpisode, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def transitions(self) -> Transitions:
        """Return the steps of all episodes; built anew at each call."""
        episodes = self.episodes
        return Transitions(
            observations=joined([mapped(lambda rows: rows[:-1], episode.observations) for episode in episodes]),
            actions=joined([episode.actions for episode in episodes]),
            rewards=np.concatenate([episode.rewards for episode in episodes]),
            next_observations=joined([mapped(lambda rows: rows[1:], episode.observations) for episode in episodes]),
            terminations=np.concatenate([episode.terminations for episode in episodes]),
            truncations=np.concatenate([episode.truncations for episode in episodes]),
        )


def leaves(values: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the arrays of stacked values with the paths that lead to them, dicts in the order of their sorted keys."""
    if isinstance(values, Mapping):
        for key in sorted(values):
            yield from leaves(values[key], (*path, key))
    elif isinstance(values, tuple):
        for position, inner in enumerate(values):
            yield from leaves(inner, (*path, position))
    else:
        yield path, values


def mapped(function: Callable[[Any], Any], values: Any) -> Any:
    """Return stacked values with `function` applied to each of their arrays."""
    if isinstance(values, Mapping):
        return {key: mapped(function, inner) for key, inner in values.items()}
    if isinstance(values, tuple):
        return tuple(mapped(function, inner) for inner in values)
    return function(values)


def joined(parts: Sequence[Any]) -> Any:
    """Return stacked values one after the other; all parts are built alike."""
    first = parts[0]
    if isinstance(first, Mapping):
        return {key: joined([part[key] for part in parts]) for key in first}
    if isinstance(first, tuple):
        return tuple(joined(inner) for inner in zip(*parts, strict=True))
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    return [value for part in parts for value in part]
