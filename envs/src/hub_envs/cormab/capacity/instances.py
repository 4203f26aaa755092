"""Instances of the capacity bandit, drawn by number."""

from __future__ import annotations

import numpy as np

from hub_envs.cormab.arms import check_sizes, draw_chances, draw_rewards
from hub_envs.cormab.capacity.actions import CapacityActions
from hub_envs.cormab.problem import Problem

COSTS = (2, 6)
"""Least and greatest cost of an arm."""

CAPACITIES = (2, 7)
"""Least and greatest capacity of a worker."""


def capacity_problem(instance: int = 0, arms: int = 20, budget: int = 5, horizon: int = 20) -> Problem:
    """Return instance number `instance`: `arms` arms with costs and `budget` workers with capacities.

    Drawn in this order from `numpy.random.default_rng(instance)`: passive ~ U[0, 0.2) (J), active ~ U[0.7, 0.9) (J), top rewards of the B
    good arms from {4, 5, 6}, of the others from {1, 2, 3}; the arms' costs from {2, ..., 6} (J); the workers' capacities from
    {2, ..., 7} (B).

    Raises:
        ValueError: for a negative instance, or unless 1 <= budget <= arms.
    """
    check_sizes(instance, arms, budget)
    rng = np.random.default_rng(instance)
    chances = draw_chances(rng, arms)
    rewards = draw_rewards(rng, arms, budget)
    costs = rng.integers(*COSTS, size=arms, endpoint=True)
    capacities = rng.integers(*CAPACITIES, size=budget, endpoint=True)
    return Problem(budget=budget, chances=chances, rewards=rewards, actions=CapacityActions(costs, capacities), horizon=horizon)
