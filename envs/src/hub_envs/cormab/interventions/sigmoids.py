"""How arms answer to interventions: an S-shaped chance of moving up, each arm's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEIGHT = 3.0
"""What an intervention adds to the input of an arm that it reaches."""

SCALE, FLOOR = 0.98, 0.01
"""Chances are this times the sigmoid's rise, plus this; so they stay off 0 and 1."""


@dataclass(frozen=True, eq=False)
class Sigmoids:
    """J sigmoids, each shifted so that nothing done gives the floor.

    Attributes:
        ceiling: A, (J,) how far the sigmoid rises.
        slope: b, (J,) how steeply.
        threshold: x0, (J,) the input, times b, at which half of the rise is done.
    """

    ceiling: NDArray[np.float64]
    slope: NDArray[np.float64]
    threshold: NDArray[np.float64]

    def chances(self, doses: int) -> NDArray[np.float64]:
        """Return each arm's chance of moving up at dose 0, 1, ..., `doses`, (J, doses + 1).

        At x = 3 dose it is 0.98 (A / (1 + exp(-(b x - x0))) - A / (1 + exp(x0))) + 0.01, cut off at 0 and 1.
        """
        x = WEIGHT * np.arange(doses + 1)
        ceiling, slope, threshold = self.ceiling[:, None], self.slope[:, None], self.threshold[:, None]
        rise = ceiling / (1.0 + np.exp(threshold - slope * x)) - ceiling / (1.0 + np.exp(threshold))
        return np.clip(SCALE * rise + FLOOR, 0.0, 1.0)
