"""How values of a Gymnasium space lie in a batch: its leaves, their stacking, and whether they belong to the space.

A space is a tree of `Dict` and `Tuple` with **leaves** below. A leaf is *fixed* when its values are arrays of one dtype and shape (`Box`,
`Discrete`, `MultiDiscrete`, `MultiBinary`) and stack to one array (n, ...); any other leaf (`Text`, `Sequence`, `Graph`, `OneOf`, your
own) is *free* and stacks to a list of n values. The stacked forms handed out are Gymnasium's (`gymnasium.vector.utils.batch_space`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from hub.running.worlds.leaves import Column, Leaf, MisfitError, Players, belongs, short, why_not

__all__ = ["Column", "Layout", "place", "take"]


class Layout:
    """The leaves of a space in a fixed order (sorted keys), and the ways between values, columns and stacked batches."""

    def __init__(self, space: gym.Space[Any]) -> None:
        self.space = space
        self.leaves = list(_leaves(space, ()))
        self.fixed = all(leaf.fixed for leaf in self.leaves)
        self._simple = not self.leaves[0].path if self.leaves else False

    def stack(self, values: Sequence[Any]) -> list[Column]:
        """Return one column a leaf for n values of the space; raise `MisfitError` for the first that does not belong to it."""
        if self._simple:
            return [self.leaves[0].stack(values)]
        columns = []
        for leaf in self.leaves:
            try:
                column = [_follow(value, leaf.path) for value in values]
            except (KeyError, IndexError, TypeError):
                break
            columns.append(leaf.stack(column))
        else:
            if self._shaped(values):
                return columns
        row = next((row for row, value in enumerate(values) if not belongs(self.space, value)), 0)
        raise MisfitError(row, why_not("", self.space, values[row]))

    def accept(self, batch: Any, n: int) -> list[Column]:
        """Return copies of the columns of a stacked batch of n values; raise `MisfitError` for the first row that does not belong."""
        try:
            parts = [_follow(batch, leaf.path) for leaf in self.leaves]
        except (KeyError, IndexError, TypeError):
            raise MisfitError(0, f" is {short(batch)}; it must be stacked values of {self.space}") from None
        return [leaf.accept(part, n) for leaf, part in zip(self.leaves, parts, strict=True)]

    def join(self, columns: Sequence[Column]) -> Any:
        """Return the stacked batch as Gymnasium's vector environments give it (a list of dicts for `Players`)."""
        if self._simple:
            return self._joined(self.leaves[0], columns[0])
        parts = (self._joined(leaf, column) for leaf, column in zip(self.leaves, columns, strict=True))
        return _assemble(self.space, parts)

    def rows(self, columns: Sequence[Column]) -> Iterable[Any]:
        """Return the n single values."""
        if self._simple:
            return columns[0]  # type: ignore[no-any-return]
        return (_assemble(self.space, iter(parts)) for parts in zip(*columns, strict=True))

    def _shaped(self, values: Sequence[Any]) -> bool:
        """Whether the containers hold nothing that no leaf looked at."""
        return all(_same_tree(self.space, value) for value in values)

    @staticmethod
    def _joined(leaf: Leaf, column: Column) -> Any:
        return column if leaf.fixed or isinstance(leaf.space, Players) else tuple(column)


def take(columns: Sequence[Column], rows: np.ndarray) -> list[Column]:
    """Return the given rows of every column."""
    return [column[rows] if isinstance(column, np.ndarray) else [column[row] for row in rows] for column in columns]


def place(columns: Sequence[Column], rows: np.ndarray, others: Sequence[Column]) -> None:
    """Overwrite the given rows of every column by the rows of `others`, in place."""
    for column, other in zip(columns, others, strict=True):
        if isinstance(column, np.ndarray):
            column[rows] = other
        else:
            for row, value in zip(rows, other, strict=True):
                column[row] = value


def _leaves(space: gym.Space[Any], path: tuple[str | int, ...]) -> Iterator[Leaf]:
    for key, inner in _children(space):
        yield from _leaves(inner, (*path, key))
    if not isinstance(space, (spaces.Dict, spaces.Tuple)):
        yield Leaf(path, space)


def _children(space: gym.Space[Any]) -> Iterable[tuple[Any, gym.Space[Any]]]:
    if isinstance(space, spaces.Dict):
        return sorted(space.spaces.items(), key=lambda item: str(item[0]))
    if isinstance(space, spaces.Tuple):
        return enumerate(space.spaces)
    return ()


def _assemble(space: gym.Space[Any], parts: Iterator[Any]) -> Any:
    if isinstance(space, spaces.Dict):
        built = {key: _assemble(inner, parts) for key, inner in _children(space)}
        return {key: built[key] for key in space.spaces}
    if isinstance(space, spaces.Tuple):
        return tuple(_assemble(inner, parts) for inner in space.spaces)
    return next(parts)


def _follow(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _same_tree(space: gym.Space[Any], value: Any) -> bool:
    if isinstance(space, spaces.Dict):
        return (
            isinstance(value, Mapping)
            and value.keys() == space.spaces.keys()
            and all(_same_tree(space[key], value[key]) for key in space.spaces)
        )
    if isinstance(space, spaces.Tuple):
        return len(value) == len(space.spaces) and all(map(_same_tree, space.spaces, value))
    return True
