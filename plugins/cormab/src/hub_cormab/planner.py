"""What the agents here share: they plan with the bandit itself."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from hub_envs.cormab import Problem
from numpy.typing import NDArray

import hub


class Planner(hub.Agent):
    """An agent that knows the bandit: `self.problem` is the environment's model."""

    needs: ClassVar[hub.Needs] = hub.Needs(observations=("MultiDiscrete",), actions=("MultiBinary",), model="hub_envs.cormab:Problem")

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self.needs.check(type(self).__name__, task)
        self.problem: Problem = task.model


def pull_gains(problem: Problem, states: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what pulling each arm adds to the expected reward of the next step, (n, J): (active_j - passive_j) (R_j[s+] - R_j[s-])."""
    up, down = problem.move_values(states)
    gains: NDArray[np.float64] = (problem.active - problem.passive) * (up - down)
    return gains
