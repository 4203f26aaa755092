"""Fingers for oracles: small moves that find what they need on the screen, and scripts made of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from hub_envs.phonesim.tasks.task import Elements, Moves

Element = dict[str, Any]
Move = Callable[[Elements], Generator[dict[str, Any], Elements, Elements]]
"""Given the elements on the screen, yields actions, and returns the elements after the last of them."""

SCROLLS = 30
"""As often one scrolls in one direction before giving up."""


class NotOnScreenError(LookupError):
    """What a move looks for is nowhere on the screen, however one scrolls: the script does not fit the phone."""


def play(*moves: Move) -> Moves:
    """Make the moves one after the other, and say that the task is complete."""
    yield from in_turn(*moves)([])
    yield {"action_type": "status", "goal_status": "complete"}


def _one(action: dict[str, Any]) -> Move:
    def move(_: Elements) -> Generator[dict[str, Any], Elements, Elements]:
        return (yield action)

    return move


def launch(app: str) -> Move:
    """Open an app by its name."""
    return _one({"action_type": "open_app", "app_name": app})


def back(times: int = 1) -> Move:
    """Go back so many times."""
    return in_turn(*[_one({"action_type": "navigate_back"})] * times)


def answer(text: str) -> Move:
    """Answer a question."""
    return _one({"action_type": "answer", "text": text})


def tap(text: str, nth: int = 0) -> Move:
    """Touch what has this text or description, or begins with it; the `nth` of several; scroll to it if it is not in sight."""
    return _touch("click", text, nth)


def hold(text: str) -> Move:
    """Press what `tap` would touch, long."""
    return _touch("long_press", text, 0)


def when(text: str, there: Move, else_: Move | None = None) -> Move:
    """Make one move where this text is in sight, and the other, or none, where it is not."""

    def move(screen: Elements) -> Generator[dict[str, Any], Elements, Elements]:
        chosen = there if _described(screen, text) else else_
        return (yield from chosen(screen)) if chosen else screen

    return move


def write(label: str, text: str) -> Move:
    """Replace what a field holds, and leave it by ENTER."""
    return _type(label, text, clear=True)


def append(label: str, text: str) -> Move:
    """Type at the end of what a field holds, and leave it by ENTER."""
    return _type(label, text, clear=False)


def in_turn(*moves: Move) -> Move:
    """Make moves one after the other."""

    def move(screen: Elements) -> Generator[dict[str, Any], Elements, Elements]:
        for each in moves:
            screen = yield from each(screen)
        return screen

    return move


def _described(screen: Elements, text: str) -> list[int]:
    """Indices of elements with this text, exactly."""
    return [index for index, element in enumerate(screen) if text in (element.get("text"), element.get("content_description"))]


def _clickable(screen: Elements, text: str) -> list[int]:
    exact = _described(screen, text)
    begun = [index for index, element in enumerate(screen) if element.get("text", "").startswith(f"{text} ")]
    return [index for index in dict.fromkeys(exact + begun) if screen[index].get("is_clickable")]


def _editable(screen: Elements, label: str) -> list[int]:
    return [index for index, element in enumerate(screen) if element.get("is_editable") and element.get("content_description") == label]


def _touch(kind: str, text: str, nth: int) -> Move:
    def find(screen: Elements) -> list[int]:
        return _clickable(screen, text)[nth:]

    def move(screen: Elements) -> Generator[dict[str, Any], Elements, Elements]:
        screen = yield from _scroll_to(screen, find, text)
        return (yield {"action_type": kind, "index": find(screen)[0]})

    return move


def _type(label: str, text: str, *, clear: bool) -> Move:
    def move(screen: Elements) -> Generator[dict[str, Any], Elements, Elements]:
        screen = yield from _scroll_to(screen, lambda shown: _editable(shown, label), label)
        action = {"action_type": "input_text", "index": _editable(screen, label)[0], "text": text}
        return (yield {**action, "clear_text": True} if clear else action)

    return move


def _scroll_to(screen: Elements, find: Callable[[Elements], list[int]], what: str) -> Generator[dict[str, Any], Elements, Elements]:
    """Scroll down until it is found or the end is reached, then up."""
    for direction in ("down", "up"):
        for _ in range(SCROLLS):
            moving = [index for index, element in enumerate(screen) if element.get("is_scrollable")]
            if find(screen) or not moving:
                break
            before = screen
            screen = yield {"action_type": "scroll", "direction": direction, "index": moving[-1]}
            if screen == before:
                break
    if not find(screen):
        raise NotOnScreenError(
            f"{what!r} is not on the screen: {[element.get('text') or element.get('content_description') for element in screen]}"
        )
    return screen
