"""Linear constraints as data: what a solver needs to know about a set of allowed actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

TOLERANCE = 1e-6
"""A row is met when its activity misses its bounds by no more than this."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LinearConstraints:
    """The set `{x : row_lower <= matrix x <= row_upper, col_lower <= x <= col_upper, x_i integer where integrality_i = 1}`.

    An action is feasible when it is the `action_columns` part of some such x; the other columns, if any, are auxiliary.

    Attributes:
        matrix: (R, C) coefficients.
        row_lower: (R,) may hold `-inf`.
        row_upper: (R,) may hold `inf`.
        col_lower: (C,).
        col_upper: (C,).
        integrality: (C,) 1 for an integer column, 0 for a continuous one (the codes of `scipy.optimize.milp` and of HiGHS).
        action_columns: (N,) the column of each action entry.
    """

    matrix: sparse.csr_array
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    col_lower: NDArray[np.float64]
    col_upper: NDArray[np.float64]
    integrality: NDArray[np.uint8]
    action_columns: NDArray[np.int64]

    def __post_init__(self) -> None:
        rows, columns = self.matrix.shape
        for name, size in (
            ("row_lower", rows),
            ("row_upper", rows),
            ("col_lower", columns),
            ("col_upper", columns),
            ("integrality", columns),
        ):
            if getattr(self, name).shape != (size,):
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, but the matrix {self.matrix.shape} asks for ({size},)")
        if self.action_columns.size and not (self.action_columns.min() >= 0 and self.action_columns.max() < columns):
            raise ValueError(f"action_columns must lie in 0..{columns - 1}")

    def is_met(self, points: NDArray[np.generic]) -> NDArray[np.bool_]:
        """Say for each point (n, C) whether it meets every row, every column bound and integrality; (n,)."""
        x = np.asarray(points, dtype=np.float64)
        activity = (self.matrix @ x.T).T
        rows = (activity >= self.row_lower - TOLERANCE) & (activity <= self.row_upper + TOLERANCE)
        columns = (x >= self.col_lower - TOLERANCE) & (x <= self.col_upper + TOLERANCE)
        whole = (self.integrality == 0) | (np.abs(x - np.rint(x)) <= TOLERANCE)
        met: NDArray[np.bool_] = rows.all(axis=1) & columns.all(axis=1) & whole.all(axis=1)
        return met

    def maximise(self, weights: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
        """Return a feasible action (N,) of greatest total weight, exactly, by one integer program; entries of weight <= 0 stay out.

        For a set that is asked once: the linear maximisers of action sets prepare tables that pay when they are asked again.

        Args:
            weights: (N,).
        """
        cost, upper = np.zeros(len(self.col_upper)), self.col_upper.copy()
        cost[self.action_columns] = -np.asarray(weights, dtype=np.float64)
        upper[self.action_columns[weights <= 0]] = 0.0
        answer = optimize.milp(
            cost,
            integrality=self.integrality,
            bounds=optimize.Bounds(self.col_lower, upper),
            constraints=optimize.LinearConstraint(self.matrix, self.row_lower, self.row_upper),
            options={"mip_rel_gap": 0.0},
        )
        if answer.x is None:
            raise RuntimeError(f"HiGHS gave up on the linear maximum: {answer.message}")
        chosen: NDArray[np.int8] = np.rint(answer.x[self.action_columns]).astype(np.int8)
        return chosen


class Cuts(NamedTuple):
    """Rows `matrix x >= lower` that join a relaxation when they are needed.

    Attributes:
        matrix: (K, C) coefficients over the relaxation's columns.
        lower: (K,).
    """

    matrix: sparse.csr_array
    lower: NDArray[np.float64]
