"""What is on a phone's screen, as JSON: AndroidWorld's UI elements without what is false, empty or unknown.

Source: google-research/android_world at d9c569f7, `env/representation_utils.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

FIELDS = (
    *("text", "content_description", "class_name", "bbox_pixels", "hint_text", "is_checked", "is_checkable", "is_clickable", "is_editable"),
    *("is_enabled", "is_focused", "is_focusable", "is_long_clickable", "is_scrollable", "is_selected", "is_visible", "package_name"),
    *("resource_name", "tooltip"),
)
"""Keys that an element may have; `bbox_pixels` holds `x_min`, `x_max`, `y_min`, `y_max` in pixels."""


def described(element: object) -> dict[str, Any]:
    """Return one `UIElement` of an `android_world` checkout as JSON values."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(element, name, None)
        if name == "bbox_pixels" and value is not None:
            found[name] = {edge: int(getattr(value, edge)) for edge in ("x_min", "x_max", "y_min", "y_max")}
        elif value:
            found[name] = value
    return found


def dumps(elements: Iterable[Mapping[str, Any]], max_length: int) -> str:
    """Return a JSON list of ASCII text, an element's place being its index; elements at the end that do not fit are left out whole."""
    written: list[str] = []
    length = 2
    for element in elements:
        text = json.dumps(element, separators=(",", ":"))
        length += len(text) + bool(written)
        if length > max_length:
            break
        written.append(text)
    return f"[{','.join(written)}]"
