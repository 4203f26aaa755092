"""Candidates as numbers: what an action points at, what it types, and how both relate to the words of the goal."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hub_gui.pointing.candidates import KINDS, PHRASE_KINDS, Candidate, Element

_WORDS = 48
"""Buckets that words are hashed into."""
_FLAGS = ("is_checked", "is_editable", "is_focused", "is_selected", "is_scrollable")
_KIND_AT = 0
_PHRASE_AT = _KIND_AT + len(KINDS)
_FLAGS_AT = _PHRASE_AT + len(PHRASE_KINDS)
_NUMBERS_AT = _FLAGS_AT + len(_FLAGS)
_NUMBERS = 8
_LABEL_AT = _NUMBERS_AT + _NUMBERS
_BEFORE_AT = _LABEL_AT + _WORDS
_GOAL_AT = _BEFORE_AT + _WORDS
_SCREEN_AT = _GOAL_AT + _WORDS
WIDTH = _SCREEN_AT + _WORDS
"""Numbers of a candidate."""


def label(candidate: Candidate) -> str:
    """Return the words of what a candidate points at, or opens."""
    element = candidate.element or {}
    parts = (element.get("text"), element.get("content_description"), element.get("hint_text"), candidate.action.app_name)
    return " ".join(part for part in parts if part)


def features(goal: str, elements: Sequence[Element], found: Sequence[Candidate]) -> NDArray[np.float32]:
    """Return (candidates, WIDTH): kinds, flags and places, words of the label, of the goal and of the screen, and what they share."""
    rows = np.zeros((len(found), WIDTH), dtype=np.float32)
    asked, wanted = goal.lower(), set(_words(goal))
    shown = " ".join(str(element.get("text") or element.get("content_description") or "") for element in elements)
    rows[:, _GOAL_AT:_SCREEN_AT] = _hashed(goal)
    # The title of a screen stands near its top.
    rows[:, _SCREEN_AT:] = _hashed(" ".join([*(str(element.get("package_name")) for element in elements[1:2]), *shown.split()[:6]]))
    for row, candidate in zip(rows, found, strict=True):
        _describe(row, candidate, asked, wanted, shown)
    return rows


def _describe(row: NDArray[np.float32], candidate: Candidate, asked: str, wanted: set[str], shown: str) -> None:
    element, words = candidate.element or {}, label(candidate)
    row[_KIND_AT + KINDS.index(candidate.action.action_type)] = 1
    row[_FLAGS_AT:_NUMBERS_AT] = [bool(element.get(flag)) for flag in _FLAGS]
    row[_LABEL_AT:_BEFORE_AT] = _hashed(words)
    named = _words(words)
    shared = sum(word in wanted for word in named) / max(len(named), 1)
    box = element.get("bbox_pixels")
    place = ((box["x_min"] + box["x_max"]) / 824, (box["y_min"] + box["y_max"]) / 1830) if box else (0.0, 0.0)
    exact = bool(words) and words.lower() in asked
    row[_NUMBERS_AT : _NUMBERS_AT + 5] = (shared, exact, *place, candidate.action.direction == "up")
    if candidate.phrase is not None:
        phrase = candidate.phrase
        row[_PHRASE_AT + PHRASE_KINDS.index(phrase.kind)] = 1
        row[_NUMBERS_AT + 5 : _NUMBERS_AT + 8] = (phrase.text in shown, phrase.before in named, len(phrase.text) / 40)
        row[_BEFORE_AT:_GOAL_AT] = _hashed(phrase.before)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _hashed(text: str) -> NDArray[np.float32]:
    """Return the words of a text, hashed into buckets with signs."""
    row = np.zeros(_WORDS, dtype=np.float32)
    for word in _words(text)[:40]:
        code = zlib.crc32(word.encode())
        row[code % _WORDS] += 1 if code & 0x10000 else -1
    return row
