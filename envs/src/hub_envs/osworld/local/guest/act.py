"""The worker that plays actions: it keeps pyautogui imported, so that an action costs no start of Python.

Requests are `{"code": ...}`; answers are `{"output": ..., "error": ...}`. Each code runs in a namespace of its own, which holds `pyautogui`
and `time`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
import traceback
import types
from typing import Any

PAUSE = 0.02
"""Seconds after each call of pyautogui: programs take events in order, but need a moment between a press and what follows from it."""

_HELD = ("shift", "ctrl", "alt", "win", "shiftright", "ctrlright", "altright", "winright")


def main() -> None:
    """Answer requests until the input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what an action's children print must not look like answers
    give_less_one_key()
    pyautogui = import_pyautogui()
    for key in _HELD:  # a worker before this one may have been stopped in the middle of a shortcut
        pyautogui.keyUp(key, _pause=False)
    for line in sys.stdin:
        replies.write(json.dumps(play(json.loads(line)["code"], pyautogui)) + "\n")
        replies.flush()


def play(code: str, pyautogui: Any) -> dict[str, str | None]:
    """Run an action's code and say what it printed and how it failed, if it did."""
    pyautogui.FAILSAFE, pyautogui.PAUSE = False, PAUSE
    printed = io.StringIO()
    error = None
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(code, "<action>", "exec"), {"__name__": "__main__", "pyautogui": pyautogui, "time": time})  # noqa: S102 - that is the job
        except SystemExit:
            pass
        except BaseException as raised:
            error = "".join(traceback.format_exception_only(raised)).strip()
    return {"output": printed.getvalue(), "error": error}


def import_pyautogui() -> Any:
    """Import pyautogui without its window that shows the mouse's position: that needs tkinter, and ends Python where tkinter is missing."""
    sys.modules["mouseinfo"] = types.ModuleType("mouseinfo")
    import pyautogui

    return pyautogui


def give_less_one_key() -> None:
    """Take '<' from the extra key of European keyboards, where it needs no shift: pyautogui finds it there, holds shift, and gets '>'."""
    from Xlib import XK, X, display

    screen = display.Display()
    less = XK.string_to_keysym("less")
    for code in {code for code, index in screen.keysym_to_keycodes(less) if index == 0}:
        screen.change_keyboard_mapping(code, [[X.NoSymbol] * 4])
    screen.sync()
    screen.close()


if __name__ == "__main__":
    main()
