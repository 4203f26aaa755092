"""What is observed of a desktop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from hub_envs.osworld.client import Desktop, Screen
from hub_envs.osworld.elements import as_json, draw, marked, parse
from hub_envs.texts import fit, text_space

_INSTRUCTION, _TREE, _ELEMENTS, _TERMINAL = 8_192, 1_000_000, 200_000, 50_000
"""Most characters of the texts."""

Observation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Eyes:
    """What an environment observes; `DesktopEnv` is the specification.

    Attributes:
        screen: width and height in pixels.
        accessibility_tree: whether OSWorld's XML is.
        terminal: whether the terminal in front is.
        marks: whether elements are numbered and boxed.
    """

    screen: tuple[int, int]
    accessibility_tree: bool
    terminal: bool
    marks: bool

    def space(self) -> spaces.Dict:
        """Return the space of observations."""
        width, height = self.screen
        parts: dict[str, spaces.Space[Any]] = {
            "instruction": text_space(_INSTRUCTION),
            "screenshot": spaces.Box(0, 255, (height, width, 3), np.uint8),
        }
        if self.accessibility_tree:
            parts["accessibility_tree"] = text_space(_TREE)
        if self.terminal:
            parts["terminal"] = text_space(_TERMINAL)
        if self.marks:
            parts["elements"] = text_space(_ELEMENTS)
        return spaces.Dict(parts)

    def look(self, desktop: Desktop, instruction: str) -> tuple[Observation, Screen]:
        """Return an observation, and the screen without marks."""
        screen = desktop.screenshot()
        seen: Observation = {"instruction": fit(instruction, _INSTRUCTION), "screenshot": screen.copy()}
        if self.accessibility_tree or self.marks:
            tree = desktop.accessibility_tree()
            if self.accessibility_tree:
                seen["accessibility_tree"] = fit(tree.encode("ascii", "xmlcharrefreplace").decode(), _TREE)
            if self.marks:
                elements = marked(parse(tree), self.screen)
                seen["elements"] = fit(as_json(elements), _ELEMENTS)
                seen["screenshot"] = draw(screen, elements)
        if self.terminal:
            seen["terminal"] = fit(desktop.terminal(), _TERMINAL)
        return seen, screen
