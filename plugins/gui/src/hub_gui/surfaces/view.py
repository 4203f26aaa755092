"""What an agent sees at one moment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub_baselines.language.messages import Image

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""

_TEXTS = ("text", "content_description", "hint_text", "tooltip")
_STATES = ("checked", "selected", "focused")
_ABILITIES = ("clickable", "editable", "checkable", "scrollable", "long_clickable")


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One screen.

    Attributes:
        goal: what is to be done.
        elements: what is on the screen, in AndroidWorld's fields; an element's place is its index.
        screenshot: the pixels (height, width, 3), where the environment shows them.
    """

    goal: str
    elements: Sequence[Mapping[str, Any]]
    screenshot: Image | None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; without a screenshot, what the elements reach to."""
        if self.screenshot is not None:
            height, width = self.screenshot.shape[:2]
            return width, height
        boxes = [box_of(element) for element in self.elements] or [(0, 0, 1, 1)]
        return max(1, *(box[2] for box in boxes)), max(1, *(box[3] for box in boxes))

    @property
    def listing(self) -> str:
        """The elements as lines of text: index, what it is and says, its states and abilities, its box."""
        return "\n".join(f"{index}: {_line(element)}" for index, element in enumerate(self.elements)) or "(none)"

    def centre(self, index: Any) -> tuple[int, int]:
        """Return the middle of an element.

        Raises:
            ValueError: no element has that index.
        """
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(self.elements):
            raise ValueError(f"index {index!r} is none of the {len(self.elements)} elements, which count from 0")
        left, top, right, bottom = box_of(self.elements[index])
        return (left + right) // 2, (top + bottom) // 2


def box_of(element: Mapping[str, Any]) -> Box:
    """Return an element's box."""
    box = element.get("bbox_pixels") or {}
    left, top, right, bottom = (int(box.get(side, 0)) for side in ("x_min", "y_min", "x_max", "y_max"))
    return left, top, right, bottom


def label_of(element: Mapping[str, Any]) -> str:
    """Return what an element says: its text, or what describes it; empty if nothing does."""
    return next((str(element[field]) for field in _TEXTS if element.get(field)), "")


def read_elements(text: str) -> list[dict[str, Any]]:
    """Return the elements of an observation's JSON text."""
    found: list[dict[str, Any]] = json.loads(text)
    return found


def _line(element: Mapping[str, Any]) -> str:
    kind = str(element.get("class_name", "")).rpartition(".")[2] or "element"
    named = ", ".join(f"{field}={json.dumps(element[field], ensure_ascii=False)}" for field in _TEXTS if element.get(field))
    words = [word for word in (*_STATES, *_ABILITIES) if element.get(f"is_{word}")]
    return " ".join(part for part in (kind, named, f"({', '.join(words)})" if words else "", str(list(box_of(element)))) if part)
