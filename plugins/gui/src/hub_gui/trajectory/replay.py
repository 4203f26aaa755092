"""The memory of past successes: what keeps a task that all attempts fail from teaching nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np
from hub_baselines.relative import Group, Rollout


class Successes:
    """The newest success of each task.

    Args:
        rng: chooses which failure makes room.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._of_task: dict[Hashable, Rollout] = {}

    def __len__(self) -> int:
        return len(self._of_task)

    def recall(self, group: Group) -> Group:
        """Return a group without successes with one of its attempts replaced by a stored success of the task, if there is one.

        The stored attempt keeps the log-probabilities that it was drawn with: they stay the denominator of the ratio, which is clipped.
        Successes of the group are stored instead.
        """
        succeeded = [rollout for rollout in group.rollouts if rollout.info["success"]]
        if succeeded:
            self._of_task[group.task] = succeeded[-1]
            return group
        stored = self._of_task.get(group.task)
        if stored is None:
            return group
        rollouts = list(group.rollouts)
        rollouts[int(self._rng.integers(len(rollouts)))] = stored
        return replace(group, rollouts=tuple(rollouts))
