"""What one could do on a screen: touch what can be touched, type a phrase of the goal into a field, scroll, go back, end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub_envs.androidworld.actions import Action, dumps

Element = dict[str, Any]

APPS = ("Contacts", "Messages", "Notes", "Calendar", "Settings", "Files", "Browser")
"""What can be opened by name."""

_PHRASES = (
    ("quoted", re.compile(r'"([^"]+)"')),
    ("after a colon", re.compile(r": (?!\")(.+?)$")),
    ("number", re.compile(r"(\+\d[\d ]+\d)")),
    ("address", re.compile(r"([\w.]+@[\w.]+\w)")),
    ("name", re.compile(r"(?<![.?!:] )(?<!^)\b([A-Z][\w'-]*(?: [A-Z][\w'-]*)*)")),
    ("figure", re.compile(r"\b(\d+(?::\d\d)?)\b")),
)
"""Kinds of phrases of a goal that may be meant to be typed."""

KINDS = ("click", "long_press", "input_text", "open_app", "scroll", "navigate_back", "status")
PHRASE_KINDS = tuple(kind for kind, _ in _PHRASES)
MOST_PHRASES = 10


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of the goal.

    Attributes:
        kind: one of `PHRASE_KINDS`.
        text: its words.
        before: the word before it, in lower case.
    """

    kind: str
    text: str
    before: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An action that could be taken.

    Attributes:
        action: the action.
        element: what it points at, if anything.
        phrase: what it types, if anything.
    """

    action: Action
    element: Element | None = None
    phrase: Phrase | None = None

    @property
    def text(self) -> str:
        """The action as the environment takes it."""
        return dumps(self.action)


def phrases(goal: str) -> list[Phrase]:
    """Return the first `MOST_PHRASES` phrases of a goal that may be meant to be typed, each once."""
    found: dict[str, Phrase] = {}
    for kind, pattern in _PHRASES:
        for match in pattern.finditer(goal):
            words = re.findall(r"\w+", goal[: match.start(1)])
            found.setdefault(match.group(1), Phrase(kind, match.group(1), words[-1].lower() if words else ""))
    return list(found.values())[:MOST_PHRASES]


def candidates(goal: str, elements: Sequence[Element]) -> list[Candidate]:
    """Return what one could do, always in the same order; the last is to say that the task is complete."""
    typed = phrases(goal)
    found = [candidate for index, element in enumerate(elements) for candidate in _on(index, element, typed)]
    found += [Candidate(Action("open_app", app_name=app)) for app in APPS]
    return [*found, Candidate(Action("navigate_back")), Candidate(Action("status", goal_status="complete"))]


def _on(index: int, element: Element, typed: Sequence[Phrase]) -> list[Candidate]:
    found = []
    if element.get("is_clickable") and not element.get("is_editable"):
        found.append(Candidate(Action("click", index=index), element))
    if element.get("is_long_clickable"):
        found.append(Candidate(Action("long_press", index=index), element))
    if element.get("is_editable"):
        found += [Candidate(Action("input_text", index=index, text=phrase.text, clear_text=True), element, phrase) for phrase in typed]
    if element.get("is_scrollable"):
        found += [Candidate(Action("scroll", direction=direction, index=index), element) for direction in ("down", "up")]
    return found
