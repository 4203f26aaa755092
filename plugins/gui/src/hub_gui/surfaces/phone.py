"""Phones: PhoneSim and AndroidWorld, which take the same JSON actions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from hub_envs.androidworld.actions import DIRECTIONS, Action, dumps, parse

from hub_gui.surfaces.surface import Surface, drawn, letters, pixel
from hub_gui.surfaces.view import View, read_elements

_RANDOM = (
    *("click", "double_tap", "scroll", "swipe", "input_text"),
    *("navigate_home", "navigate_back", "keyboard_enter", "wait"),
)


class Phone(Surface):
    """A phone that takes AndroidWorld's JSON actions.

    `nothing` is AndroidWorld's `unknown`, which its executor passes over.
    """

    kind: ClassVar[str] = "phone"
    nothing: ClassVar[str] = dumps(Action("unknown"))
    done: ClassVar[str] = dumps(Action("status", goal_status="complete"))
    infeasible: ClassVar[str] = dumps(Action("status", goal_status="infeasible"))
    guide: ClassVar[str] = """\
- Tap an element: {"action_type": "click", "index": 3}
  Any pixel can stand for an element: "x": 5, "y": 9.
- Tap twice, or press long: {"action_type": "double_tap", "index": 3}, {"action_type": "long_press", "index": 3}
- Type into a field, which is tapped first; enter is pressed at the end: {"action_type": "input_text", "index": 3, "text": "words"}
  With "clear_text": true what the field holds is removed before.
- Press enter: {"action_type": "keyboard_enter"}
- Go to the home screen, or back: {"action_type": "navigate_home"}, {"action_type": "navigate_back"}
- Open an app: {"action_type": "open_app", "app_name": "Name"}
- See what lies above, below, left or right, of the screen or of one element: {"action_type": "scroll", "direction": "down", "index": 3}
- Let the screen change: {"action_type": "wait"}
- Answer the user's question: {"action_type": "answer", "text": "words"}
- End, the goal being reached: {"action_type": "status", "goal_status": "complete"}
- End, the goal being impossible: {"action_type": "status", "goal_status": "infeasible"}"""

    def view(self, observation: Mapping[str, Any]) -> View:
        """Return what the phone shows; phones behind AndroidWorld's server tell no elements."""
        return View(observation["goal"], read_elements(observation.get("elements", "[]")), observation.get("screenshot"))

    def action(self, found: Mapping[str, Any], view: View) -> str:
        """Return AndroidWorld's action; an index must be one of the elements.

        Raises:
            ValueError: see `Surface.action`.
        """
        action = parse(json.dumps(found))
        if action.index is not None:
            view.centre(action.index)
        return self.written(dumps(action))

    def ends(self, action: str) -> bool:
        """Whether an action is a `status`."""
        return parse(action).action_type == "status"

    def random(self, view: View, generator: np.random.Generator) -> str:
        """Return a random action, as AndroidWorld's random agent draws it."""
        kind = drawn(_RANDOM, generator)
        fields: dict[str, Any] = {}
        if kind in ("click", "double_tap", "input_text"):
            fields["x"], fields["y"] = pixel(view, generator)
        if kind == "input_text":
            fields["text"] = letters(generator)
        if kind in ("scroll", "swipe"):
            fields["direction"] = DIRECTIONS[int(generator.integers(len(DIRECTIONS)))]
        return dumps(Action(kind, **fields))
