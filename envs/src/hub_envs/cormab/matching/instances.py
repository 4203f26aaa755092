"""Instances of the matching bandit, drawn by number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.arms import check_sizes, draw_chances, draw_rewards
from hub_envs.cormab.matching.actions import MatchingActions
from hub_envs.cormab.problem import Problem

SLOTS = 5
ARM_SLOTS = 2
WORKER_SLOTS = 3


def draw_slots(rng: np.random.Generator, members: int, taken: int, chances: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Give each of `members` its `taken` slots, drawn without replacement with probabilities `chances` (S,); (members, S)."""
    available = np.zeros((members, len(chances)), dtype=np.bool_)
    for member in range(members):
        available[member, rng.choice(len(chances), size=taken, replace=False, p=chances)] = True
    return available


def draw_schedules(rng: np.random.Generator, arms: int, workers: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Draw when arms (arms, 5) and workers (workers, 5) are available, in the order that `matching_problem` states."""
    late = np.sort(rng.random(SLOTS))
    arm_slots = draw_slots(rng, arms, ARM_SLOTS, late / late.sum())
    early = np.sort(rng.random(SLOTS))[::-1]
    worker_slots = draw_slots(rng, workers, WORKER_SLOTS, early / early.sum())
    return arm_slots, worker_slots


def matching_problem(instance: int = 0, arms: int = 20, budget: int = 5, horizon: int = 20) -> Problem:
    """Return instance number `instance`: `arms` arms, `budget` workers and at most `budget` pulls, five slots.

    Drawn in this order from `numpy.random.default_rng(instance)`: passive ~ U[0, 0.2) (J), active ~ U[0.7, 0.9) (J), top rewards of the B
    good arms from {4, 5, 6}, of the others from {1, 2, 3}; five uniforms, sorted upwards and normalised, the arms' chances of each slot,
    then two slots for each arm; five uniforms, sorted downwards and normalised, the workers' chances, then three slots for each worker.
    So arms and workers prefer opposite ends of the day.

    Raises:
        ValueError: for a negative instance, or unless 1 <= budget <= arms.
    """
    check_sizes(instance, arms, budget)
    rng = np.random.default_rng(instance)
    chances = draw_chances(rng, arms)
    rewards = draw_rewards(rng, arms, budget)
    arm_slots, worker_slots = draw_schedules(rng, arms, budget)
    return Problem(
        budget=budget,
        chances=chances,
        rewards=rewards,
        actions=MatchingActions(arm_slots, worker_slots, budget),
        horizon=horizon,
    )
