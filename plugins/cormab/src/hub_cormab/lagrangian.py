"""What each arm is worth alone when pulls have prices: the Lagrangian relaxation that takes a coupled bandit apart.

With a price c_tj on pulling arm j at step t, arm j solves its own chain of four levels by backward induction,

    Q_tj(s, a) = r_j(s, a) + sum_s' P_j(s' | s, a) V_t+1,j(s'),    V_tj(s) = max(Q_tj(s, 0), Q_tj(s, 1) - c_tj),    V_Hj = 0.

Undiscounted, because scores are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hub_envs.cormab import Problem
from numpy.typing import NDArray

LEVELS = 4
"""Levels of an arm."""


class ArmValues(NamedTuple):
    """Values of single arms under prices.

    Attributes:
        leave: (H, J, 4) Q_tj(s, 0).
        pull: (H, J, 4) Q_tj(s, 1), the price not taken off.
        best: (H + 1, J, 4) V_tj(s).
    """

    leave: NDArray[np.float64]
    pull: NDArray[np.float64]
    best: NDArray[np.float64]


def move_chances(problem: Problem) -> NDArray[np.float64]:
    """Return the chance P[j, s, a, s'] that arm j moves from level s to s' under its pull a, (J, 4, 2, 4)."""
    above, below = np.minimum(np.arange(LEVELS) + 1, LEVELS - 1), np.maximum(np.arange(LEVELS) - 1, 0)
    rise, fall = np.eye(LEVELS)[above], np.eye(LEVELS)[below]
    p = problem.chances[:, None, :, None]
    chances: NDArray[np.float64] = p * rise[:, None] + (1.0 - p) * fall[:, None]
    return chances


def step_rewards(problem: Problem) -> NDArray[np.float64]:
    """Return the expected reward of each arm, level and action, (J, 4, 2)."""
    rewards: NDArray[np.float64] = np.einsum("jsak,jk->jsa", move_chances(problem), problem.rewards)
    return rewards


def arm_values(problem: Problem, prices: NDArray[np.float64]) -> ArmValues:
    """Return every arm's values when pulling arm j at step t costs `prices[t, j]`, (H, J)."""
    chances, rewards = move_chances(problem), step_rewards(problem)
    leave, pull = np.empty((2, problem.horizon, problem.arms, LEVELS))
    best = np.zeros((problem.horizon + 1, problem.arms, LEVELS))
    for t in reversed(range(problem.horizon)):
        worth = rewards + np.einsum("jsak,jk->jsa", chances, best[t + 1])
        leave[t], pull[t] = worth[..., 0], worth[..., 1]
        best[t] = np.maximum(leave[t], pull[t] - prices[t][:, None])
    return ArmValues(leave, pull, best)
