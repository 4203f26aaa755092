"""The agent that knows the solution: it plays the environment's own script of each episode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from hub_baselines.rows import rows
from hub_envs.solutions import TAG, Script

import hub


class Oracle(hub.Agent):
    """Proves that every episode can be solved; an upper bound, not a competitor."""

    needs: ClassVar[hub.Needs] = hub.Needs(actions=("Text",), model=TAG)

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self.needs.check("oracle", task)
        self._scripts: dict[int, Script] = {}

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Take the scripts of new episodes."""
        for slot, seed in zip(slots, seeds, strict=True):
            self._scripts[slot] = self.task.model.oracle(int(seed))

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Return the next move of each slot's script."""
        shown = rows(self.task.observation_space, observations, len(slots))
        return tuple(self._scripts[slot].act(row) for slot, row in zip(slots.tolist(), shown, strict=True))
