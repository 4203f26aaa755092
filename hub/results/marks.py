"""Where on the screen an action goes, as far as the action and the texts beside the screen tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

CALL = re.compile(r"\b(?:\w*[cC]lick|moveTo|dragTo)\(\s*(?:x\s*=\s*)?(\d+(?:\.\d+)?)\s*,\s*(?:y\s*=\s*)?(\d+(?:\.\d+)?)")
"""Code that clicks or goes to a place: `pyautogui.click(120, 48)`, `moveTo(x=3, y=4)`."""

Mark = dict[str, float]
"""A point (`x`, `y`) or a box (`x`, `y`, `width`, `height`) in pixels of the screen."""


def mark_of(action: Any, texts: Mapping[str, str]) -> Mark | None:
    """Return where `action` goes: its own `x` and `y`, or the box of the element whose `index` it names; None where it says no place.

    Args:
        action: a JSON value, or a text that holds one, or a line of code.
        texts: what was to be read beside the screen; one of them may be a JSON list of elements with `bbox_pixels`.
    """
    found = _parsed(action) if isinstance(action, str) else action
    if not isinstance(found, Mapping):
        called = CALL.search(action) if isinstance(action, str) else None
        return {"x": float(called[1]), "y": float(called[2])} if called else None
    inner = found.get("parameters")
    for words in (found, inner if isinstance(inner, Mapping) else {}):
        if _is_number(words.get("x")) and _is_number(words.get("y")):
            return {"x": float(words["x"]), "y": float(words["y"])}
        if type(words.get("index")) is int:
            return _box(words["index"], texts.values())
    return None


def _box(index: int, texts: Iterable[str]) -> Mark | None:
    for text in texts:
        elements = _parsed(text)
        if not (isinstance(elements, list) and 0 <= index < len(elements) and isinstance(elements[index], Mapping)):
            continue
        box = elements[index].get("bbox_pixels")
        if isinstance(box, Mapping) and all(_is_number(box.get(key)) for key in ("x_min", "y_min", "x_max", "y_max")):
            return {"x": box["x_min"], "y": box["y_min"], "width": box["x_max"] - box["x_min"], "height": box["y_max"] - box["y_min"]}
    return None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
