"""Drivers that do not think, and score well: whoever hides them hides how little there is to gain."""

from __future__ import annotations

from typing import ClassVar

from hub_baselines.constant import ConstantAgent

import hub
from hub.errors import ImpossiblePairing


class _Driver(ConstantAgent):
    action: ClassVar[int]
    name: ClassVar[str]

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        if not task.env_id.startswith("highway/"):
            raise ImpossiblePairing(f"{self.name} cannot act in {task.env_id}: its action means something on the road only (highway/...)")
        super().__init__(task, seed=seed, action=self.action)


class Idle(_Driver):
    """Stays in its lane at 25 m/s, whatever is ahead."""

    name, action = "idle", 1


class Slower(_Driver):
    """Stays in its lane and slows down to 20 m/s, the lowest speed there is, whatever is ahead."""

    name, action = "slower", 4
