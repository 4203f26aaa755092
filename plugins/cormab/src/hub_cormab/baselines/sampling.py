"""Sampling: the best of K random actions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import hub
from hub.errors import UsageError
from hub_cormab.baselines.random_feasible import RandomFeasible


class Sampling(RandomFeasible):
    """Draws K random feasible actions a^1..a^K and plays argmax_k E[r | s, a^k], the first of equals.

    Args:
        task: the task.
        seed: not used; an episode's draws come from its own seed.
        draws: K; the paper's is 100.
    """

    def __init__(self, task: hub.Task, *, seed: int = 0, draws: int = 100) -> None:
        super().__init__(task, seed=seed)
        if draws < 1:
            raise UsageError(f"draws must be at least 1, and is {draws}")
        self.draws = draws

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the best drawn action of each row, (n, N)."""
        n, size = len(observations), self.problem.actions.size
        drawn = self.problem.actions.pack(self._generators.uniform(slots, self.draws * size).reshape(-1, size))
        rewards = self.problem.expected_reward(np.repeat(observations, self.draws, axis=0), drawn).reshape(n, self.draws)
        best: NDArray[np.int8] = drawn.reshape(n, self.draws, size)[np.arange(n), rewards.argmax(axis=1)]
        return best
