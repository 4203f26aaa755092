"""AndroidWorld's actions: JSON objects that tap, type, scroll, open apps, answer, and say that a task is done.

| `action_type` | fields | effect |
| --- | --- | --- |
| `click`, `double_tap`, `long_press` | `index`, or `x` and `y` | at an element's centre, or at a pixel |
| `input_text` | `text`; `index`, or `x` and `y`; `clear_text` | tap there, empty the field if asked, type, press enter |
| `keyboard_enter`, `navigate_home`, `navigate_back` | | a key |
| `open_app` | `app_name` | |
| `scroll` | `direction`, `index` | show what lies in that direction, of the element or the screen |
| `swipe` | `direction` | move the finger: the inverse of `scroll`, across the screen's middle |
| `answer` | `text` | tell the user something; the last answer counts |
| `status` | `goal_status`: `complete` or `infeasible` | end the episode; any text, or none, does |
| `wait`, `unknown` | | let a second pass; do nothing |

`Action` takes and refuses what the reference's `JSONAction` does, but that places become whole numbers and names must be texts. `parse`
also refuses actions that its executor would raise on or pass over. Quirks of the reference to know: `scroll` with index 0 scrolls the whole
screen; `swipe` is the inverse of `scroll` up and down alone, left and right its executor moves the finger as for `scroll`; `clear_text`
without text clears nothing; no type reads `keycode`; its executor knows types, such as `press_keyboard`, which its parser never lets
through.

Source: google-research/android_world at d9c569f7, `env/json_action.py` and `env/actuation.py`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

ACTION_TYPES = (
    *("click", "double_tap", "scroll", "swipe", "input_text", "navigate_home", "navigate_back", "keyboard_enter", "open_app", "status"),
    *("wait", "long_press", "answer", "unknown"),
)
"""All types, in the reference's order."""

DIRECTIONS = ("left", "right", "down", "up")
"""Where `scroll` and `swipe` go."""

POINTING = ("click", "double_tap", "long_press")
"""Types that need a place."""

_NEEDED = {"input_text": "text", "answer": "text", "open_app": "app_name", "scroll": "direction", "swipe": "direction"}


@dataclass(frozen=True, slots=True)
class Action:
    """One action; fields that its type does not use are allowed, as in the reference.

    Attributes:
        action_type: one of `ACTION_TYPES`.
        index: place of an element in the list of elements; excludes `x` and `y`. Made an integer, from a numeral too.
        x: pixels from the left, made an integer.
        y: pixels from the top, made an integer.
        text: what to type or answer, made a text.
        direction: one of `DIRECTIONS`.
        goal_status: what the agent says of the goal, made a text.
        app_name: name of an app.
        keycode: name of a key, beginning with `KEYCODE_`.
        clear_text: whether to empty a field before typing.

    Raises:
        ValueError: a field is none of these; the message is one sentence.
    """

    action_type: str
    index: int | None = None
    x: int | None = None
    y: int | None = None
    text: str | None = None
    direction: str | None = None
    goal_status: str | None = None
    app_name: str | None = None
    keycode: str | None = None
    clear_text: bool | None = None

    def __post_init__(self) -> None:
        if self.action_type not in ACTION_TYPES:
            raise ValueError(f"action_type is {self.action_type!r}, not one of {', '.join(ACTION_TYPES)}")
        for name in ("index", "x", "y"):
            _replace(self, name, _whole)
        if self.index is not None and not (self.x is None and self.y is None):
            raise ValueError("give either index, or x and y, not both")
        for name in ("text", "goal_status"):
            _replace(self, name, lambda value, _: str(value))
        if self.direction and self.direction not in DIRECTIONS:
            raise ValueError(f"direction is {self.direction!r}, not one of {', '.join(DIRECTIONS)}")
        if not isinstance(self.app_name, str | None):
            raise ValueError(f"app_name is {self.app_name!r}, not a text")
        if self.keycode is not None and not str(self.keycode).startswith("KEYCODE_"):
            raise ValueError(f"keycode is {self.keycode!r}, which does not begin with KEYCODE_")
        if not isinstance(self.clear_text, bool | None):
            raise ValueError(f"clear_text is {self.clear_text!r}, not true or false")


def _replace(action: Action, name: str, made: Any) -> None:
    value = getattr(action, name)
    if value is not None:
        object.__setattr__(action, name, made(value, name))


def _whole(value: Any, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} is {value!r}, not a whole number") from None


FIELDS = tuple(field.name for field in fields(Action))
"""Keys of the JSON object."""


def parse(text: str) -> Action:
    """Read one action that can be carried out; null values count as absent.

    Raises:
        ValueError: the text is no JSON object, has an unknown key, is no action, or lacks what its type needs; the message is one sentence.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"action {_cut(text)} is not JSON; an example is " + '{"action_type":"click","index":0}') from None
    if not isinstance(found, dict):
        raise ValueError(f"action {_cut(text)} is not a JSON object")
    if unknown := sorted(found.keys() - set(FIELDS)):
        raise ValueError(f"unknown key {unknown[0]!r} in the action, known are {', '.join(FIELDS)}")
    if "action_type" not in found:
        raise ValueError(f"the action lacks action_type, one of {', '.join(ACTION_TYPES)}")
    action = Action(**found)
    if action.action_type in POINTING and action.index is None and (action.x is None or action.y is None):
        raise ValueError(f"{action.action_type} needs index, or x and y")
    needed = _NEEDED.get(action.action_type)
    if needed is not None and (getattr(action, needed) is None or (needed != "text" and not getattr(action, needed))):
        raise ValueError(f"{action.action_type} needs {needed}")
    return action


def _cut(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "…")


def dumps(action: Action) -> str:
    """Return the JSON text of `action` without spaces and nulls, fields in the order of `FIELDS`."""
    return json.dumps({name: value for name, value in asdict(action).items() if value is not None}, separators=(",", ":"))


def same(a: Action, b: Action) -> bool:
    """Tell whether two actions are equal to the reference: case of `text` and `app_name` does not matter, nor does `clear_text`."""
    return _without_case(a) == _without_case(b)


def _without_case(action: Action) -> dict[str, Any]:
    compared = asdict(action)
    del compared["clear_text"]
    for name in ("text", "app_name"):
        if compared[name] is not None:
            compared[name] = compared[name].lower()
    return compared
