"""Which counts of arms of each cost the workers can carry: a table, built by adding one worker after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.capacity.packing import Packing
from hub_envs.cormab.classes import EntryClasses

TABLE_WORK = 500_000_000
"""Most table cells looked at while the table is built (a second or two); above it counts are packed one by one."""

NEVER = -(2**30)
"""In the table: the other counts alone are too much."""

MEMORY = 100_000
"""Count vectors whose answer is kept, where there is no table."""


@dataclass(frozen=True, eq=False)
class CapacityClasses(EntryClasses):
    """Classes of arms of equal cost, under the capacities of workers.

    The set of feasible counts is downward closed, so one number a cell tells it: for all costs but one (`deep`) the cell's place says how
    many arms are pulled, and the cell says how many of cost `deep` go with them. A further worker who can carry pattern p adds to a cell
    at x what the table holds at max(x - p, 0), plus p's own arms of cost `deep`; the best pattern counts.

    Attributes:
        packing: the workers, and the costs of the classes.
    """

    packing: Packing

    @cached_property
    def most(self) -> NDArray[np.int64]:
        """Most arms of each class that could be pulled if the others were left alone, (C,)."""
        apiece = self.packing.capacities[:, None] // self.packing.costs
        most: NDArray[np.int64] = np.minimum(self.sizes, apiece.sum(axis=0))
        return most

    @cached_property
    def deep(self) -> int:
        """The class that has no axis in the table: the one that can be pulled most."""
        return int(self.most.argmax())

    @cached_property
    def table(self) -> NDArray[np.int64] | None:
        """For every count of the other classes, 0..most along an axis each, the most of class `deep`, or `NEVER`; None when too large."""
        shape = np.delete(self.most, self.deep) + 1
        patterns = self.packing.patterns
        if patterns is None:
            return None
        work = sum(len(workers) * len(listed) for workers, listed in zip(self.packing.hosts, patterns, strict=True))
        if work * np.prod(shape, dtype=np.float64) > TABLE_WORK:
            return None
        table = np.full(shape, NEVER, dtype=np.int64)
        table[(0,) * table.ndim] = 0
        for workers, listed in zip(self.packing.hosts, patterns, strict=True):
            for _ in workers:
                table = self._with_worker(table, listed)
        np.minimum(table, self.most[self.deep], out=table)
        return table

    def _with_worker(self, table: NDArray[np.int64], patterns: NDArray[np.int64]) -> NDArray[np.int64]:
        axes = np.delete(patterns, self.deep, axis=1)
        best = np.full_like(table, NEVER)
        for others, own in zip(axes, patterns[:, self.deep], strict=True):
            before = [np.maximum(np.arange(size) - taken, 0) for size, taken in zip(table.shape, others, strict=True)]
            np.maximum(best, table[np.ix_(*before)] + own, out=best)
        return best

    def fits(self, counts: NDArray[Any]) -> NDArray[np.bool_]:
        """Say for each count vector of `counts` (n, C) whether the workers can carry the arms; (n,)."""
        whole = np.asarray(counts, dtype=np.int64)
        if self.table is None:
            return self._packed(whole)
        possible = (whole <= self.most).all(axis=1)
        place = tuple(np.delete(np.minimum(whole, self.most), self.deep, axis=1).T)
        fits: NDArray[np.bool_] = possible & (whole[:, self.deep] <= self.table[place])
        return fits

    @cached_property
    def _answers(self) -> dict[bytes, bool]:
        return {}

    def _packed(self, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
        distinct, inverse = np.unique(counts, axis=0, return_inverse=True)
        if len(self._answers) > MEMORY:
            self._answers.clear()
        fits = np.zeros(len(distinct), dtype=np.bool_)
        for row, vector in enumerate(distinct):
            key = vector.tobytes()
            if key not in self._answers:
                self._answers[key] = self.packing.of(vector) is not None
            fits[row] = self._answers[key]
        return fits[inverse.ravel()]

    def maximal_counts(self, limit: int) -> NDArray[np.int64] | None:
        """Return the feasible count vectors to which nothing can be added; None when they are more than `limit`, or there is no table."""
        if self.table is None:
            return None
        maximal = self.table >= 0
        for axis in range(self.table.ndim):
            below, above = [slice(None)] * self.table.ndim, [slice(None)] * self.table.ndim
            below[axis], above[axis] = slice(None, -1), slice(1, None)
            maximal[tuple(below)] &= self.table[tuple(below)] > self.table[tuple(above)]
        places = np.argwhere(maximal)
        return None if len(places) > limit else np.insert(places, self.deep, self.table[maximal], axis=1)
