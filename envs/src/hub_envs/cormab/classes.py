"""Action sets that treat some entries alike: count what is chosen of each class instead of naming entries.

Whether an action is feasible depends only on how many entries of each class it chooses, and choosing fewer never hurts. So the feasible
counts form a downward-closed set, which can be built class by class, dropping what does not fit.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

CELLS = 4_000_000
"""Most numbers held at once while weights are compared; larger batches go in pieces."""


def group(columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], tuple[NDArray[np.int64], ...]]:
    """Return the distinct columns of `columns` (R, N) in lexical order, (R, C), and for each the entries that have it, ascending."""
    kinds, inverse = np.unique(columns, axis=1, return_inverse=True)
    return kinds, tuple(np.flatnonzero(inverse.ravel() == kind) for kind in range(kinds.shape[1]))


@dataclass(frozen=True, eq=False)
class EntryClasses(abc.ABC):
    """C classes of interchangeable action entries, and which counts of them go together.

    Attributes:
        members: for each class the entries in it, ascending; each of the N entries is in one class.
    """

    members: tuple[NDArray[np.int64], ...]

    @abc.abstractmethod
    def fits(self, counts: NDArray[Any]) -> NDArray[np.bool_]:
        """Say for each count vector of `counts` (n, C), whole and not negative, whether it is allowed; (n,). A downward-closed set."""

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Number of entries in each class, (C,)."""
        return np.array([len(entries) for entries in self.members], dtype=np.int64)

    @cached_property
    def membership(self) -> NDArray[np.float32]:
        """(N, C) 1 where an entry is in a class; float, for fast products."""
        inside = np.zeros((int(self.sizes.sum()), len(self.members)), dtype=np.float32)
        for kind, entries in enumerate(self.members):
            inside[entries, kind] = 1
        return inside

    def counts(self, limit: int) -> NDArray[np.int64] | None:
        """Return every feasible count vector, (K, C), or None when there are more than `limit`."""
        rows = np.zeros((1, len(self.members)), dtype=np.int64)
        for kind, size in enumerate(self.sizes):
            grown = np.repeat(rows, size + 1, axis=0)
            grown[:, kind] = np.tile(np.arange(size + 1), len(rows))
            rows = grown[self.fits(grown)]
            if len(rows) > limit:
                return None
        return rows

    def maximal_counts(self, limit: int) -> NDArray[np.int64] | None:
        """Return the feasible count vectors to which nothing can be added, or None when they cannot be found within `limit` vectors."""
        rows = self.counts(limit)
        if rows is None:
            return None
        growable = np.zeros(len(rows), dtype=np.bool_)
        for kind, step in enumerate(np.eye(len(self.members), dtype=np.int64)):
            growable |= (rows[:, kind] < self.sizes[kind]) & self.fits(rows + step)
        return rows[~growable]

    def actions(self, limit: int) -> NDArray[np.int8] | None:
        """Return every feasible action, (M, N), ordered by the counts of classes C - 1, ..., 0; None when there are more than `limit`."""
        actions = np.zeros((1, len(self.membership)), dtype=np.int8)
        counts = np.zeros((1, len(self.members)), dtype=np.int64)
        for kind, entries in enumerate(self.members):
            size, step = len(entries), np.eye(len(self.members), dtype=np.int64)[kind]
            parents = [np.flatnonzero(self.fits(counts + k * step)) for k in range(size + 1)]
            if sum(len(rows) * comb(size, k) for k, rows in enumerate(parents)) > limit:
                return None
            grown, grown_counts = [], []
            for k, rows in enumerate(parents):
                choices = np.zeros((comb(size, k), size), dtype=np.int8)
                for row, chosen in zip(choices, combinations(range(size), k), strict=True):
                    row[list(chosen)] = 1
                block = np.repeat(actions[rows], len(choices), axis=0)
                block[:, entries] = np.tile(choices, (len(rows), 1))
                grown.append(block)
                grown_counts.append(np.repeat(counts[rows] + k * step, len(choices), axis=0))
            actions, counts = np.concatenate(grown), np.concatenate(grown_counts)
        return actions

    def best_of_counts(self, counts: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.int8]:
        """Return for each row of `weights` (n, N) the action of greatest weight whose class counts are at most some row of `counts` (K, C).

        Within a class the heaviest entries come first (ties: lower index); entries of weight <= 0 are never chosen.
        """
        chosen = np.zeros(weights.shape, dtype=np.int8)
        piece = max(1, CELLS // max(1, len(counts)))
        for start in range(0, len(weights), piece):
            chosen[start : start + piece] = self._best_of_counts(counts, weights[start : start + piece])
        return chosen

    def _best_of_counts(self, counts: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.int8]:
        n = len(weights)
        value = np.zeros((len(counts), n))
        orders = []
        for kind, entries in enumerate(self.members):
            order = np.argsort(-weights[:, entries], axis=1, kind="stable")
            gains = np.maximum(np.take_along_axis(weights[:, entries], order, axis=1), 0.0)
            totals = np.concatenate([np.zeros((1, n)), np.cumsum(gains.T, axis=0)])
            value += totals[counts[:, kind]]
            orders.append(order)
        best = counts[value.argmax(axis=0)]
        chosen = np.zeros(weights.shape, dtype=np.int8)
        for kind, entries in enumerate(self.members):
            rank = np.empty_like(orders[kind])
            np.put_along_axis(rank, orders[kind], np.arange(len(entries))[None].repeat(n, axis=0), axis=1)
            chosen[:, entries] = (rank < best[:, [kind]]) & (weights[:, entries] > 0)
        return chosen


@dataclass(frozen=True, eq=False)
class RowClasses(EntryClasses):
    """Classes under rows `sum_c coefficients[:, c] * count_c <= most`.

    Attributes:
        coefficients: (R, C), not negative.
        most: (R,).
    """

    coefficients: NDArray[np.int64]
    most: NDArray[np.int64]

    @classmethod
    def of(cls, coefficients: NDArray[np.int64], most: NDArray[np.int64]) -> RowClasses:
        """Group the columns of `coefficients` (R, N), not negative, that are equal."""
        kinds, members = group(coefficients)
        return cls(members, kinds, most)

    def fits(self, counts: NDArray[Any]) -> NDArray[np.bool_]:
        """Say for each count vector of `counts` (n, C) whether it meets every row; (n,)."""
        met: NDArray[np.bool_] = np.all(np.asarray(counts, dtype=np.float64) @ self._float_columns <= self.most, axis=1)
        return met

    @cached_property
    def _float_columns(self) -> NDArray[np.float64]:
        return np.ascontiguousarray(self.coefficients.T, dtype=np.float64)
