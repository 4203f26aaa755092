"""What was read of a screen, and how it is written as OSWorld's XML."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from .bus import Reference

NAMESPACES = {
    "st": "https://accessibility.ubuntu.example.org/ns/state",
    "attr": "https://accessibility.ubuntu.example.org/ns/attributes",
    "cp": "https://accessibility.ubuntu.example.org/ns/component",
    "doc": "https://accessibility.ubuntu.example.org/ns/document",
    "docattr": "https://accessibility.ubuntu.example.org/ns/document/attributes",
    "txt": "https://accessibility.ubuntu.example.org/ns/text",
    "val": "https://accessibility.ubuntu.example.org/ns/value",
    "act": "https://accessibility.ubuntu.example.org/ns/action",
}

_STATES = (
    *("invalid", "active", "armed", "busy", "checked", "collapsed", "defunct", "editable", "enabled", "expandable", "expanded"),
    *("focusable", "focused", "has_tooltip", "horizontal", "iconified", "modal", "multi_line", "multiselectable", "opaque", "pressed"),
    *("resizable", "selectable", "selected", "sensitive", "showing", "single_line", "stale", "transient", "vertical", "visible"),
    *("manages_descendants", "indeterminate", "required", "truncated", "animated", "invalid_entry", "supports_autocompletion"),
    *("selectable_text", "is_default", "visited", "checkable", "has_popup", "read_only"),
)
"""AT-SPI's states, by the number of their bit."""

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffb\U00010000-\U0010ffff]")
"""What XML forbids, and U+FFFC and U+FFFD, which stand for objects in a text."""


class States(NamedTuple):
    """The states that something is in, by name, and as they are written."""

    names: frozenset[str]
    written: str


@functools.lru_cache(1024)
def states(bits: tuple[int, ...]) -> States:
    """Return the states that AT-SPI's words of 32 bits stand for."""
    number = sum(word << (32 * index) for index, word in enumerate(bits))
    names = [name for index, name in enumerate(_STATES) if number >> index & 1]
    return States(frozenset(names), "".join(f' st:{name}="true"' for name in names))


_UNKNOWN = states(())


@dataclass(slots=True)
class Node:
    """Something on the screen, as far as it was read."""

    reference: Reference
    states: States = _UNKNOWN
    tag: str = "unknown"
    name: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    box: tuple[int, int, int, int] | None = None
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def write(self, parts: list[str]) -> None:
        """Add the XML of this node and of all below it."""
        x, y, width, height = self.box or (0, 0, 0, 0)
        box = f' cp:screencoord="({x}, {y})" cp:size="({width}, {height})"' if self.box else ""
        attributes = "".join([f" {name}={_quoted(value)}" for name, value in self.attributes.items()])
        parts.append(f"<{self.tag} name={_quoted(self.name)}{self.states.written}{attributes}{box}>{escape(_clean(self.text))}")
        for child in self.children:
            child.write(parts)
        parts.append(f"</{self.tag}>")

    def move(self, right: int, down: int) -> None:
        """Move the box of this node."""
        if self.box:
            x, y, width, height = self.box
            self.box = x + right, y + down, width, height

    def all(self) -> Iterator[Node]:
        """Return this node and all below it."""
        yield self
        for child in self.children:
            yield from child.all()


def document(nodes: list[Node], *, cut: bool) -> str:
    """Return the XML of a desktop; `cut` says that something is missing."""
    parts: list[str] = []
    for node in nodes:
        node.write(parts)
    names = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NAMESPACES.items())
    missing = ' cut="true"' if cut else ""
    return f"<desktop-frame{names}{missing}>{''.join(parts)}</desktop-frame>"


@functools.lru_cache(4096)
def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)
