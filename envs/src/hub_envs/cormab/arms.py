"""The arms that all coupled bandits here share: four levels, one step up or down, a reward for the level reached.

An arm in level s moves to min(s + 1, 3) with probability p and else to max(s - 1, 0); p depends on whether it is pulled.
Rewards follow Xu et al. (ICLR 2025): the first B arms are the good ones, yet look the worse on the way up,
so greedy play serves the wrong arms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEVELS = 4
"""Number of levels of an arm."""

START_PROBABILITY = 0.2
"""Chance that an arm starts an evaluated episode in level 1 rather than 0."""

GOOD_STEPS = (0.20, 0.15, 0.10)
"""Rewards of a good arm in levels 0, 1, 2."""

OTHER_STEPS = (0.10, 0.15, 0.20)
"""Rewards of every other arm in levels 0, 1, 2."""


def check_sizes(instance: int, arms: int, budget: int) -> None:
    """Raise ValueError for a negative instance, or unless 1 <= budget <= arms."""
    if instance < 0:
        raise ValueError(f"instance must not be negative, and is {instance}")
    if not 1 <= budget <= arms:
        raise ValueError(f"budget must lie between 1 and the number of arms ({arms}), and is {budget}")


def draw_chances(rng: np.random.Generator, arms: int) -> NDArray[np.float64]:
    """Draw the chances of moving up, (arms, 2): ~ U[0, 0.2) for arms left alone, ~ U[0.7, 0.9) for pulled ones."""
    passive, active = rng.uniform(0.0, 0.2, arms), rng.uniform(0.7, 0.9, arms)
    return np.stack([passive, active], axis=1)


def draw_rewards(rng: np.random.Generator, arms: int, good: int) -> NDArray[np.float64]:
    """Draw the reward table (arms, 4): the top level pays 4, 5 or 6 for the first `good` arms and 1, 2 or 3 for the others."""
    table = np.empty((arms, LEVELS))
    table[:good, :3], table[good:, :3] = GOOD_STEPS, OTHER_STEPS
    table[:good, 3] = rng.integers(4, 7, size=good)
    table[good:, 3] = rng.integers(1, 4, size=arms - good)
    return table


def move_values(rewards: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what an arm earns by moving up and by moving down from each level, both (J, 4)."""
    up = rewards[:, [1, 2, 3, 3]]
    down = rewards[:, [0, 0, 1, 2]]
    return up, down
