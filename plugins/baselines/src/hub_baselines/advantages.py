"""How much better actions were than expected: generalised advantage estimation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def advantages(
    rewards: NDArray[np.float64],
    values: NDArray[np.float32],
    following: NDArray[np.float32],
    ended: NDArray[np.bool_],
    *,
    gamma: float,
    gae_lambda: float,
) -> NDArray[np.float64]:
    """Return generalised advantage estimates (steps, rows) (Schulman et al., ICLR 2016).

    What comes after an episode's end is worth 0, whether success or time ended it.

    Args:
        rewards: (steps, rows).
        values: (steps, rows), of the observations acted upon.
        following: (rows,), of the observations after the last step.
        ended: (steps, rows).
        gamma: discount.
        gae_lambda: 0 looks one step ahead, 1 to the end.
    """
    gained = np.empty_like(rewards)
    advantage, value = np.zeros(len(following)), following.astype(np.float64)
    for step in reversed(range(len(rewards))):
        goes_on = ~ended[step]
        advantage = rewards[step] + gamma * goes_on * value - values[step] + gamma * gae_lambda * goes_on * advantage
        gained[step], value = advantage, values[step]
    return gained
