"""The paper's two action spaces, in terms of what the environments take.

Phone: `click`, `long_press`, `type`, `system_button`, `swipe`, `open_app`, `answer`, `wait`, `terminate` (or `done`). `swipe` has two ends
and AndroidWorld's a direction only: it goes along the longer axis, as a scroll of the scrollable element under its beginning where the
environment lists elements, else of the screen. AndroidWorld's own `swipe` is left alone: its left and right are the finger's other way
round. Two fields are additions of ours: `type` may name its field by `coordinate` and empty it first by `clear`.

Desktop: `key`, `type`, `mouse_move`, `click`, `drag`, `right_click`, `middle_click`, `double_click`, `scroll`, `wait`, `terminate`, as one
piece of Python code each; `wait` is OSWorld's WAIT, however long it asks for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hub_envs.androidworld.actions import Action, dumps

from hub_gui.surfaces import Surface, View
from hub_gui.surfaces.desktop import Desktop
from hub_gui.surfaces.view import box_of

GUIDES: Mapping[str, str] = {
    "phone": """\
- {"action": "click", "coordinate": [x, y]}
- {"action": "long_press", "coordinate": [x, y]}
- {"action": "type", "text": "words"}: into the field that has the focus, with enter at the end; "coordinate": [x, y] taps a field first,
  "clear": true empties it
- {"action": "system_button", "button": "Back"}: or "Home", or "Enter"
- {"action": "swipe", "coordinate": [x, y], "coordinate2": [x, y]}: the finger moves from the first place to the second
- {"action": "open_app", "text": "name of the app"}
- {"action": "answer", "text": "words"}: answers the user's question; do so before you end
- {"action": "wait"}
- {"action": "terminate", "status": "success"}: the goal is reached; "failure": it cannot be reached""",
    "desktop": """\
- {"action": "key", "keys": ["ctrl", "s"]}: one key, or several together
- {"action": "type", "text": "words", "clear": false, "enter": false}: into what has the focus; clear empties it first, enter ends it
- {"action": "mouse_move", "coordinate": [x, y]}
- {"action": "click", "coordinate": [x, y]}: and right_click, middle_click, double_click
- {"action": "drag", "coordinate": [x, y], "coordinate2": [x, y]}: from the first place to the second
- {"action": "scroll", "pixels": -3, "coordinate": [x, y]}: from -5 to 5 notches, up if positive; coordinate may be left out
- {"action": "wait"}
- {"action": "terminate", "status": "success"}: the goal is reached; "failure": it cannot be reached""",
}
"""The action spaces for prompts."""

Size = tuple[int, int]
"""Width and height."""

Place = tuple[int, int]


def carried_out(surface: Surface, found: Mapping[str, Any], view: View, picture: Size) -> str:
    """Return the environment's action for one of the paper's.

    Args:
        surface: a phone, or a desktop whose actions are Python code.
        found: the JSON object that the Worker wrote.
        view: the screen it is for.
        picture: size of the picture that its coordinates are in.

    Raises:
        ValueError: it is none; the message says why.
    """
    name = str(found.get("action"))
    if name in ("terminate", "done"):
        return surface.infeasible if found.get("status") == "failure" else surface.done

    def place(key: str = "coordinate") -> Place:
        return _place(found.get(key), picture, view.size)

    if isinstance(surface, Desktop):
        return surface.written(_desktop(surface, name, found, place))
    return surface.written(dumps(_phone(name, found, place, view)))


def _place(coordinate: Any, picture: Size, screen: Size) -> Place:
    """Return the pixel of the screen that a place in the picture stands for."""
    if not isinstance(coordinate, list) or len(coordinate) != 2 or not all(map(_is_number, coordinate)):
        raise ValueError(f"a coordinate is [x, y], not {coordinate!r}")
    if not all(0 <= at <= end for at, end in zip(coordinate, picture, strict=True)):
        raise ValueError(f"{coordinate} is outside the picture of {picture[0]} x {picture[1]}")
    x, y = (min(int(at * of / end), of - 1) for at, end, of in zip(coordinate, picture, screen, strict=True))
    return x, y


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text(found: Mapping[str, Any]) -> str:
    text = found.get("text")
    if not isinstance(text, str):
        raise ValueError(f"{found.get('action')} needs text")
    return text


_BUTTONS = {"Back": "navigate_back", "Home": "navigate_home", "Enter": "keyboard_enter"}


def _phone(name: str, found: Mapping[str, Any], place: Callable[..., Place], view: View) -> Action:
    match name:
        case "click" | "long_press":
            x, y = place()
            return Action(name, x=x, y=y)
        case "type":
            field = place() if "coordinate" in found else (None, None)
            emptied = True if found.get("clear") is True else None
            return Action("input_text", x=field[0], y=field[1], text=_text(found), clear_text=emptied)
        case "system_button":
            button = str(found.get("button")).capitalize()
            if button not in _BUTTONS:
                raise ValueError(f"button is {found.get('button')!r}, not one of {', '.join(_BUTTONS)}")
            return Action(_BUTTONS[button])
        case "swipe":
            return _swipe(place("coordinate"), place("coordinate2"), view)
        case "open_app":
            return Action("open_app", app_name=_text(found))
        case "answer":
            return Action("answer", text=_text(found))
        case "wait":
            return Action("wait")
    raise ValueError(f"there is no action {name!r} on a phone")


def _swipe(start: Place, end: Place, view: View) -> Action:
    right, down = end[0] - start[0], end[1] - start[1]
    if right == down == 0:
        raise ValueError("a swipe goes from one place to another")
    sideways = "left" if right > 0 else "right"
    content = sideways if abs(right) > abs(down) else "up" if down > 0 else "down"
    under = [index for index, element in enumerate(view.elements) if element.get("is_scrollable") and _holds(box_of(element), start)]
    return Action("scroll", direction=content, index=under[-1] if under else None)


def _holds(box: tuple[int, int, int, int], place: Place) -> bool:
    return box[0] <= place[0] < box[2] and box[1] <= place[1] < box[3]


_POINTED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "click": ("CLICK", {}),
    "right_click": ("RIGHT_CLICK", {}),
    "middle_click": ("CLICK", {"button": "middle"}),
    "double_click": ("DOUBLE_CLICK", {}),
    "mouse_move": ("MOVE_TO", {}),
}


def _desktop(surface: Desktop, name: str, found: Mapping[str, Any], place: Callable[..., Place]) -> str:
    def pointed(action_type: str, at: Place, parameters: Mapping[str, Any] = MappingProxyType({})) -> str:
        return surface.computer_13(action_type, {"x": at[0], "y": at[1], **parameters})

    match name:
        case "key":
            return surface.computer_13("HOTKEY", {"keys": found.get("keys")})
        case "type":
            emptied = [surface.computer_13("HOTKEY", {"keys": ["ctrl", "a"]}), surface.computer_13("PRESS", {"key": "backspace"})]
            ended = [surface.computer_13("PRESS", {"key": "enter"})]
            typed = [surface.computer_13("TYPING", {"text": _text(found)})]
            return "; ".join((emptied if found.get("clear") is True else []) + typed + (ended if found.get("enter") is True else []))
        case "drag":
            return "; ".join((pointed("MOVE_TO", place("coordinate")), pointed("DRAG_TO", place("coordinate2"))))
        case "scroll":
            notches = found.get("pixels")
            if not _is_number(notches) or not -5 <= float(notches or 0) <= 5:
                raise ValueError(f"pixels is a number from -5 to 5, not {notches!r}")
            there = [pointed("MOVE_TO", place())] if "coordinate" in found else []
            return "; ".join([*there, surface.computer_13("SCROLL", {"dy": notches})])
        case "wait":
            return "WAIT"
    if name not in _POINTED:
        raise ValueError(f"there is no action {name!r} on a desktop")
    action_type, parameters = _POINTED[name]
    return pointed(action_type, place(), parameters)
