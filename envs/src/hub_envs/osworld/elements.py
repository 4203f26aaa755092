"""Screen elements: OSWorld's accessibility tree as a list, and as numbered boxes on the screen (set-of-marks)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.error import DependencyNotInstalled

if TYPE_CHECKING:
    from hub_envs.osworld.client import Screen

NAMESPACES = {
    name: f"https://accessibility.ubuntu.example.org/ns/{place}"
    for name, place in {
        "st": "state",
        "attr": "attributes",
        "cp": "component",
        "doc": "document",
        "docattr": "document/attributes",
        "txt": "text",
        "val": "value",
        "act": "action",
    }.items()
}
"""Name spaces of OSWorld's accessibility tree by their usual prefixes."""

_PAIR = re.compile(r"\((-?\d+), (-?\d+)\)")

_ACTIVE = frozenset(
    [
        "button",
        "check-box",
        "check-menu-item",
        "combo-box",
        "entry",
        "heading",
        "icon",
        "image",
        "link",
        "list-item",
        "menu",
        "menu-item",
        "page-tab",
        "password-text",
        "push-button",
        "radio-button",
        "radio-menu-item",
        "scroll-bar",
        "slider",
        "spin-button",
        "static",
        "table-cell",
        "text",
        "toggle-button",
        "tool-bar-item",
        "tree-item",
        "label",
        "document-web",
        "paragraph",
        "terminal",
        "canvas",
    ]
)
"""Roles of what can be acted upon or read; containers are left out."""

_FLAGS = {
    "is_checked": "checked",
    "is_checkable": "checkable",
    "is_editable": "editable",
    "is_focused": "focused",
    "is_focusable": "focusable",
    "is_selected": "selected",
}
"""AndroidWorld's names of states by those of AT-SPI."""


@dataclass(frozen=True, slots=True)
class Element:
    """One node of the tree.

    Attributes:
        role: AT-SPI's role with dashes, such as `push-button`.
        name: accessible name.
        text: text content.
        box: left, top, right, bottom in pixels.
        states: names of the states it is in.
    """

    role: str
    name: str
    text: str
    box: tuple[int, int, int, int]
    states: frozenset[str]

    @property
    def centre(self) -> tuple[int, int]:
        """Return the middle of the box."""
        left, top, right, bottom = self.box
        return (left + right) // 2, (top + bottom) // 2


def parse(tree: str) -> list[Element]:
    """Return the tree's nodes that show and have an extent, in document order.

    Raises:
        ValueError: `tree` is no XML.
    """
    from lxml import etree

    try:
        root = etree.fromstring(tree.encode(), etree.XMLParser(huge_tree=True))
    except etree.XMLSyntaxError as mistake:
        raise ValueError(f"not an accessibility tree: {mistake}") from None
    return list(_elements(root))


def _elements(root: Any) -> Iterator[Element]:
    state, component = f"{{{NAMESPACES['st']}}}", f"{{{NAMESPACES['cp']}}}"
    for node in root.iter():
        corner, size = (_PAIR.fullmatch(node.get(component + key, "")) for key in ("screencoord", "size"))
        states = frozenset(key.removeprefix(state) for key, value in node.attrib.items() if key.startswith(state) and value == "true")
        if corner is None or size is None or not {"showing", "visible"} <= states:
            continue
        left, top, width, height = (int(part) for pair in (corner, size) for part in pair.groups())
        if width > 0 and height > 0:
            yield Element(str(node.tag), node.get("name", ""), node.text or "", (left, top, left + width, top + height), states)


def marked(elements: Sequence[Element], size: tuple[int, int]) -> list[Element]:
    """Return the elements worth a mark: on a screen of `size` (width, height), of an active role, named or focusable."""
    width, height = size
    return [
        element
        for element in elements
        if element.role in _ACTIVE
        and (element.role != "table-cell" or element.text)
        and (element.name or element.text or "focusable" in element.states)
        and 0 <= element.centre[0] < width
        and 0 <= element.centre[1] < height
    ]


def as_json(elements: Sequence[Element]) -> str:
    """Return elements as a JSON list with AndroidWorld's names of fields; false and empty values are left out."""
    return json.dumps([_fields(element) for element in elements], separators=(",", ":"))


def _fields(element: Element) -> dict[str, Any]:
    left, top, right, bottom = element.box
    fields: dict[str, Any] = {
        "text": element.text,
        "content_description": element.name,
        "class_name": element.role,
        "bbox_pixels": {"x_min": left, "x_max": right, "y_min": top, "y_max": bottom},
        **{flag: name in element.states for flag, name in _FLAGS.items()},
        "is_clickable": "focusable" in element.states,
        "is_enabled": "enabled" in element.states,
        "is_visible": True,
    }
    return {key: value for key, value in fields.items() if value}


def draw(screen: Screen, elements: Sequence[Element]) -> Screen:
    """Return a copy of the screen with every element's box and its place in the list."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ModuleNotFoundError as missing:
        raise DependencyNotInstalled('marks need Pillow: pip install "gymhub-envs[osworld]"') from missing
    picture = Image.fromarray(screen)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(11)
    for number, element in enumerate(elements):
        left, top, right, bottom = element.box
        pen.rectangle((left, top, right - 1, bottom - 1), outline="#d55e00")
        tag = pen.textbbox((left, top), str(number), font=font)
        pen.rectangle((tag[0] - 1, tag[1] - 1, tag[2] + 1, tag[3] + 1), fill="#d55e00")
        pen.text((left, top), str(number), fill="white", font=font)
    return np.array(picture)
