"""The scripted Manager, Reflector and Notetaker: they see what their prompts show."""

from __future__ import annotations

import json
import re

from hub_gui.mobile_agent.scripted.prompt import Prompt, Screen, labels, name_of
from hub_gui.surfaces.view import box_of

_LONGEST_NOTES = 4000


_MISSING = "what is needed is not there"


def manager(prompt: Prompt) -> str:
    """Keep to the plan; when the Worker is stuck because it does not find its way any more, begin again."""
    attempt = prompt.attempt + (_MISSING in prompt.section("Stuck"))
    return f"Thought: attempt {attempt}\nCompleted: nothing\nPlan: 1. Attempt {attempt}: do what the goal asks, from the beginning."


def reflector(prompt: Prompt) -> str:
    """Judge a press by what lies under it, typing by what can be read afterwards; believe the rest."""
    before, after = prompt.screens
    action, description = json.loads(prompt.section("Action")), prompt.section("Description")
    changed = before != after
    if description == "Wait for what is needed.":
        return _failed(changed=False, error=_MISSING)
    if description == "Go back.":
        return _succeeded() if changed else _failed(changed=False, error="there is no page before")
    if pressed := re.fullmatch(r'Press (".*")\.', description):
        if not _under(before, action["coordinate"], json.loads(pressed[1])):
            return _failed(changed=changed, error="something else was pressed")
    elif (typed := re.fullmatch(r'Type (".*")\.', description)) and json.loads(typed[1]) not in "\n".join(labels(after)):
        return _failed(changed=changed, error="what was to be typed cannot be read")
    return _succeeded()


def notetaker(prompt: Prompt) -> str:
    """Add what the screen says and neither goal nor notes do; the oldest notes give way."""
    (screen,) = prompt.screens
    notes = prompt.section("Notes").removeprefix("(none)")
    new = [" ".join(label.split()) for label in dict.fromkeys(labels(screen)) if label not in notes and label not in prompt.section("Goal")]
    return "Notes: " + " | ".join([notes, *new] if notes else new)[-_LONGEST_NOTES:]


def _under(screen: Screen, place: list[int], name: str) -> bool:
    x, y = place
    boxes = [box_of(element) for element in screen if name_of(element) == name]
    return any(left <= x < right and top <= y < bottom for left, top, right, bottom in boxes)


def _succeeded() -> str:
    return "Outcome: A\nError: none"


def _failed(*, changed: bool, error: str) -> str:
    return f"Outcome: {'B' if changed else 'C'}\nError: {error}"
