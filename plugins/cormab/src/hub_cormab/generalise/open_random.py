"""Blind play within the rules in an open population."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hub_baselines.episodes import EpisodeGenerators
from numpy.typing import NDArray

import hub
from hub_cormab.generalise.agent import OpenAgent


class OpenRandom(OpenAgent):
    """Adds pulls in uniformly random order, each if the action stays feasible, until nothing more fits.

    Args:
        task: an open population.
        seed: not used; an episode's draws come from its own seed.
    """

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self._generators = EpisodeGenerators()

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start each episode's own stream of random numbers."""
        self._generators.begin(slots, seeds)

    def act(self, observations: dict[str, NDArray[Any]], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return one random feasible action a row, (n, P)."""
        return self.reader.pack(observations, self._generators.uniform(slots, self.reader.family.places))
