"""What `hub_envs.androidworld.environment` asks of a phone, near or behind a server, and the errors a phone may raise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hub_envs.androidworld.actions import Action


class RefusedError(Exception):
    """The phone could not carry out an action; the episode goes on."""


class TaskError(Exception):
    """The task's own code failed, and not the device; the episode counts as failed."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A task that was set up.

    Attributes:
        goal: what the agent is told.
        budget: steps it may take.
        failed: what went wrong in the task's own set-up, if something did.
    """

    goal: str
    budget: int
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """What is on the screen.

    Attributes:
        pixels: uint8 (H, W, 3).
        elements: UI elements as JSON values; empty where the phone does not tell them.
    """

    pixels: NDArray[np.uint8]
    elements: Sequence[dict[str, Any]] = ()


class Phone(Protocol):
    """One device that plays one task at a time."""

    def names(self) -> Sequence[str]:
        """Return the names of the tasks it has."""

    def begin(self, task: str, suite_seed: int) -> Begun:
        """Set up the first instance of a task in the suite of a seed."""

    def screen(self) -> Screen:
        """Return what is on the screen now."""

    def perform(self, action: Action) -> None:
        """Carry out an action and wait until the screen may be looked at; raises `RefusedError`."""

    def over(self) -> bool:
        """Whether the task has ended by itself."""

    def score(self) -> float:
        """Return how much of the task is done, in [0, 1]; raises `TaskError`."""

    def end(self) -> None:
        """Tear the task down."""

    def close(self) -> None:
        """Let go of the device."""
