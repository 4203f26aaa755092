"""What an agent needs to know about a kind of screen."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from hub_envs.texts import fit

import hub
from hub_gui.surfaces.view import View

CLICK_SHARE, OTHER_SHARE = 0.5, 0.05
"""How often `random` clicks, and does each of eight other things; AndroidWorld's weights, which are normalised."""


class Surface(abc.ABC):
    """Reads observations of one environment and writes its actions.

    Args:
        task: the task; observations are a `Dict`, actions are texts.
    """

    kind: ClassVar[str]
    """`phone`, `desktop` or `browser`."""

    guide: ClassVar[str]
    """The actions, for prompts; each is a JSON object that `action` takes."""

    nothing: ClassVar[str]
    """Consumes a step and does nothing."""

    done: ClassVar[str]
    """Ends the episode: the goal is reached."""

    infeasible: ClassVar[str]
    """Ends the episode: the goal cannot be reached."""

    def __init__(self, task: hub.Task) -> None:
        assert isinstance(task.observation_space, spaces.Dict)
        self._longest = task.action_space.max_length if isinstance(task.action_space, spaces.Text) else None
        keys = task.observation_space.spaces.keys()
        self.sees = "screenshot" in keys
        """Whether observations have pixels."""
        self.lists = bool(keys & {"elements", "accessibility_tree", "axtree_object"})
        """Whether observations tell elements."""

    @abc.abstractmethod
    def view(self, observation: Mapping[str, Any]) -> View:
        """Return what an observation shows."""

    @abc.abstractmethod
    def action(self, found: Mapping[str, Any], view: View) -> str:
        """Return the environment's action for a JSON object that a model wrote after `guide`.

        Raises:
            ValueError: it is none; the message says why in one sentence.
        """

    @abc.abstractmethod
    def random(self, view: View, generator: np.random.Generator) -> str:
        """Return a random action: a click anywhere half of the time, else one of eight others; never one that ends the episode."""

    def ends(self, action: str) -> bool:
        """Whether an action says that the episode is over."""
        return action in (self.done, self.infeasible)

    def written(self, action: str) -> str:
        """Return an action as a member of the action space; characters it lacks are escaped, what is too long is cut off."""
        return action if self._longest is None else fit(action, self._longest)


def drawn(names: tuple[str, ...], generator: np.random.Generator) -> str:
    """Return the first of nine names with weight `CLICK_SHARE`, each other one with `OTHER_SHARE`."""
    weights = np.array([CLICK_SHARE] + [OTHER_SHARE] * (len(names) - 1))
    return names[int(generator.choice(len(names), p=weights / weights.sum()))]


def pixel(view: View, generator: np.random.Generator) -> tuple[int, int]:
    """Return any pixel of the screen."""
    width, height = view.size
    return int(generator.integers(width)), int(generator.integers(height))


def letters(generator: np.random.Generator, count: int = 10) -> str:
    """Return random ASCII letters and digits."""
    known = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(known[place] for place in generator.integers(len(known), size=count))
