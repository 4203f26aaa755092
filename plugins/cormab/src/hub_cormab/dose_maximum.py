"""The feasible action that maximises a sum over arms of what their doses are worth, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from hub_envs.cormab import Problem
from numpy.typing import NDArray
from scipy import optimize, sparse

from hub_cormab.doses import dose_rows, possible_doses

TABLED_ACTIONS = 50_000
"""Most actions that are listed and compared; above it each row is an integer program."""


class DoseMaximum:
    """argmax over feasible a of sum_j g_j(dose_j(a)), for any functions g_j of the dose.

    Where every arm has its own entry the sum is linear in a, and the action set maximises it. Otherwise every action is compared, or, where
    there are too many, an integer program says for each arm which dose it gets. Rows do not depend on each other.

    Args:
        problem: the bandit.
        tabled: most actions that are listed.
    """

    def __init__(self, problem: Problem, *, tabled: int = TABLED_ACTIONS) -> None:
        self._problem = problem
        self._listed = None if problem.reach is None else problem.actions.enumerate(tabled)
        self._doses = None if self._listed is None else np.ascontiguousarray(problem.dose(self._listed).T)

    def __call__(self, gains: NDArray[np.float64]) -> NDArray[np.int8]:
        """Return a best action for each row, (n, N).

        Args:
            gains: (n, J, K + 1) what dose k of arm j is worth; counted from dose 0.
        """
        gains = gains - gains[:, :, :1]
        if self._problem.reach is None:
            return self._problem.actions.maximise_linear(gains[:, :, 1])
        if self._listed is not None and self._doses is not None:
            return np.array([self._listed[_totals(row, self._doses).argmax()] for row in gains], np.int8).reshape(-1, self._listed.shape[1])
        return np.array([self._solve(row) for row in gains], np.int8).reshape(-1, self._problem.actions.size)

    def _solve(self, gains: NDArray[np.float64]) -> NDArray[np.int8]:
        """Maximise one row's `gains` (J, K + 1) over the set's own columns x and a binary w_jk for each arm and dose: arm j gets dose k."""
        problem, own = self._problem, self._problem.actions.constraints
        arms, width, doses = problem.arms, own.matrix.shape[1], problem.doses + 1
        one = sparse.kron(sparse.eye_array(arms), np.ones((1, doses)))
        dosed = sparse.kron(sparse.eye_array(arms), np.arange(float(doses))[None])
        matrix = sparse.block_array([[own.matrix, None], [None, one], [-dose_rows(problem), dosed]], format="csr")
        answer = optimize.milp(
            -np.concatenate([np.zeros(width), gains.ravel()]),
            integrality=np.concatenate([own.integrality, np.ones(arms * doses)]),
            bounds=optimize.Bounds(
                np.concatenate([own.col_lower, np.zeros(arms * doses)]), np.concatenate([own.col_upper, possible_doses(problem).ravel()])
            ),
            constraints=optimize.LinearConstraint(
                matrix,
                np.concatenate([own.row_lower, np.ones(arms), np.zeros(arms)]),
                np.concatenate([own.row_upper, np.ones(arms), np.zeros(arms)]),
            ),
            options={"mip_rel_gap": 0.0},
        )
        if answer.x is None:
            raise RuntimeError(f"HiGHS gave up on the best doses: {answer.message}")
        chosen: NDArray[np.int8] = np.rint(answer.x[own.action_columns]).astype(np.int8)
        return chosen


def _totals(gains: NDArray[np.float64], doses: NDArray[np.int64]) -> NDArray[Any]:
    """Return the worth of each listed action, (M,): the sum over arms of `gains` (J, K + 1) at `doses` (J, M), arm by arm."""
    totals = np.zeros(doses.shape[1])
    for gain, dose in zip(gains, doses, strict=True):
        totals += gain[dose]
    return totals
