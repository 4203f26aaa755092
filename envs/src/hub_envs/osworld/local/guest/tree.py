"""The helper that reads AT-SPI: what programs tell assistive technology of their windows, in OSWorld's XML.

Requests are `{"what": "tree" | "terminal" | "nothing", "limit": seconds}`; answers are `{"text": ...}` or `{"error": ...}`.

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
from typing import Any

from .bus import Bus, Question, Reference, UnansweredError, about
from .nodes import Node, document, states

_DEEPEST, _WIDEST = 50, 1024
_NOT_IN_NAMES = re.compile(r"[^\w.-]")


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
        return document(applications, cut=not whole)

    def terminal(self, limit: float) -> str | None:
        """Return the text of the terminal that has the focus in the active window, None where there is none."""
        for application in self._applications(limit, active_only=True)[0]:
            for window in application.children:
                if "active" in window.states.names:
                    for node in window.all():
                        if node.tag == "terminal" and "focused" in node.states.names:
                            return node.text.rstrip()
        return None

    def _applications(self, limit: float, *, active_only: bool = False) -> tuple[list[Node], bool]:
        self._deadline = time.monotonic() + limit
        applications = [Node(reference) for reference in self._bus.programs(self._deadline)]
        whole = True
        for application in applications:
            try:
                self._read_below(application, active_only)
            except UnansweredError:  # what was read of it is shown, and the next may answer
                whole = False
            _put_in_place(application)
        return applications, whole

    def _read_below(self, application: Node, active_only: bool) -> None:
        """Read a program's nodes, a level at a time, so that each level costs a few rounds of questions."""
        level = [application]
        for depth in range(_DEEPEST):
            if not level:
                return
            below = self._read(level)
            for node in level:
                if node.tag == "table" and "manages_descendants" in node.states.names and node.box:
                    self._read_cells(node, node.box)
            level = self._shown(below)
            if active_only and depth == 0:
                level = [window for window in level if "active" in window.states.names]

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
            node.tag, node.name = _NOT_IN_NAMES.sub("-", (role or "").strip()) or "unknown", name or ""
            node.attributes = {f"attr:{_NOT_IN_NAMES.sub('-', key)}": value for key, value in (attributes or {}).items() if value}
            able = {interface.rpartition(".")[2] for interface in interfaces or []}
            node.attributes.update({name.lower(): "true" for name in ("Image", "Selection") if name in able})
            further += [(node, what, question) for what, question in _further(node.reference, able, count or 0)]
        below: list[tuple[Node, Reference]] = []
        for (node, what, _), answer in zip(further, self._bus.ask([question for _, _, question in further], self._deadline), strict=True):
            if answer is not None and what == "children":
                below += [(node, Reference(*child)) for child in answer]
            elif answer is not None:
                _TAKE[what](node, answer)
        return below

    def _shown(self, below: Sequence[tuple[Node, Reference]]) -> list[Node]:
        """Hang those that are shown below their parents and return them."""
        answers = self._bus.ask([Question(reference, "Accessible", "GetState") for _, reference in below], self._deadline)
        shown = []
        for (parent, reference), bits in zip(below, answers, strict=True):
            named = states(tuple(bits or ()))
            if "showing" in named.names:
                shown.append(Node(reference, named))
                parent.children.append(shown[-1])
        return shown

    def _read_cells(self, table: Node, window: tuple[int, int, int, int]) -> None:
        """Hang the cells of a spreadsheet that are in sight below it: those between the ones in two corners of its window."""
        x, y, width, height = window
        points = (x + 2, y + 2, 0), (x + width - 2, y + height - 2, 0)
        corners = [Question(table.reference, "Component", "GetAccessibleAtPoint", "iiu", point) for point in points]
        found = [Reference(*answer) for answer in self._bus.ask(corners, self._deadline) if answer is not None]
        asked = [Question(cell, "Accessible", "GetIndexInParent") for cell in found]
        *ends, columns = self._bus.ask([*asked, about(table.reference, "Table", "NColumns")], self._deadline)
        if len(ends) < 2 or None in ends or not columns:
            return
        (top, left), (bottom, right) = (divmod(end, columns) for end in ends)
        numbers = [row * columns + column for row in range(top, bottom + 1) for column in range(left, right + 1)]
        ask = [Question(table.reference, "Accessible", "GetChildAtIndex", "i", (number,)) for number in numbers[: 4 * _WIDEST]]
        cells = self._shown([(table, Reference(*answer)) for answer in self._bus.ask(ask, self._deadline) if answer is not None])
        questions = [question for cell in cells for question in _cell(cell.reference)]
        answers = self._bus.ask(questions, self._deadline)
        for index, cell in enumerate(cells):
            name, box, text = answers[3 * index : 3 * index + 3]
            cell.tag, cell.name, cell.text, cell.box = "table-cell", name or "", text or "", box or (0, 0, 0, 0)


def _put_in_place(node: Node) -> None:
    """Move what LibreOffice thinks is elsewhere: until the pointer is over a window, it forgets the menu above a window's content."""
    for child in node.children:
        if child.tag == "root-pane" and node.box and child.box and node.box[2:] == child.box[2:]:
            right, down = node.box[0] - child.box[0], node.box[1] - child.box[1]
            for each in child.all() if right or down else ():
                each.move(right, down)
        else:
            _put_in_place(child)


def _further(asked: Reference, able: set[str], count: int) -> Iterator[tuple[str, Question]]:
    """Return what else to ask of a node, given what it can do, each with the name of what the answer is."""
    if 0 < count <= _WIDEST:
        yield "children", Question(asked, "Accessible", "GetChildren")
    if "Component" in able:
        yield "box", _extents(asked)
    if "Text" in able:
        yield "text", _text(asked)
    if "Value" in able:
        yield "value", Question(asked, "Properties", "GetAll", "s", ("org.a11y.atspi.Value",))
    if "Action" in able:
        yield "actions", Question(asked, "Action", "GetActions")


def _cell(asked: Reference) -> tuple[Question, Question, Question]:
    return about(asked, "Accessible", "Name"), _extents(asked), _text(asked)


def _extents(asked: Reference) -> Question:
    on_the_screen = 0
    return Question(asked, "Component", "GetExtents", "u", (on_the_screen,))


def _text(asked: Reference) -> Question:
    return Question(asked, "Text", "GetText", "ii", (0, -1))


def _take_box(node: Node, box: tuple[int, int, int, int]) -> None:
    node.box = box


def _take_text(node: Node, text: str) -> None:
    node.text = text


def _take_value(node: Node, value: dict[str, Any]) -> None:
    names = {"value": "CurrentValue", "min": "MinimumValue", "max": "MaximumValue", "step": "MinimumIncrement"}
    node.attributes.update({f"val:{short}": str(value[name]) for short, name in names.items() if name in value})


def _take_actions(node: Node, actions: Sequence[tuple[str, str, str]]) -> None:
    for name, description, key in actions:
        word = _NOT_IN_NAMES.sub("-", name)
        node.attributes.update({f"act:{word}_{what}": text for what, text in (("desc", description), ("kb", key)) if text})


_TAKE: dict[str, Any] = {"box": _take_box, "text": _take_text, "value": _take_value, "actions": _take_actions}


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
