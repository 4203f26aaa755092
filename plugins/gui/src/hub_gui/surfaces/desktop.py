"""Desktops: OSWorld's environments, in either of their action spaces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from hub_envs.osworld.actions import WORDS, translate

import hub
from hub.errors import HubError
from hub_gui.surfaces.surface import Surface, drawn, letters, pixel
from hub_gui.surfaces.view import View, read_elements

_RANDOM = ("CLICK", "DOUBLE_CLICK", "RIGHT_CLICK", "MOVE_TO", "DRAG_TO", "SCROLL", "TYPING", "PRESS", "WAIT")


class Desktop(Surface):
    """A desktop that takes OSWorld's actions.

    Models write computer_13, and may say `index` for `x` and `y`; it is translated where the environment takes Python code. Elements are
    those of the accessibility tree that can be acted upon or read, numbered like set-of-marks screens (`hub_envs.osworld.elements`).
    """

    kind: ClassVar[str] = "desktop"
    nothing: ClassVar[str] = "WAIT"
    done: ClassVar[str] = "DONE"
    infeasible: ClassVar[str] = "FAIL"
    guide: ClassVar[str] = """\
- Click an element: {"action_type": "CLICK", "parameters": {"index": 3}}
  Any pixel can stand for an element: "x": 5, "y": 9. "button" may be "right" or "middle".
- Click twice, click with the right button, move the pointer there: DOUBLE_CLICK, RIGHT_CLICK, MOVE_TO with the same parameters
- Drag from the pointer's place with the left button: {"action_type": "DRAG_TO", "parameters": {"x": 5, "y": 9}}
- Turn the wheel, up if dy is positive, right if dx is: {"action_type": "SCROLL", "parameters": {"dy": -3}}
- Type into what has the focus: {"action_type": "TYPING", "parameters": {"text": "words"}}
- Press a key: {"action_type": "PRESS", "parameters": {"key": "enter"}}
- Press several keys together: {"action_type": "HOTKEY", "parameters": {"keys": ["ctrl", "s"]}}
- Let the screen change: {"action_type": "WAIT"}
- End, the goal being reached: {"action_type": "DONE"}
- End, the goal being impossible: {"action_type": "FAIL"}"""

    def __init__(self, task: hub.Task) -> None:
        super().__init__(task)
        self.action_space = str(task.env_kwargs.get("action_space", "pyautogui"))

    def view(self, observation: Mapping[str, Any]) -> View:
        """Return what the desktop shows, with the environment's own list of elements or one made of its accessibility tree."""
        screenshot = observation["screenshot"]
        elements = observation.get("elements")
        if elements is None:
            elements = _listed(observation.get("accessibility_tree", ""), (screenshot.shape[1], screenshot.shape[0]))
        return View(observation["instruction"], read_elements(elements), screenshot)

    def action(self, found: Mapping[str, Any], view: View) -> str:
        """Return OSWorld's action for an object of computer_13.

        Raises:
            ValueError: see `Surface.action`.
        """
        given = found.get("parameters", {key: value for key, value in found.items() if key != "action_type"})
        if not isinstance(given, dict):
            raise ValueError('"parameters" must be an object')
        parameters = dict(given)
        if "index" in parameters:
            parameters["x"], parameters["y"] = view.centre(parameters.pop("index"))
        return self.computer_13(found.get("action_type"), parameters)

    def computer_13(self, action_type: Any, parameters: Mapping[str, Any]) -> str:
        """Return one action of computer_13 as the environment takes it.

        Raises:
            ValueError: there is no such action.
        """
        text = json.dumps({"action_type": action_type, "parameters": dict(parameters)})
        code = translate(text, "computer_13")
        return self.written(code if code in WORDS or self.action_space == "pyautogui" else text)

    def random(self, view: View, generator: np.random.Generator) -> str:
        """Return a random action: AndroidWorld's weights over what a mouse and a keyboard do."""
        kind = drawn(_RANDOM, generator)
        parameters: dict[str, Any] = {}
        if kind in ("CLICK", "DOUBLE_CLICK", "RIGHT_CLICK", "MOVE_TO", "DRAG_TO"):
            parameters["x"], parameters["y"] = pixel(view, generator)
        if kind == "SCROLL":
            parameters["dy"] = int(generator.choice([-5, 5]))
        if kind == "TYPING":
            parameters["text"] = letters(generator)
        if kind == "PRESS":
            parameters["key"] = "enter"
        return self.computer_13(kind, parameters)


def _listed(tree: str, size: tuple[int, int]) -> str:
    if not tree:
        return "[]"
    from hub_envs.osworld.elements import as_json, marked, parse

    try:
        return as_json(marked(parse(tree), size))
    except ValueError as mistake:  # cut off: an observation holds a million characters
        raise HubError(f"the screen's {mistake}; with --env-arg marks=true the environment lists the elements itself") from None
