"""Doses: how much of each arm an action reaches, what that earns at once, and what may still be added."""

from __future__ import annotations

from typing import Any

import numpy as np
from hub_envs.cormab import ActionSet, Problem
from numpy.typing import NDArray
from scipy import sparse


def possible_doses(problem: Problem) -> NDArray[np.bool_]:
    """Say which doses 0..K can reach each arm, (J, K + 1)."""
    most = np.ones(problem.arms, dtype=np.int64) if problem.reach is None else problem.reach.sum(axis=1, dtype=np.int64)
    possible: NDArray[np.bool_] = np.arange(problem.doses + 1) <= most[:, None]
    return possible


def dose_rows(problem: Problem) -> sparse.csr_array:
    """Return the doses as linear functions of the C columns of the action set's constraints, (J, C)."""
    constraints = problem.actions.constraints
    arm, entry = np.nonzero(np.eye(problem.arms) if problem.reach is None else problem.reach)
    return sparse.csr_array(
        (np.ones(len(arm)), (arm, constraints.action_columns[entry])), shape=(problem.arms, constraints.matrix.shape[1])
    )


def dose_gains(problem: Problem, states: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """Return what each dose adds to the expected reward of the next step, (n, J, K + 1): (p_j(k) - p_j(0)) (R_j[s+] - R_j[s-]).

    Args:
        problem: the bandit.
        states: (n, J) levels.
    """
    up, down = problem.move_values(states)
    gains: NDArray[np.float64] = (problem.chances - problem.chances[:, :1]) * (up - down)[:, :, None]
    return gains


def addable(actions: ActionSet, partial: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Say which entries may join each of the feasible actions `partial` (n, N); (n, N)."""
    n, size = partial.shape
    grown = np.maximum(partial[:, None, :], np.eye(size, dtype=np.int8))
    allowed: NDArray[np.bool_] = actions.is_feasible(grown.reshape(n * size, size)).reshape(n, size) & (partial == 0)
    return allowed
