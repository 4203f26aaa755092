"""Agents that see nothing: what every score has to be read against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hub_baselines.episodes import episode_seed
from hub_baselines.rows import rows

import hub
from hub_gui.surfaces import surface_for


class GuiRandom(hub.Agent):
    """Clicks anywhere with weight 0.5, and does eight other things with weight 0.05 each, as AndroidWorld's random agent.

    It never says that it is done, so on phones it scores 0 whatever it stumbles upon. On desktops the eight are what mouse and keyboard do.
    """

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self._surface = surface_for("gui-random", task)
        self._generators: dict[int, np.random.Generator] = {}

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start the draws of new episodes."""
        for slot, seed in zip(slots, seeds, strict=True):
            self._generators[slot] = np.random.default_rng(episode_seed(seed))

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Draw an action for each slot."""
        shown = rows(self.task.observation_space, observations, len(slots))
        surface = self._surface
        return tuple(surface.random(surface.view(row), self._generators[slot]) for slot, row in zip(slots.tolist(), shown, strict=True))


class GuiNoop(hub.Agent):
    """Says at once that the goal is reached, and does nothing else.

    It scores what a task gives for being left alone. Waiting until the steps run out would tell less: on phones that scores 0 by rule,
    since whoever does not say that they are done has failed.
    """

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self._action = surface_for("gui-noop", task).done

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Declare every episode done."""
        return (self._action,) * len(slots)
