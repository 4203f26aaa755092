"""What the agents here share: they plan with the bandit itself."""

from __future__ import annotations

from typing import ClassVar

from hub_envs.cormab import Problem

import hub


class Planner(hub.Agent):
    """An agent that knows the bandit: `self.problem` is the environment's model."""

    needs: ClassVar[hub.Needs] = hub.Needs(observations=("MultiDiscrete",), actions=("MultiBinary",), model="hub_envs.cormab:Problem")

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self.needs.check(type(self).__name__, task)
        self.problem: Problem = task.model
