"""Action sets whose rows treat some arms alike: count the pulls of each class instead of naming arms.

Arms with equal coefficients in every row form a class. Whether an action is feasible depends only on how many arms of each class it
pulls, and taking pulls away never hurts (coefficients are not negative), so the feasible counts can be built class by class, dropping
what breaks a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

CELLS = 4_000_000
"""Most numbers held at once while weights are compared; larger batches go in pieces."""


@dataclass(frozen=True, eq=False)
class ArmClasses:
    """Rows `sum_c coefficients[:, c] * count_c <= most` over the counts of pulled arms of each class.

    Attributes:
        members: for each class the arms in it, ascending.
        coefficients: (R, C), not negative.
        most: (R,).
        arms: J.
    """

    members: tuple[NDArray[np.int64], ...]
    coefficients: NDArray[np.int64]
    most: NDArray[np.int64]
    arms: int

    @classmethod
    def of(cls, coefficients: NDArray[np.int64], most: NDArray[np.int64]) -> ArmClasses:
        """Group the columns of `coefficients` (R, J), not negative, that are equal."""
        kinds, inverse = np.unique(coefficients, axis=1, return_inverse=True)
        members = tuple(np.flatnonzero(inverse.ravel() == kind) for kind in range(kinds.shape[1]))
        return cls(members, kinds, most, coefficients.shape[1])

    def counts(self, limit: int) -> NDArray[np.int64] | None:
        """Return every feasible count vector, (K, C), or None when there are more than `limit`."""
        rows = np.zeros((1, 0), dtype=np.int64)
        used = np.zeros((1, len(self.most)), dtype=np.int64)
        for kind, arms in enumerate(self.members):
            k = np.arange(len(arms) + 1)
            wanted = used[:, None, :] + k[:, None] * self.coefficients[:, kind]
            parent, count = np.nonzero((wanted <= self.most).all(axis=2))
            rows, used = np.column_stack([rows[parent], count]), wanted[parent, count]
            if len(rows) > limit:
                return None
        return rows

    def maximal_counts(self, limit: int) -> NDArray[np.int64] | None:
        """Return the feasible count vectors to which no pull can be added; None when there are more than `limit` feasible ones."""
        rows = self.counts(limit)
        if rows is None:
            return None
        slack = self.most - rows @ self.coefficients.T
        growable = np.zeros(len(rows), dtype=np.bool_)
        for kind, arms in enumerate(self.members):
            growable |= (self.coefficients[:, kind] <= slack).all(axis=1) & (rows[:, kind] < len(arms))
        return rows[~growable]

    def actions(self, limit: int) -> NDArray[np.int8] | None:
        """Return every feasible action, (M, J), ordered by the counts of classes 0, 1, ...; None when there are more than `limit`."""
        actions = np.zeros((1, self.arms), dtype=np.int8)
        used = np.zeros((1, len(self.most)), dtype=np.int64)
        for kind, arms in enumerate(self.members):
            fits = [np.flatnonzero((used + k * self.coefficients[:, kind] <= self.most).all(axis=1)) for k in range(len(arms) + 1)]
            if sum(len(parents) * comb(len(arms), k) for k, parents in enumerate(fits)) > limit:
                return None
            grown, spent = [], []
            for k, parents in enumerate(fits):
                if not len(parents):
                    break
                choices = np.zeros((comb(len(arms), k), len(arms)), dtype=np.int8)
                for row, chosen in zip(choices, combinations(range(len(arms)), k), strict=True):
                    row[list(chosen)] = 1
                block = np.repeat(actions[parents], len(choices), axis=0)
                block[:, arms] = np.tile(choices, (len(parents), 1))
                grown.append(block)
                spent.append(np.repeat(used[parents] + k * self.coefficients[:, kind], len(choices), axis=0))
            actions, used = np.concatenate(grown), np.concatenate(spent)
        return actions

    def best_of_counts(self, counts: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.int8]:
        """Return for each row of `weights` (n, J) the action of greatest weight whose class counts are at most some row of `counts` (K, C).

        Within a class the heaviest arms come first (ties: lower index); arms of weight <= 0 are never pulled.
        """
        n = len(weights)
        chosen = np.zeros((n, self.arms), dtype=np.int8)
        piece = max(1, CELLS // max(1, len(counts)))
        for start in range(0, n, piece):
            chosen[start : start + piece] = self._best_of_counts(counts, weights[start : start + piece])
        return chosen

    def _best_of_counts(self, counts: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.int8]:
        n = len(weights)
        value = np.zeros((n, len(counts)))
        orders = []
        for kind, arms in enumerate(self.members):
            order = np.argsort(-weights[:, arms], axis=1, kind="stable")
            gains = np.maximum(np.take_along_axis(weights[:, arms], order, axis=1), 0.0)
            totals = np.concatenate([np.zeros((n, 1)), np.cumsum(gains, axis=1)], axis=1)
            value += totals[:, counts[:, kind]]
            orders.append(order)
        best = counts[value.argmax(axis=1)]
        chosen = np.zeros((n, self.arms), dtype=np.int8)
        for kind, arms in enumerate(self.members):
            rank = np.empty_like(orders[kind])
            np.put_along_axis(rank, orders[kind], np.arange(len(arms))[None].repeat(n, axis=0), axis=1)
            chosen[:, arms] = (rank < best[:, [kind]]) & (weights[:, arms] > 0)
        return chosen
