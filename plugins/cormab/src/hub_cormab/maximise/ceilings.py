"""Upper bounds of linear functions over an action set: quick ones, for closing the many bounds that a network needs in every state.

A surrogate is one row `cost . a <= room` that every action meets. Over it and the box, a linear maximum is a fractional knapsack: entries
in falling order of weight a unit of cost, until the room is used up (Dantzig 1957). The least over a few surrogates counts. Surrogates
are the set's own rows added up with prices, so any prices give a valid one; the dual prices of a linear function give the one over which
its knapsack is as tight as the linear program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import optimize, sparse

from hub_cormab.maximise.network import Array

if TYPE_CHECKING:
    from hub_envs.cormab.constraints import LinearConstraints

MARGIN = 1e-9
"""Rooms are widened by this share of what they are made of: more than rounding takes away."""


class Surrogate(NamedTuple):
    """A row `cost . a <= room` with cost >= 0, (N,)."""

    cost: Array
    room: float


class Ceilings:
    """Upper bounds of w . a over a set.

    Args:
        program: the set; its integrality plays no part.
    """

    def __init__(self, program: LinearConstraints) -> None:
        capped, floored = np.isfinite(program.row_upper), np.isfinite(program.row_lower)
        self._matrix = sparse.csr_array(sparse.vstack([program.matrix[capped], -program.matrix[floored]], format="csr"))
        self._most = np.concatenate([program.row_upper[capped], -program.row_lower[floored]])
        self._lower, self._upper, self._entries = program.col_lower, program.col_upper, program.action_columns
        self._surrogates = [self.surrogate(np.ones(len(self._entries)))]

    def sharpen(self, weights: Array) -> None:
        """Add the surrogate that is tight for `weights` (N,)."""
        self._surrogates.append(self.surrogate(weights))

    def surrogate(self, weights: Array) -> Surrogate:
        """Return the surrogate made with the dual prices of maximising `weights` (N,) over the linear program.

        Raises:
            ArithmeticError: the solver gave up.
        """
        objective = np.zeros(len(self._lower))
        objective[self._entries] = -weights
        answer = optimize.linprog(objective, self._matrix, self._most, bounds=np.column_stack([self._lower, self._upper]), method="highs")
        if answer.x is None:
            raise ArithmeticError(f"HiGHS gave up on the linear program of the action set: {answer.message}")
        prices = np.maximum(-answer.ineqlin.marginals, 0.0)
        cost = self._matrix.T @ prices
        room = float(prices @ self._most) + MARGIN * float(np.abs(prices) @ np.abs(self._most))
        # Columns that are no entries count at their cheapest, and so do entries of negative cost, which then cost nothing.
        cheapest = np.minimum(cost * self._lower, cost * self._upper)
        entry_cost = cost[self._entries]
        free = entry_cost < 0
        room -= float(np.delete(cheapest, self._entries).sum() + cheapest[self._entries][free].sum())
        return Surrogate(np.where(free, 0.0, entry_cost), room)

    def bound(self, weights: Array) -> Array:
        """Return for each row w of `weights` (m, N) a number that w . a nowhere exceeds, (m,)."""
        top, bottom = self._upper[self._entries], self._lower[self._entries]
        fixed = (np.minimum(weights, 0.0) * bottom).sum(axis=1)
        gains = np.maximum(weights, 0.0) * top
        bounds: Array = fixed + np.min([_knapsack(gains, surrogate, top) for surrogate in self._surrogates], axis=0)
        return bounds


def _knapsack(gains: Array, surrogate: Surrogate, top: Array) -> Array:
    """Return the fractional knapsack's value for each row of `gains` (m, N): what each entry is worth when taken whole."""
    size = surrogate.cost * top
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.where(size > 0, gains / size, np.where(gains > 0, np.inf, 0.0))
    order = np.argsort(-density, axis=1)
    sizes = size[order]
    before = np.cumsum(sizes, axis=1) - sizes
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(sizes > 0, np.clip((surrogate.room - before) / sizes, 0.0, 1.0), 1.0)
    value: Array = (np.take_along_axis(gains, order, axis=1) * share).sum(axis=1)
    return value
