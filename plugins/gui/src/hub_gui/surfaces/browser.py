"""Pages in a browser: BrowserGym's environments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from hub_gui.surfaces.surface import Surface, drawn, letters
from hub_gui.surfaces.view import View

_TAKES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("click", "dblclick", "hover", "focus", "clear"), ("index",)),
    "fill": ("index", "text"),
    "select_option": ("index", "option"),
    "press": ("index", "key"),
    "drag_and_drop": ("index", "to"),
    "scroll": ("dx", "dy"),
    "goto": ("url",),
    **dict.fromkeys(("go_back", "go_forward", "new_tab", "tab_close", "noop"), ()),
    "tab_focus": ("tab",),
    **dict.fromkeys(("send_msg_to_user", "report_infeasible"), ("text",)),
}
"""BrowserGym's actions, of those that its environments take by default, and their arguments in order."""

_ELEMENTS, _NUMBERS = ("index", "to"), ("dx", "dy", "tab")
_RANDOM = ("click", "dblclick", "hover", "focus", "fill", "press", "drag_and_drop", "scroll", "noop")
_KEYS = ("Enter", "Tab", "Escape", "ArrowUp", "ArrowDown")
_CHECKABLE = ("checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio")
_OPERABLE = {
    *_CHECKABLE,
    *("button", "combobox", "link", "listbox", "menuitem", "searchbox", "slider", "spinbutton", "tab", "textbox", "treeitem"),
}
_LEAST_VISIBLE = 0.5
"""Share of an element that must be on the screen; BrowserGym's own."""


class Browser(Surface):
    """A page that takes BrowserGym's actions, `click('13')` and the like; nothing of BrowserGym is imported.

    Elements are those of the accessibility tree that can be operated or say something, and the options of lists that are closed; an
    element's `resource_name` is its `bid`. Models write JSON with an `index`, as everywhere; there are no pixels to click on, since
    BrowserGym's environments do not take such actions by default. Nothing ends an episode but the task itself and `report_infeasible`:
    tasks that wait for an answer end with the message, others (MiniWoB++'s) when the page is as it should be.
    """

    kind: ClassVar[str] = "browser"
    nothing: ClassVar[str] = "noop()"
    done: ClassVar[str] = "send_msg_to_user('The goal is reached.')"
    infeasible: ClassVar[str] = "report_infeasible('The goal cannot be reached.')"
    guide: ClassVar[str] = """\
- Click an element, or twice: {"action_type": "click", "index": 3}, {"action_type": "dblclick", "index": 3}
- Move the pointer over it, give it the focus, or empty it: hover, focus, clear with the same parameter
- Replace what a field holds: {"action_type": "fill", "index": 3, "text": "words"}
- Choose from a list: {"action_type": "select_option", "index": 3, "option": "words"}
- Press keys in an element: {"action_type": "press", "index": 3, "key": "Enter"}; several with +, as in "Control+a"
- Drag an element to another: {"action_type": "drag_and_drop", "index": 3, "to": 5}
- Scroll by pixels, right and down if positive: {"action_type": "scroll", "dx": 0, "dy": 200}
- Go to a page: {"action_type": "goto", "url": "https://..."}
- Go through the pages visited: {"action_type": "go_back"}, {"action_type": "go_forward"}
- Open a tab, close it, or change to one: {"action_type": "new_tab"}, {"action_type": "tab_close"}, {"action_type": "tab_focus", "tab": 0}
- Let the page change: {"action_type": "noop"}
- Answer the user, or say that the goal is reached: {"action_type": "send_msg_to_user", "text": "words"}
- End, the goal being impossible: {"action_type": "report_infeasible", "text": "why"}"""

    def view(self, observation: Mapping[str, Any]) -> View:
        """Return what the page shows."""
        elements = list(_elements(observation["axtree_object"], observation["extra_element_properties"]))
        return View(observation["goal"], elements, observation["screenshot"])

    def action(self, found: Mapping[str, Any], view: View) -> str:
        """Return the call that a JSON object stands for; an index must be one of the elements.

        Raises:
            ValueError: see `Surface.action`.
        """
        name = found.get("action_type")
        if not isinstance(name, str) or name not in _TAKES:
            raise ValueError(f"action_type is {name!r}, not one of {', '.join(_TAKES)}")
        takes = _TAKES[name]
        unknown = [key for key in found if key not in ("action_type", *takes)]
        if unknown:
            raise ValueError(f"{name} has no parameter {unknown[0]!r}; it takes {', '.join(takes) or 'none'}")
        return f"{name}({', '.join(repr(_argument(name, key, found.get(key), view)) for key in takes)})"

    def ends(self, action: str) -> bool:
        """Whether an action says that the goal is reached or cannot be."""
        return action.startswith(("send_msg_to_user(", "report_infeasible("))

    def random(self, view: View, generator: np.random.Generator) -> str:
        """Return a random action on any element: AndroidWorld's weights over what a mouse and a keyboard do."""
        kind = drawn(_RANDOM, generator)
        if kind == "noop" or not view.elements:
            return self.nothing
        found: dict[str, Any] = {"action_type": kind}
        found |= {key: int(generator.integers(len(view.elements))) for key in _TAKES[kind] if key in _ELEMENTS}
        if kind == "fill":
            found["text"] = letters(generator)
        if kind == "press":
            found["key"] = _KEYS[int(generator.integers(len(_KEYS)))]
        if kind == "scroll":
            found |= {"dx": 0, "dy": int(generator.choice([-200, 200]))}
        return self.action(found, view)


def _argument(name: str, key: str, value: Any, view: View) -> Any:
    """Return one argument of a call."""
    if key in _ELEMENTS:
        view.centre(value)
        return view.elements[value]["resource_name"]
    if key in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{key} of {name} is a number, not {value!r}")
        return value
    if not isinstance(value, str):
        raise ValueError(f"{key} of {name} is a text, not {value!r}")
    return value


def _elements(tree: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the elements of a page in the order of the document, in AndroidWorld's fields.

    Args:
        tree: BrowserGym's `axtree_object`, Chromium's accessibility tree: nodes by id, with the `browsergym_id` of their element.
        properties: its `extra_element_properties`: by that id how much of it is `visible`, whether `clickable`, its `bbox` (x, y, w, h).
    """
    nodes = {node["nodeId"]: node for node in tree["nodes"]}
    owners: dict[str, str] = {}
    said: dict[str, list[str]] = {}
    listed: dict[str, Mapping[str, Any]] = {}
    waiting = [node["nodeId"] for node in reversed(tree["nodes"]) if node.get("parentId") not in nodes]
    while waiting:
        node = nodes[waiting.pop()]
        if node["nodeId"] in owners:  # the root of a frame is the child of its frame, though it names no parent
            continue
        bid = node.get("browsergym_id") or owners.get(node.get("parentId", ""), "")
        owners[node["nodeId"]] = bid
        if node.get("browsergym_id"):
            listed[bid] = node
        elif _word(node, "role") == "StaticText" and bid:
            said.setdefault(bid, []).append(_word(node, "name"))
        waiting += [child for child in reversed(node.get("childIds", ())) if child in nodes]
    for bid, node in listed.items():
        element = _element(node, properties.get(bid, {}), " ".join(said.get(bid, ())))
        if element is not None:
            yield {**element, "resource_name": bid}


def _element(node: Mapping[str, Any], properties: Mapping[str, Any], words: str) -> dict[str, Any] | None:
    """Return an element in AndroidWorld's fields; None for one that is not seen, or has nothing to see or to operate."""
    role, name, box = _word(node, "role"), _word(node, "name"), properties.get("bbox")
    states = {each["name"]: each["value"].get("value") for each in node.get("properties", ())}
    option = role == "option"
    if not option and (box is None or properties.get("visibility", 0) < _LEAST_VISIBLE):
        return None
    if not (option or role in _OPERABLE or properties.get("clickable") or words.strip()):
        return None
    editable, valued = bool(states.get("editable")) and not states.get("readonly"), "value" in node or bool(states.get("editable"))
    found = {
        "class_name": role,
        "text": _word(node, "value") if valued else name or words,
        "content_description": name if valued else "",
        "is_clickable": bool(properties.get("clickable")),
        "is_editable": editable,
        "is_enabled": not states.get("disabled"),
        "is_checkable": role in _CHECKABLE,
        "is_checked": states.get("checked") in ("true", True),
        "is_selected": bool(states.get("selected")),
        "is_focused": bool(states.get("focused")),
    }
    if box is not None:
        left, top, width, height = (round(number) for number in box)
        found["bbox_pixels"] = {"x_min": left, "x_max": left + width, "y_min": top, "y_max": top + height}
    return {key: value for key, value in found.items() if value}


def _word(node: Mapping[str, Any], key: str) -> str:
    """Return what a node says under `key`, whose values are `{"type": ..., "value": ...}`."""
    return str(node.get(key, {}).get("value", ""))
