"""The paper's random agent: blind, but within the rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hub_baselines.episodes import EpisodeGenerators
from numpy.typing import NDArray

import hub
from hub_cormab.planner import Planner


class RandomFeasible(Planner):
    """Adds pulls in uniformly random order, each if the action stays feasible, until nothing more fits.

    (hub's own `random` draws from all of {0, 1}^N, and nearly all of that is forbidden.)
    """

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self._generators = EpisodeGenerators()

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start each episode's own stream of random numbers."""
        self._generators.begin(slots, seeds)

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return one random feasible action a row, (n, N)."""
        return self.problem.actions.pack(self._generators.uniform(slots, self.problem.actions.size))
