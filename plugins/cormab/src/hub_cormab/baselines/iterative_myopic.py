"""Iterative myopic play: the myopic action, built greedily."""

from __future__ import annotations

import numpy as np
from hub_envs.cormab import Problem
from numpy.typing import NDArray

from hub_cormab.doses import addable, dose_gains
from hub_cormab.planner import Planner


class IterativeMyopic(Planner):
    """Starts from a = 0 and adds the entry that raises E[r | s, a] most among those that keep a feasible, while one raises it.

    Where every arm has its own entry the gains do not depend on what is chosen already, so adding the best again and again is adding in
    falling order of gain. Departure from the released code, which can add a pull found for an earlier action, or never stop: here each
    addition is looked up anew.
    """

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the greedy action of each row, (n, N)."""
        gains = dose_gains(self.problem, observations)
        if self.problem.reach is None:
            return self.problem.actions.pack(np.where(gains[:, :, 1] > 0, gains[:, :, 1], -np.inf))
        return _grown(self.problem, self.problem.reach, gains)


def _grown(problem: Problem, reach: NDArray[np.int8], gains: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the actions built greedily by the true increments of `gains` (n, J, K + 1), (n, N)."""
    n = len(gains)
    each, arm = np.arange(n), np.arange(problem.arms)
    more = np.diff(gains, axis=2, append=gains[:, :, -1:])
    chosen = np.zeros((n, problem.actions.size), dtype=np.int8)
    while True:
        increments = more[each[:, None], arm, problem.dose(chosen)]
        # Summed along an axis that is not the last, so term by term: a matrix product may round a row differently in another batch.
        rises = np.where(addable(problem.actions, chosen), (increments[:, :, None] * reach).sum(axis=1), -np.inf)
        best = rises.argmax(axis=1)
        rising = rises[each, best] > 0
        if not rising.any():
            return chosen
        chosen[each[rising], best[rising]] = 1
