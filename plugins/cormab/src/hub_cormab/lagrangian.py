"""What each arm is worth alone when doses have prices: the Lagrangian relaxation that takes a coupled bandit apart.

With a price c_tj on each unit of arm j's dose at step t, arm j solves its own chain of four levels by backward induction,

    Q_tj(s, k) = r_j(s, k) + sum_s' P_j(s' | s, k) V_t+1,j(s'),    V_tj(s) = max_k Q_tj(s, k) - k c_tj,    V_Hj = 0,

over the doses k that can reach it. Undiscounted, because scores are. Where every arm has its own pull, the doses are 0 and 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hub_envs.cormab import Problem
from numpy.typing import NDArray

from hub_cormab.doses import possible_doses

LEVELS = 4
"""Levels of an arm."""


class ArmValues(NamedTuple):
    """Values of single arms under prices.

    Attributes:
        dosed: (H, J, 4, K + 1) Q_tj(s, k), the price not taken off; also for doses that cannot reach the arm.
        best: (H + 1, J, 4) V_tj(s).
    """

    dosed: NDArray[np.float64]
    best: NDArray[np.float64]


def move_chances(problem: Problem) -> NDArray[np.float64]:
    """Return the chance P[j, s, k, s'] that arm j moves from level s to s' at dose k, (J, 4, K + 1, 4)."""
    above, below = np.minimum(np.arange(LEVELS) + 1, LEVELS - 1), np.maximum(np.arange(LEVELS) - 1, 0)
    rise, fall = np.eye(LEVELS)[above], np.eye(LEVELS)[below]
    p = problem.chances[:, None, :, None]
    chances: NDArray[np.float64] = p * rise[:, None] + (1.0 - p) * fall[:, None]
    return chances


def step_rewards(problem: Problem) -> NDArray[np.float64]:
    """Return the expected reward of each arm, level and dose, (J, 4, K + 1)."""
    rewards: NDArray[np.float64] = np.einsum("jskl,jl->jsk", move_chances(problem), problem.rewards)
    return rewards


def arm_values(problem: Problem, prices: NDArray[np.float64]) -> ArmValues:
    """Return every arm's values when a unit of arm j's dose at step t costs `prices[t, j]`, (H, J)."""
    chances, rewards = move_chances(problem), step_rewards(problem)
    impossible = ~possible_doses(problem)[:, None, :]
    doses = np.arange(problem.doses + 1)
    dosed = np.empty((problem.horizon, *rewards.shape))
    best = np.zeros((problem.horizon + 1, problem.arms, LEVELS))
    for t in reversed(range(problem.horizon)):
        dosed[t] = rewards + np.einsum("jskl,jl->jsk", chances, best[t + 1])
        paid = dosed[t] - doses * prices[t][:, None, None]
        best[t] = np.where(impossible, -np.inf, paid).max(axis=2)
    return ArmValues(dosed, best)
