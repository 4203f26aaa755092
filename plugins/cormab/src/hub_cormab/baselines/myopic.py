"""Exact myopic play."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import hub
from hub_cormab.dose_maximum import DoseMaximum
from hub_cormab.doses import dose_gains
from hub_cormab.planner import Planner


class Myopic(Planner):
    """Plays argmax over feasible a of E[r | s, a], exactly.

    Each arm answers to its own dose, so E[r | s, a] = E[r | s, 0] + sum_j gain_j(s_j, dose_j(a)): no sigmoid has to be approximated, as
    the released code does where doses are larger than 1.

    Args:
        task: a coupled bandit.
        seed: not used; the policy is deterministic.
    """

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self._best = DoseMaximum(self.problem)

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the best action of each row, (n, N)."""
        return self._best(dose_gains(self.problem, observations))
