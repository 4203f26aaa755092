"""AndroidWorld's actions as input events and calls into the phone's page, played on many phones at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from typing import Any

from hub_envs.androidworld.actions import Action
from hub_envs.phonesim.phones import HEIGHT, WIDTH, Phones
from hub_envs.phonesim.tasks.task import Elements

Event = tuple[str, Mapping[str, Any]]
"""A command of the DevTools protocol that carries an input event."""

Step = list[Event] | str
"""What a phone is sent at a time: input events, or a JavaScript expression, whose value is sent back."""

Course = Generator[Step, Any, str | None]
"""Yields the steps of an action and returns why it was impossible, or None."""

_KEYS = {"keyboard_enter": "phone.enter()", "navigate_home": "phone.home()", "navigate_back": "phone.back()"}
_OPPOSITE = {"up": "down", "down": "up", "left": "right", "right": "left"}


def perform(phones: Phones, actions: Mapping[int, Action], elements: Mapping[int, Elements]) -> dict[int, str]:
    """Carry out an action on each phone named, side by side; `elements` are those on its screen.

    Returns:
        Why it was impossible, for each phone where it was: nothing happened there.
    """
    courses = {phone: _course(action, elements[phone]) for phone, action in actions.items()}
    answers: dict[int, Any] = dict.fromkeys(courses)
    errors: dict[int, str] = {}
    while courses:
        steps: dict[int, Step] = {}
        for phone in list(courses):
            try:
                steps[phone] = courses[phone].send(answers[phone])
            except StopIteration as done:
                del courses[phone]
                if done.value is not None:
                    errors[phone] = done.value
        phones.send({phone: step for phone, step in steps.items() if not isinstance(step, str)})
        answers = dict.fromkeys(courses) | phones.evaluate({phone: step for phone, step in steps.items() if isinstance(step, str)})
    return errors


def _course(action: Action, elements: Elements) -> Course:
    try:
        place = _place(action, elements)
    except ValueError as outside:
        return str(outside)
    x, y = place or (WIDTH // 2, HEIGHT // 2)
    match action.action_type:
        case "click" | "double_tap" | "long_press" as gesture:
            yield _GESTURES[gesture](x, y)
        case "input_text":
            return (yield from _type(action, place))
        case "open_app":
            if not (yield f"phone.open({json.dumps(action.app_name)})"):
                return f"there is no app called {action.app_name!r}"
        case "scroll" | "swipe" as move:
            direction = str(action.direction) if move == "scroll" else _OPPOSITE[str(action.direction)]
            yield f"phoneScreen.scroll({json.dumps(direction)}, {x}, {y})"
        case key if key in _KEYS:
            yield _KEYS[key]
    return None


def _place(action: Action, elements: Elements) -> tuple[int, int] | None:
    """Return where an action goes, if it says so. Raises ValueError where that is not on the screen."""
    if action.index is not None:
        if not 0 <= action.index < len(elements):
            raise ValueError(f"index {action.index} is none of the {len(elements)} elements on the screen, which count from 0")
        box = elements[action.index]["bbox_pixels"]
        return (box["x_min"] + box["x_max"]) // 2, (box["y_min"] + box["y_max"]) // 2
    if action.x is None or action.y is None:
        return None
    if not (0 <= action.x < WIDTH and 0 <= action.y < HEIGHT):
        raise ValueError(f"({action.x}, {action.y}) is not on the screen of {WIDTH} x {HEIGHT} pixels")
    return action.x, action.y


def _type(action: Action, place: tuple[int, int] | None) -> Course:
    if place is not None:
        yield _click(*place)
    if not (yield f"phoneScreen.prepare({json.dumps(bool(action.clear_text))})"):
        return "no text field is there to type into" if place is not None else "no text field has the focus; say which by index, or x and y"
    yield [("Input.insertText", {"text": action.text})]
    yield "phone.enter()"
    return None


def _click(x: int, y: int, *, count: int = 1, button: str = "left") -> list[Event]:
    where = {"x": x, "y": y, "button": button, "clickCount": count}
    return [("Input.dispatchMouseEvent", {"type": kind, **where}) for kind in ("mousePressed", "mouseReleased")]


_GESTURES: Mapping[str, Callable[[int, int], list[Event]]] = {
    "click": _click,
    "double_tap": lambda x, y: [*_click(x, y), *_click(x, y, count=2)],
    "long_press": lambda x, y: _click(x, y, button="right"),  # Chromium makes a `contextmenu` event of both, of a finger's by the clock
}
