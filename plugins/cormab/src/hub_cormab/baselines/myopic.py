"""Exact myopic play."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub_cormab.planner import Planner, pull_gains


class Myopic(Planner):
    """Plays argmax over feasible a of E[r | s, a], exactly.

    Each arm moves by its own pull alone, so E[r | s, a] = E[r | s, 0] + sum_j gain_j(s) a_j and the maximum is a linear one.
    """

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the best action of each row, (n, N)."""
        return self.problem.actions.maximise_linear(pull_gains(self.problem, observations))
