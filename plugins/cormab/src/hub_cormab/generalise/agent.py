"""What agents for open populations share: they read every observation anew."""

from __future__ import annotations

import abc
from typing import Any, ClassVar

import numpy as np
from hub_envs.cormab.open_population import Reader, Situation
from numpy.typing import NDArray

import hub


class OpenAgent(hub.Agent):
    """An agent that reads bandits from observations: `self.reader` is the environment's model."""

    needs: ClassVar[hub.Needs] = hub.Needs(observations=("Dict",), actions=("MultiBinary",), model="hub_envs.cormab.open_population:Reader")

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self.needs.check(type(self).__name__, task)
        self.reader: Reader = task.model


class SituationAgent(OpenAgent):
    """An agent that plays one situation at a time: the arms present, their levels, and what couples them."""

    def act(self, observations: dict[str, NDArray[Any]], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return an action for each row, (n, P), row by row."""
        actions = np.zeros((len(slots), self.reader.family.places), dtype=np.int8)
        for row in range(len(slots)):
            situation = self.reader.read({name: values[row] for name, values in observations.items()})
            actions[row, situation.places] = self.choose(situation)
        return actions

    @abc.abstractmethod
    def choose(self, situation: Situation) -> NDArray[np.int8]:
        """Return a feasible action on the n arms present, (n,)."""


def best_pulls(situation: Situation, worth: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
    """Return the feasible action of greatest total worth (n,), exactly; pulls worth 0 or less are left out."""
    return situation.problem.actions.constraints.maximise(worth)
