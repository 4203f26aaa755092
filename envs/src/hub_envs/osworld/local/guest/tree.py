"""The helper that reads AT-SPI: what programs tell assistive technology of their windows, in OSWorld's XML.

The system's own /usr/bin/python3 runs it, which alone has the bindings and may be older than ours. Requests are
`{"what": "tree" | "terminal" | "nothing", "limit": seconds}`; answers are `{"text": ...}` or `{"error": ...}`.

As in OSWorld an element is named after its role, with dashes for blanks. Other than there, what cannot be seen is left out with all below
it: menus that are shut, pages of tabs behind, cells outside the window (a sheet has seventeen thousand million). Cells have name, states,
place and text, but neither attributes nor value. Attributes that are empty are left out.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import gi

gi.require_version("Gio", "2.0")
from gi.repository import GLib  # noqa: E402

from .bus import ROOT, Bus, Question, Reference, UnansweredError, about  # noqa: E402

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

STATES = (
    *("invalid", "active", "armed", "busy", "checked", "collapsed", "defunct", "editable", "enabled", "expandable", "expanded"),
    *("focusable", "focused", "has_tooltip", "horizontal", "iconified", "modal", "multi_line", "multiselectable", "opaque", "pressed"),
    *("resizable", "selectable", "selected", "sensitive", "showing", "single_line", "stale", "transient", "vertical", "visible"),
    *("manages_descendants", "indeterminate", "required", "truncated", "animated", "invalid_entry", "supports_autocompletion"),
    *("selectable_text", "is_default", "visited", "checkable", "has_popup", "read_only"),
)
"""AT-SPI's states, by the number of their bit."""

_DEEPEST, _WIDEST = 50, 1024
_NOT_IN_NAMES = re.compile(r"[^\w.-]")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffb\U00010000-\U0010ffff]")
"""What XML forbids, and U+FFFC and U+FFFD, which stand for objects in a text."""


@dataclass
class Node:
    """Something on the screen, as far as it was read."""

    reference: Reference
    states: list[str]
    tag: str = "unknown"
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def write(self, parts: list[str]) -> None:
        """Add the XML of this node and of all below it."""
        named = {"name": self.attributes.pop("name", ""), **{f"st:{state}": "true" for state in self.states}, **self.attributes}
        parts.append(
            f"<{self.tag}{''.join(f' {name}={quoteattr(_clean(value))}' for name, value in named.items())}>{escape(_clean(self.text))}"
        )
        for child in self.children:
            child.write(parts)
        parts.append(f"</{self.tag}>")

    def all(self) -> Iterator[Node]:
        """Return this node and all below it."""
        yield self
        for child in self.children:
            yield from child.all()


class Reader:
    """Reads what is shown.

    Args:
        bus: where to ask.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._deadline = 0.0

    def tree(self, limit: float) -> str:
        """Return the tree of all that is shown, as XML; what was not read in time is missing, and the root's `cut` says so."""
        applications, whole = self._applications(limit)
        parts: list[str] = []
        for application in applications:
            application.write(parts)
        names = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NAMESPACES.items())
        cut = "" if whole else ' cut="true"'
        return f"<desktop-frame{names}{cut}>{''.join(parts)}</desktop-frame>"

    def terminal(self, limit: float) -> str | None:
        """Return the text of the terminal that has the focus in the active window, None where there is none."""
        for application in self._applications(limit, active_only=True)[0]:
            for window in application.children:
                if "active" in window.states:
                    for node in window.all():
                        if node.tag == "terminal" and "focused" in node.states:
                            return node.text.rstrip()
        return None

    def _applications(self, limit: float, *, active_only: bool = False) -> tuple[list[Node], bool]:
        self._deadline = time.monotonic() + limit
        (references,) = self._bus.ask([Question(ROOT, "Accessible", "GetChildren")], self._deadline)
        applications = [Node(Reference(*reference), []) for reference in references or []]
        whole = True
        for application in applications:
            try:
                self._read_below(application, active_only)
            except UnansweredError:  # what was read of it is shown, and the next may answer
                whole = False
        return applications, whole

    def _read_below(self, application: Node, active_only: bool) -> None:
        """Read a program's nodes, a level at a time, so that each level costs a few rounds of questions."""
        level = [application]
        for depth in range(_DEEPEST):
            if not level:
                return
            below = self._read(level)
            for node in level:
                if node.tag == "table" and "manages_descendants" in node.states:
                    self._read_cells(node)
            level = self._shown(below)
            if active_only and depth == 0:
                level = [window for window in level if "active" in window.states]

    def _read(self, nodes: Sequence[Node]) -> list[tuple[Node, Reference]]:
        """Read nodes whose states are known; return what hangs below them, with whom it hangs below."""
        every = [
            question
            for node in nodes
            for question in (
                Question(node.reference, "Accessible", "GetRoleName"),
                about(node.reference, "Accessible", "Name"),
                Question(node.reference, "Accessible", "GetAttributes"),
                Question(node.reference, "Accessible", "GetInterfaces"),
                about(node.reference, "Accessible", "ChildCount"),
            )
        ]
        answers = self._bus.ask(every, self._deadline)
        further: list[tuple[Node, str, Question]] = []
        for index, node in enumerate(nodes):
            role, name, attributes, interfaces, count = answers[5 * index : 5 * index + 5]
            node.tag = _NOT_IN_NAMES.sub("-", (role or "").strip()) or "unknown"
            node.attributes = {"name": name or ""}
            node.attributes.update({f"attr:{_NOT_IN_NAMES.sub('-', key)}": value for key, value in (attributes or {}).items() if value})
            further += [(node, what, question) for what, question in _further(node.reference, interfaces or [], count or 0)]
        below: list[tuple[Node, Reference]] = []
        for (node, what, _), answer in zip(further, self._bus.ask([question for _, _, question in further], self._deadline), strict=True):
            if answer is not None and what == "children":
                below += [(node, Reference(*child)) for child in answer]
            elif answer is not None:
                _TAKE[what](node, answer)
        return below

    def _shown(self, below: Sequence[tuple[Node, Reference]]) -> list[Node]:
        """Hang those that are shown below their parents and return them."""
        states = self._bus.ask([Question(reference, "Accessible", "GetState") for _, reference in below], self._deadline)
        shown = []
        for (parent, reference), bits in zip(below, states, strict=True):
            named = _state_names(bits or [])
            if "showing" in named:
                shown.append(Node(reference, named))
                parent.children.append(shown[-1])
        return shown

    def _read_cells(self, table: Node) -> None:
        """Hang the cells of a spreadsheet that are in sight below it: those between the ones in two corners of its window."""
        corners = [Question(table.reference, "Component", "GetAccessibleAtPoint", _point(table, corner)) for corner in (0, 1)]
        found = [Reference(*answer) for answer in self._bus.ask(corners, self._deadline) if answer is not None]
        asked = [Question(cell, "Accessible", "GetIndexInParent") for cell in found]
        *ends, columns = self._bus.ask([*asked, about(table.reference, "Table", "NColumns")], self._deadline)
        if len(ends) < 2 or None in ends or not columns:
            return
        (top, left), (bottom, right) = (divmod(end, columns) for end in ends)
        numbers = [row * columns + column for row in range(top, bottom + 1) for column in range(left, right + 1)]
        ask = [
            Question(table.reference, "Accessible", "GetChildAtIndex", GLib.Variant("(i)", (number,))) for number in numbers[: 4 * _WIDEST]
        ]
        cells = self._shown([(table, Reference(*answer)) for answer in self._bus.ask(ask, self._deadline) if answer is not None])
        questions = [question for cell in cells for question in _cell(cell.reference)]
        answers = self._bus.ask(questions, self._deadline)
        for index, cell in enumerate(cells):
            name, box, text = answers[3 * index : 3 * index + 3]
            cell.tag, cell.attributes, cell.text = "table-cell", {"name": name or ""}, text or ""
            _take_box(cell, box or (0, 0, 0, 0))


def _further(asked: Reference, interfaces: Sequence[str], count: int) -> Iterator[tuple[str, Question]]:
    """Return what else to ask of a node, given what it can do, each with the name of what the answer is."""
    able = {interface.rpartition(".")[2] for interface in interfaces}
    if 0 < count <= _WIDEST:
        yield "children", Question(asked, "Accessible", "GetChildren")
    if "Component" in able:
        yield "box", Question(asked, "Component", "GetExtents", GLib.Variant("(u)", (0,)))
    if "Text" in able:
        yield "text", Question(asked, "Text", "GetText", GLib.Variant("(ii)", (0, -1)))
    if "Value" in able:
        yield "value", Question(asked, "Properties", "GetAll", GLib.Variant("(s)", ("org.a11y.atspi.Value",)))
    if "Action" in able:
        yield "actions", Question(asked, "Action", "GetActions")
    for name in ("Image", "Selection"):
        if name in able:
            yield name.lower(), about(asked, "Accessible", "Name")


def _cell(asked: Reference) -> tuple[Question, Question, Question]:
    return (
        about(asked, "Accessible", "Name"),
        Question(asked, "Component", "GetExtents", GLib.Variant("(u)", (0,))),
        Question(asked, "Text", "GetText", GLib.Variant("(ii)", (0, -1))),
    )


def _take_box(node: Node, box: tuple[int, int, int, int]) -> None:
    node.attributes["cp:screencoord"] = str(tuple(box[:2]))
    node.attributes["cp:size"] = str(tuple(box[2:]))


def _take_text(node: Node, text: str) -> None:
    node.text = text


def _take_value(node: Node, value: dict[str, Any]) -> None:
    names = {"value": "CurrentValue", "min": "MinimumValue", "max": "MaximumValue", "step": "MinimumIncrement"}
    node.attributes.update({f"val:{short}": str(value[name]) for short, name in names.items() if name in value})


def _take_actions(node: Node, actions: Sequence[tuple[str, str, str]]) -> None:
    for name, description, key in actions:
        word = _NOT_IN_NAMES.sub("-", name)
        node.attributes.update({f"act:{word}_{what}": text for what, text in (("desc", description), ("kb", key)) if text})


_TAKE: dict[str, Any] = {
    "box": _take_box,
    "text": _take_text,
    "value": _take_value,
    "actions": _take_actions,
    "image": lambda node, name: node.attributes.update(image="true"),
    "selection": lambda node, name: node.attributes.update(selection="true"),
}


def _point(table: Node, corner: int) -> Any:
    """Return a point just inside the upper left (0) or lower right (1) corner of a node that was read."""
    x, y = map(int, table.attributes["cp:screencoord"].strip("()").split(", "))
    width, height = map(int, table.attributes["cp:size"].strip("()").split(", "))
    return GLib.Variant("(iiu)", (x + width - 2, y + height - 2, 0) if corner else (x + 2, y + 2, 0))


def _state_names(bits: Sequence[int]) -> list[str]:
    number = sum(word << (32 * index) for index, word in enumerate(bits))
    return [name for index, name in enumerate(STATES) if number >> index & 1]


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


def main() -> None:
    """Answer requests until the input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    reader = Reader(Bus())
    answers: dict[str, Callable[[float], str | None]] = {"tree": reader.tree, "terminal": reader.terminal, "nothing": lambda limit: ""}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"text": answers[request["what"]](request["limit"])}
        except UnansweredError:
            answer = {"error": "the bus of assistive technology does not answer"}
        replies.write(json.dumps(answer) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
