"""What an environment of tasks may tell about its own solutions: the oracle's moves, and moves that only look right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

TAG = "hub_envs:Solutions"
"""Tag of environments whose `env.unwrapped.model` is a `Solutions`."""


class Script(Protocol):
    """One episode's worth of moves."""

    def act(self, observation: Mapping[str, Any]) -> str:
        """Return the next action, given the newest observation of the episode; it may be asked for more than the task needs."""


class Solutions(Protocol):
    """Scripts for the episodes of an environment, by the seed that each episode is reset with."""

    def oracle(self, seed: int) -> Script:
        """Return a script that earns the full reward."""

    def wrong(self, seed: int) -> Mapping[str, Script]:
        """Return named scripts that look plausible, and earn less than the full reward."""
