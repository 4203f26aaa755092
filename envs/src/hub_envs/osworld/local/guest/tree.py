"""The helper that reads AT-SPI: what programs tell assistive technology of their windows, in OSWorld's XML.

It is run by the system's own /usr/bin/python3, which alone has the bindings, and may be older than ours. Requests are
`{"what": "tree" | "terminal" | "nothing", "limit": seconds}`; answers are `{"text": ...}` or `{"error": ...}`.

As in OSWorld an element is named after its role, with dashes for blanks. Other than there, what cannot be seen is left out, with all below
it: menus that are shut, pages of tabs behind, cells outside the window (a sheet has seventeen thousand million).
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

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

_DEEPEST, _WIDEST = 50, 1024
_CALL_MILLISECONDS = 800
"""How long a program that hangs may keep us waiting, a call."""

_NOT_IN_NAMES = re.compile(r"[^\w.-]")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffb\U00010000-\U0010ffff]")
"""What XML forbids, and U+FFFC and U+FFFD, which stand for objects in a text."""

Node = Any


def main() -> None:
    """Answer requests until the input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    Atspi.set_timeout(_CALL_MILLISECONDS, _CALL_MILLISECONDS)
    desktop = Atspi.get_desktop(0)
    answers = {"tree": tree, "terminal": terminal, "nothing": lambda desktop, deadline: ""}
    for line in sys.stdin:
        request = json.loads(line)
        _deliver_events()
        try:
            answer = {"text": answers[request["what"]](desktop, time.monotonic() + request["limit"])}
        except GLib.Error as error:
            answer = {"error": error.message}
        replies.write(json.dumps(answer) + "\n")
        replies.flush()


def tree(desktop: Node, deadline: float) -> str:
    """Return the tree of all that is shown, as XML; what was not read in time is missing, and the root's `cut` says so."""
    parts: list[str] = []
    for application in _children(desktop):
        _write(application, 1, deadline, parts)
    names = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NAMESPACES.items())
    cut = ' cut="true"' if time.monotonic() > deadline else ""
    return f"<desktop-frame{names}{cut}>{''.join(parts)}</desktop-frame>"


def terminal(desktop: Node, deadline: float) -> str | None:
    """Return the text of the terminal that has the focus in the active window, None where there is none."""
    for application in _children(desktop):
        for frame in _children(application):
            if _has(frame, Atspi.StateType.ACTIVE):
                found = _focused_terminal(frame, deadline)
                if found is not None:
                    return Atspi.Text.get_text(found, 0, -1).rstrip()
    return None


def _focused_terminal(node: Node, deadline: float) -> Node | None:
    if node.get_role() == Atspi.Role.TERMINAL:
        return node if _has(node, Atspi.StateType.FOCUSED) else None
    for child in _children(node):
        if time.monotonic() < deadline and _has(child, Atspi.StateType.SHOWING):
            found = _focused_terminal(child, deadline)
            if found is not None:
                return found
    return None


def _write(node: Node, depth: int, deadline: float, parts: list[str]) -> None:
    """Add a node and what lies below it, unless it cannot be seen."""
    if time.monotonic() > deadline:
        return
    try:
        states = node.get_state_set()
        if depth > 1 and not states.contains(Atspi.StateType.SHOWING):
            return
        tag = _NOT_IN_NAMES.sub("-", node.get_role_name().strip() or "unknown")
        interfaces = node.get_interfaces()
        attributes = dict(_attributes(node, states, interfaces))
        text = _clean(Atspi.Text.get_text(node, 0, -1)) if "Text" in interfaces else ""
    except GLib.Error:
        return  # it is gone, or its program hangs
    parts.append(f"<{tag}{''.join(f' {name}={quoteattr(_clean(value))}' for name, value in attributes.items())}>{escape(text)}")
    if depth < _DEEPEST:
        for child in _cells(node) if "Table" in interfaces and _is_vast(node) else _children(node):
            _write(child, depth + 1, deadline, parts)
    parts.append(f"</{tag}>")


def _attributes(node: Node, states: Any, interfaces: list[str]) -> Iterator[tuple[str, str]]:
    yield "name", node.get_name() or ""
    for state in states.get_states():
        yield f"st:{state.value_nick.replace('-', '_')}", "true"
    for name, value in (node.get_attributes() or {}).items():
        yield f"attr:{_NOT_IN_NAMES.sub('-', name)}", value
    if "Component" in interfaces:
        box = Atspi.Component.get_extents(node, Atspi.CoordType.SCREEN)
        yield "cp:screencoord", f"({box.x}, {box.y})"
        yield "cp:size", f"({box.width}, {box.height})"
    for name in ("Image", "Selection"):
        if name in interfaces:
            yield name.lower(), "true"
    if "Value" in interfaces:
        yield "val:value", str(Atspi.Value.get_current_value(node))
        yield "val:min", str(Atspi.Value.get_minimum_value(node))
        yield "val:max", str(Atspi.Value.get_maximum_value(node))
        yield "val:step", str(Atspi.Value.get_minimum_increment(node))
    if "Action" in interfaces:
        for index in range(Atspi.Action.get_n_actions(node)):
            name = _NOT_IN_NAMES.sub("-", Atspi.Action.get_action_name(node, index))
            yield f"act:{name}_desc", Atspi.Action.get_action_description(node, index) or ""
            yield f"act:{name}_kb", Atspi.Action.get_key_binding(node, index) or ""


def _children(node: Node) -> Iterator[Node]:
    try:
        for index in range(min(node.get_child_count(), _WIDEST)):
            child = node.get_child_at_index(index)
            if child is not None:
                yield child
    except GLib.Error:
        return


def _is_vast(node: Node) -> bool:
    return node.get_child_count() > _WIDEST


def _cells(table: Node) -> Iterator[Node]:
    """Return the cells of a spreadsheet that are in sight, found from the ones in the corners of its window."""
    try:
        columns = Atspi.Table.get_n_columns(table)
        box = Atspi.Component.get_extents(table, Atspi.CoordType.SCREEN)
        corners = [(box.x + 2, box.y + 2), (box.x + box.width - 2, box.y + box.height - 2)]
        first, last = (
            Atspi.Component.get_accessible_at_point(table, x, y, Atspi.CoordType.SCREEN).get_index_in_parent() for x, y in corners
        )
        for row in range(first // columns, last // columns + 1):
            for column in range(first % columns, last % columns + 1):
                yield table.get_child_at_index(row * columns + column)
    except (GLib.Error, AttributeError):
        return


def _has(node: Node, state: Any) -> bool:
    try:
        return bool(node.get_state_set().contains(state))
    except GLib.Error:
        return False


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


def _deliver_events() -> None:
    """Let the bindings hear what changed: they keep nodes and forget them when a program says so."""
    context = GLib.MainContext.default()
    while context.iteration(False):
        pass


if __name__ == "__main__":
    main()
