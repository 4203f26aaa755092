"""The leaves of a space: values that stack to one array, or have no fixed form; whether they belong to the space, and if not, why."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

Column = Any
"""The n values of one leaf: an array (n, ...) for a fixed leaf, a list of n values for a free one."""

_FIXED = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)


class MisfitError(Exception):
    """A value does not belong to its space: `row` of the batch, and `reason` in words."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row, self.reason = row, reason


class Players(gym.Space[dict[str, Any]]):
    """What the players still in a parallel game observe or do: any subset of the players, each with a value of its own space."""

    def __init__(self, players: Mapping[str, gym.Space[Any]]) -> None:
        super().__init__()
        self.spaces = dict(players)

    def contains(self, x: Any) -> bool:
        """Return whether every player in `x` is known and its value belongs to that player's space."""
        return isinstance(x, dict) and all(player in self.spaces and self.spaces[player].contains(value) for player, value in x.items())

    def to_jsonable(self, sample_n: Iterable[dict[str, Any]]) -> list[Any]:
        """Return the values as JSON, players in sorted order."""
        return [{player: self.spaces[player].to_jsonable([row[player]]) for player in sorted(row)} for row in sample_n]

    def from_jsonable(self, sample_n: list[Any]) -> list[dict[str, Any]]:
        """Return the values that `to_jsonable` was given."""
        return [{player: self.spaces[player].from_jsonable(value)[0] for player, value in row.items()} for row in sample_n]


class Leaf:
    """One leaf of a space.

    Attributes:
        path: keys and positions that lead to it, () for a space that is a leaf itself.
        name: how messages call it: nothing for the space itself, `['image'][0]` below.
        space: its space.
        fixed: whether its values stack to one array.
        dtype: of a fixed leaf.
        shape: of one value of a fixed leaf.
    """

    def __init__(self, path: tuple[str | int, ...], space: gym.Space[Any]) -> None:
        self.path = path
        self.name = "".join(f"[{key!r}]" for key in path)
        self.space = space
        self.fixed = isinstance(space, _FIXED)
        if self.fixed:
            self.dtype: np.dtype[Any] = np.dtype(space.dtype)
            self.shape: tuple[int, ...] = space.shape or ()
            self._low, self._high = _bounds(space)
            self._bounded = not _spans_dtype(self._low, self._high, self.dtype)
            self._accepted = {self.dtype}

    def stack(self, values: Sequence[Any]) -> Column:
        """Stack n values, or raise `MisfitError` for the first that does not belong."""
        if not self.fixed:
            return self.accept(list(values), len(values))
        try:
            column = np.array(values)
        except ValueError:  # values of different shapes
            column = None
        if column is None or not self._fits(column):
            raise self._misfit(values)
        return column if column.dtype == self.dtype else column.astype(self.dtype)

    def accept(self, column: Any, n: int) -> Column:
        """Take over n stacked values as a copy of the leaf's own dtype, or raise `MisfitError` for the first that does not belong."""
        if not self.fixed:
            values = list(column)
            _check_count(len(values), n, self.name)
            for row, value in enumerate(values):
                if not belongs(self.space, value):
                    raise MisfitError(row, why_not(self.name, self.space, value))
            return values
        array = np.array(column)
        if array.ndim == 0:
            raise MisfitError(0, f"{self.name} is {short(column)}; it must be an array of {n} rows")
        _check_count(len(array), n, self.name)
        if not self._fits(array):
            raise self._misfit(array)
        return array if array.dtype == self.dtype else array.astype(self.dtype)

    def _fits(self, column: np.ndarray) -> bool:
        if column.shape[1:] != self.shape or not self._accepts(column.dtype):
            return False
        # A NaN compares as false with every bound, infinite ones included.
        return not self._bounded or np.count_nonzero((column >= self._low) & (column <= self._high)) == column.size

    def _accepts(self, dtype: np.dtype[Any]) -> bool:
        if dtype in self._accepted:
            return True
        if isinstance(self.space, spaces.Discrete):
            accepted = dtype.kind in "iu"
        elif isinstance(self.space, spaces.MultiBinary):
            accepted = dtype.kind in "biu"
        else:
            accepted = np.can_cast(dtype, self.dtype)
        if accepted:
            self._accepted.add(dtype)
        return accepted

    def _misfit(self, values: Iterable[Any]) -> MisfitError:
        """Name the first row that does not fit, and why."""
        for row, value in enumerate(values):
            try:
                array = np.asarray(value)
            except ValueError:
                return MisfitError(row, f"{self.name} is {short(value)}; it must be an array of shape {self.shape}")
            if not self._fits(array[None]):
                return MisfitError(row, self._reason(array))
        return MisfitError(0, f"{self.name} holds values of several kinds; each must be {self.dtype} of shape {self.shape}")

    def _reason(self, value: np.ndarray) -> str:
        if value.shape != self.shape:
            return f"{self.name} has shape {value.shape}; it must have shape {self.shape}"
        if not self._accepts(value.dtype):
            return f"{self.name} has dtype {value.dtype}; it must be {self.dtype}"
        where = tuple(np.argwhere(~((value >= self._low) & (value <= self._high)))[0])
        place = f" at {list(map(int, where))}" if where else ""
        return f"{self.name} holds {value[where]}{place}; it must be between {self._low[where]} and {self._high[where]}"


def belongs(space: gym.Space[Any], value: Any) -> bool:
    """Whether `space` contains `value`; some spaces raise or warn instead of answering, for values of unexpected kinds."""
    if type(space) is spaces.Text:  # the same question, without Gymnasium's loop over characters: screens come with pages of text
        fits = isinstance(value, str) and space.min_length <= len(value) <= space.max_length
        return fits and space.character_set.issuperset(value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(space.contains(value))
        except Exception:
            return False


def _bounds(space: gym.Space[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest value of a fixed leaf's space, in a type that both fit in."""
    if isinstance(space, spaces.Box):
        return space.low, space.high
    if isinstance(space, spaces.Discrete):
        return np.asarray(space.start), np.asarray(space.start + space.n - 1)
    if isinstance(space, spaces.MultiDiscrete):
        return np.asarray(space.start), np.asarray(space.start + (space.nvec - 1))
    return np.zeros(space.shape or (), np.int8), np.ones(space.shape or (), np.int8)


def _spans_dtype(low: np.ndarray, high: np.ndarray, dtype: np.dtype[Any]) -> bool:
    """Whether every value of the dtype lies within the bounds, so that nothing needs looking at (images)."""
    if dtype.kind not in "iu":
        return False
    limits = np.iinfo(dtype)
    return bool((low == limits.min).all() and (high == limits.max).all())


def _check_count(found: int, n: int, name: str) -> None:
    if found != n:
        raise MisfitError(0, f"{name} has {found} rows; it must have {n}, one for each row of the batch")


def why_not(name: str, space: gym.Space[Any], value: Any) -> str:
    """Say why `value` is not in `space`, as deep down as can be told."""
    if isinstance(space, (spaces.Dict, Players)) and isinstance(value, Mapping):
        unknown = [key for key in value if key not in space.spaces]
        if unknown:
            return f"{name} holds {unknown[0]!r}; its keys must be {', '.join(map(str, space.spaces))}"
        absent = [key for key in space.spaces if key not in value] if isinstance(space, spaces.Dict) else []
        if absent:
            return f"{name} lacks {absent[0]!r}; its keys must be {', '.join(map(str, space.spaces))}"
        wrong = next((key for key in value if not belongs(space.spaces[key], value[key])), None)
        if wrong is not None:
            return why_not(f"{name}[{wrong!r}]", space.spaces[wrong], value[wrong])
    if isinstance(space, spaces.Tuple) and isinstance(value, tuple) and len(value) == len(space.spaces):
        for position, (inner, part) in enumerate(zip(space.spaces, value, strict=True)):
            if not belongs(inner, part):
                return why_not(f"{name}[{position}]", inner, part)
    return _leaf_reason(name, space, value)


def _leaf_reason(name: str, space: gym.Space[Any], value: Any) -> str:
    if isinstance(space, _FIXED):
        try:
            Leaf((), space).stack([value])
        except MisfitError as misfit:
            return name + misfit.reason
    return f"{name} is {short(value)}; it must be in {short(space)}"


def short(value: Any) -> str:
    """Return what `value` looks like on one line of at most 100 characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 100 else text[:97] + "..."
