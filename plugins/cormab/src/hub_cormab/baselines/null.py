"""The agent that pulls nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub_cormab.planner import Planner


class Null(Planner):
    """Plays a = 0, which every action set allows: what the arms earn by themselves."""

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return zeros, (n, N)."""
        return np.zeros((len(observations), self.problem.actions.size), dtype=np.int8)
