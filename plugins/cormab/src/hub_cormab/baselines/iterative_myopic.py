"""Iterative myopic play: the myopic action, built greedily."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub_cormab.planner import Planner, pull_gains


class IterativeMyopic(Planner):
    """Starts from a = 0 and adds the pull that raises E[r | s, a] most among those that keep a feasible, while one raises it.

    The gains do not depend on what is pulled already, so adding the best again and again is adding in falling order of gain.
    Departure from the released code, which can add a pull found for an earlier action, or never stop: here each addition is looked up anew.
    """

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the greedy action of each row, (n, N)."""
        gains = pull_gains(self.problem, observations)
        return self.problem.actions.pack(np.where(gains > 0, gains, -np.inf))
