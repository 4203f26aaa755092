"""OSWorld's two action spaces as what the guest runs: Python code over `pyautogui`, or one of the words `WAIT`, `FAIL`, `DONE`.

**pyautogui**: the action is the code, or one of the words.

**computer_13**: the action is a JSON object `{"action_type": TYPE, "parameters": {...}}`; parameters may also stand beside `action_type`.

| TYPE | parameters (those in brackets may be left out) | effect |
| --- | --- | --- |
| MOVE_TO | x, y | the pointer jumps there |
| CLICK | [button left, right, middle], [x, y], [num_clicks 1..3] | |
| MOUSE_DOWN, MOUSE_UP | [button] | |
| RIGHT_CLICK, DOUBLE_CLICK | [x, y] | |
| DRAG_TO | x, y | with the left button, in half a second |
| SCROLL | [dx], [dy] | notches of the wheel: dy > 0 turns it up, towards the start of a page; dx > 0 turns it right |
| TYPING | text | |
| PRESS, KEY_DOWN, KEY_UP | key | a name of `KEYS` |
| HOTKEY | keys | a list of them, pressed in order, let go in reverse |
| WAIT, FAIL, DONE | - | |

Source: OSWorld (Xie et al., NeurIPS 2024), `desktop_env/actions.py` and `controllers/python.py`. Departures: OSWorld draws how the pointer
travels from an unseeded generator, here it jumps; a drag takes half a second, not one; parameters that OSWorld does not know are errors.
CUBE's computer tool scrolls the other way.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
from typing import Any

SPACES = ("pyautogui", "computer_13")
"""Names of the action spaces."""

WORDS = ("WAIT", "FAIL", "DONE")
"""Actions of both spaces that are not carried out in the guest."""

BUTTONS = ("left", "right", "middle")

KEYS = frozenset("\t\n\r !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") | frozenset(
    [
        "accept",
        "add",
        "alt",
        "altleft",
        "altright",
        "apps",
        "backspace",
        "browserback",
        "browserfavorites",
        "browserforward",
        "browserhome",
        "browserrefresh",
        "browsersearch",
        "browserstop",
        "capslock",
        "clear",
        "convert",
        "ctrl",
        "ctrlleft",
        "ctrlright",
        "decimal",
        "del",
        "delete",
        "divide",
        "down",
        "end",
        "enter",
        "esc",
        "escape",
        "execute",
        "final",
        "fn",
        "hanguel",
        "hangul",
        "hanja",
        "help",
        "home",
        "insert",
        "junja",
        "kana",
        "kanji",
        "launchapp1",
        "launchapp2",
        "launchmail",
        "launchmediaselect",
        "left",
        "modechange",
        "multiply",
        "nexttrack",
        "nonconvert",
        "numlock",
        "pagedown",
        "pageup",
        "pause",
        "pgdn",
        "pgup",
        "playpause",
        "prevtrack",
        "print",
        "printscreen",
        "prntscrn",
        "prtsc",
        "prtscr",
        "return",
        "right",
        "scrolllock",
        "select",
        "separator",
        "shift",
        "shiftleft",
        "shiftright",
        "sleep",
        "space",
        "stop",
        "subtract",
        "tab",
        "up",
        "volumedown",
        "volumemute",
        "volumeup",
        "win",
        "winleft",
        "winright",
        "yen",
        "command",
        "option",
        "optionleft",
        "optionright",
    ]
    + [f"f{i}" for i in range(1, 25)]
    + [f"num{i}" for i in range(10)]
)
"""Names of keys, as pyautogui has them."""

Parameters = Mapping[str, Any]


def translate(action: str, space: str) -> str:
    """Return the code that `action` stands for, or one of `WORDS`.

    Args:
        action: an action of the space.
        space: one of `SPACES`.

    Raises:
        ValueError: the action cannot be understood; the message says why.
    """
    text = action.strip()
    if text in WORDS:
        return text
    return _checked(text) if space == "pyautogui" else _translated(text)


def _checked(code: str) -> str:
    if not code:
        raise ValueError("the action is empty")
    try:
        with warnings.catch_warnings(action="ignore"):  # the guest's Python has the code run whatever it thinks of it
            compile(code, "<action>", "exec")
    except SyntaxError as mistake:
        raise ValueError(f"not Python: {mistake.msg} (line {mistake.lineno})") from None
    except ValueError as mistake:  # null bytes
        raise ValueError(f"not Python: {mistake}") from None
    except (RecursionError, MemoryError):
        raise ValueError("not Python that can be read: it is too deeply nested") from None
    return code


def _translated(text: str) -> str:
    try:
        action = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as mistake:
        raise ValueError(f"not JSON: {mistake}") from None
    if not isinstance(action, dict) or not isinstance(action.get("action_type"), str):
        raise ValueError('an action of computer_13 is a JSON object with "action_type"')
    kind = action["action_type"]
    if kind in WORDS:
        return str(kind)
    if kind not in _TYPES:
        raise ValueError(f"unknown action_type {kind!r}: there are {', '.join((*_TYPES, *WORDS))}")
    parameters = action.get("parameters", {key: value for key, value in action.items() if key != "action_type"})
    if not isinstance(parameters, dict):
        raise ValueError(f'"parameters" of {kind} must be an object')
    required, optional, code = _TYPES[kind]
    if missing := [name for name in required if name not in parameters]:
        raise ValueError(f"{kind} needs {' and '.join(missing)}")
    if unknown := [name for name in parameters if name not in (*required, *optional)]:
        raise ValueError(f"{kind} has no parameter {unknown[0]!r}: it takes {', '.join((*required, *optional)) or 'none'}")
    if ("x" in parameters) != ("y" in parameters):
        raise ValueError(f"{kind} takes x and y together")
    for name, value in parameters.items():
        _PARAMETERS[name](value)
    return code(parameters)


def _number(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e6:
        raise ValueError(f"{value!r} is not a number of pixels or notches")


def _count(value: Any) -> None:
    if type(value) is not int or value not in (1, 2, 3):
        raise ValueError(f"num_clicks is 1, 2 or 3, not {value!r}")


def _button(value: Any) -> None:
    if value not in BUTTONS:
        raise ValueError(f"no button {value!r}: there are {', '.join(BUTTONS)}")


def _text(value: Any) -> None:
    if not isinstance(value, str):
        raise ValueError(f"text must be a string, not {value!r}")


def _key(value: Any) -> None:
    if not isinstance(value, str) or value.lower() not in KEYS:
        raise ValueError(f"no key {value!r}: keys are single characters of a keyboard and names such as enter, ctrl, f4, pagedown")


def _keys(value: Any) -> None:
    if not isinstance(value, list) or not value:
        raise ValueError(f"keys must be a list of keys, not {value!r}")
    for key in value:
        _key(key)


_PARAMETERS: dict[str, Callable[[Any], None]] = {
    "x": _number,
    "y": _number,
    "dx": _number,
    "dy": _number,
    "num_clicks": _count,
    "button": _button,
    "text": _text,
    "key": _key,
    "keys": _keys,
}
"""What checks each parameter."""


def _call(name: str, parameters: Parameters, **names: str) -> str:
    """Return a call of pyautogui, with `names` for parameters that are called otherwise there."""
    return f"pyautogui.{name}({', '.join(f'{names.get(key, key)}={value!r}' for key, value in parameters.items())})"


def _scroll(parameters: Parameters) -> str:
    """Scroll with X11's `vscroll` and `hscroll`, whose signs the table above states."""
    turns = [f"pyautogui.{name}({int(parameters[key])})" for key, name in (("dx", "hscroll"), ("dy", "vscroll")) if key in parameters]
    if not turns:
        raise ValueError("SCROLL needs dx or dy")
    return "; ".join(turns)


def _named_key(name: str) -> Callable[[Parameters], str]:
    return lambda parameters: f"pyautogui.{name}({parameters['key'].lower()!r})"


_TYPES: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[[Parameters], str]]] = {
    # required and optional parameters, code
    "MOVE_TO": (("x", "y"), (), lambda p: _call("moveTo", p)),
    "CLICK": ((), ("button", "x", "y", "num_clicks"), lambda p: _call("click", p, num_clicks="clicks")),
    "MOUSE_DOWN": ((), ("button",), lambda p: _call("mouseDown", p)),
    "MOUSE_UP": ((), ("button",), lambda p: _call("mouseUp", p)),
    "RIGHT_CLICK": ((), ("x", "y"), lambda p: _call("rightClick", p)),
    "DOUBLE_CLICK": ((), ("x", "y"), lambda p: _call("doubleClick", p)),
    "DRAG_TO": (("x", "y"), (), lambda p: f"pyautogui.dragTo({p['x']!r}, {p['y']!r}, duration=0.5, button='left', mouseDownUp=True)"),
    "SCROLL": ((), ("dx", "dy"), _scroll),
    "TYPING": (("text",), (), lambda p: f"pyautogui.typewrite({p['text']!r})"),
    "PRESS": (("key",), (), _named_key("press")),
    "KEY_DOWN": (("key",), (), _named_key("keyDown")),
    "KEY_UP": (("key",), (), _named_key("keyUp")),
    "HOTKEY": (("keys",), (), lambda p: f"pyautogui.hotkey({', '.join(repr(key.lower()) for key in p['keys'])})"),
}
