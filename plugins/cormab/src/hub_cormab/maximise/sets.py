"""An action set made of linear constraints alone, for sets of one's own: HiGHS answers every question about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from hub_cormab.maximise.network import Array

if TYPE_CHECKING:
    from hub_envs.cormab.constraints import LinearConstraints

LISTED = 20
"""Longest actions whose set is looked for among all 2^N."""


@dataclass(frozen=True, eq=False)
class LinearActionSet:
    """The 0/1 actions that some solution of linear constraints holds in its action columns.

    Attributes:
        constraints: integer columns may be auxiliary, too.

    Raises:
        ValueError: an action column is not an integer column between 0 and 1, or there is no action at all.
    """

    constraints: LinearConstraints

    def __post_init__(self) -> None:
        c, entries = self.constraints, self.constraints.action_columns
        if not ((c.integrality[entries] == 1) & (c.col_lower[entries] >= 0) & (c.col_upper[entries] <= 1)).all():
            raise ValueError("every action column must be an integer column with bounds between 0 and 1")
        if self._solve(np.zeros(self.size), c.col_lower, c.col_upper) is None:
            raise ValueError("the constraints allow no action")

    @property
    def size(self) -> int:
        """N, the length of an action."""
        return len(self.constraints.action_columns)

    def is_feasible(self, actions: NDArray[Any]) -> NDArray[np.bool_]:
        """Say for each row of `actions` (n, N) whether it belongs to the set; (n,)."""
        c = self.constraints
        rows = np.asarray(actions, dtype=np.float64)
        if self.size == len(c.col_lower):
            return c.is_met(rows[:, np.argsort(c.action_columns)])
        distinct, inverse = np.unique(rows, axis=0, return_inverse=True)
        return np.array([self._has(row) for row in distinct], dtype=np.bool_)[inverse.ravel()]

    def _has(self, action: Array) -> bool:
        lower, upper = self.constraints.col_lower.copy(), self.constraints.col_upper.copy()
        entries = self.constraints.action_columns
        if ((action < lower[entries]) | (action > upper[entries])).any():
            return False
        lower[entries] = upper[entries] = action
        return self._solve(np.zeros(self.size), lower, upper) is not None

    def enumerate(self, limit: int) -> NDArray[np.int8] | None:
        """Return every action, (M, N), in binary order; None when there are more than `limit`, or N exceeds `LISTED`."""
        if self.size > LISTED:
            return None
        every = ((np.arange(2**self.size)[:, None] >> np.arange(self.size)) & 1).astype(np.int8)
        fitting = every[self.is_feasible(every)]
        return None if len(fitting) > limit else fitting

    def maximise_linear(self, weights: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
        """Return for each row w of `weights` (n, N) an action that maximises w . a, exactly; (n, N)."""
        c = self.constraints
        found = [self._solve(row, c.col_lower, c.col_upper) for row in np.asarray(weights, dtype=np.float64)]
        return np.array(found, dtype=np.int8).reshape(-1, self.size)

    approximate_linear = maximise_linear

    def _solve(self, weights: Array, lower: Array, upper: Array) -> NDArray[np.int8] | None:
        """Return an action of greatest weight among the columns between `lower` and `upper`, or None when there is none."""
        c = self.constraints
        objective = np.zeros(len(lower))
        objective[c.action_columns] = -weights
        answer = optimize.milp(
            objective,
            integrality=c.integrality,
            bounds=optimize.Bounds(lower, upper),
            constraints=optimize.LinearConstraint(c.matrix, c.row_lower, c.row_upper),
            options={"mip_rel_gap": 0.0},
        )
        if answer.status == 2:  # infeasible
            return None
        if answer.x is None:
            raise ArithmeticError(f"HiGHS gave up on the action set: {answer.message}")
        chosen: NDArray[np.int8] = np.rint(answer.x[c.action_columns]).astype(np.int8)
        return chosen
