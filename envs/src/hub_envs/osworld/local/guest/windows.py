"""Endpoints over the window manager: sizes, and bringing a window to the front or closing it."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass

from .web import Handler, Reply, Request, RequestError, as_json, as_text

_SECONDS_TO_APPEAR = 5.0


@dataclass(frozen=True)
class Window:
    """A window that the window manager manages; `classes` are the program's two names for it, with a dot between."""

    id: str
    width: int
    height: int
    classes: str
    title: str


def windows() -> list[Window]:
    """Return the windows there are."""
    listed = subprocess.run(["wmctrl", "-lGx"], capture_output=True, text=True, check=False).stdout
    found = []
    for line in listed.splitlines():
        words = line.split(maxsplit=8)
        title = words[8] if len(words) > 8 else ""
        found.append(Window(words[0], int(words[4]), int(words[5]), words[6], title))
    return found


def window_size(request: Request) -> Reply:
    """Answer width and height of the first window whose class is the form's `app_class_name`, in any case."""
    name = request.form().get("app_class_name", b"").decode().lower()
    if not name:
        raise RequestError("app_class_name is required")
    for window in windows():
        classes = window.classes.lower()  # names may hold dots themselves
        if classes.startswith(f"{name}.") or classes.endswith(f".{name}"):
            return as_json({"width": window.width, "height": window.height})
    raise RequestError(f"no window is of class {name}", 404)


def activate(request: Request) -> Reply:
    """Bring a window to the front."""
    _act("-a", request)
    return as_text("Window activated successfully")


def close(request: Request) -> Reply:
    """Ask a window to close."""
    _act("-c", request)
    return as_text("Window closed successfully.")


def _act(action: str, request: Request) -> None:
    asked = request.json()
    name, strict, by_class = str(asked.get("window_name") or ""), bool(asked.get("strict")), bool(asked.get("by_class"))
    if not name:
        raise RequestError("window_name required")
    deadline = time.monotonic() + _SECONDS_TO_APPEAR
    while not (found := [window for window in windows() if _matches(window, name, strict, by_class)]):
        if time.monotonic() > deadline:
            raise RequestError(f"no window is named {name!r}; there are {[window.title for window in windows()]}", 404)
        time.sleep(0.1)
    subprocess.run(["wmctrl", "-i", action, found[0].id], check=True)


def _matches(window: Window, name: str, strict: bool, by_class: bool) -> bool:
    """Match as `wmctrl` does: part of the text in any case, or strictly the whole of it."""
    found = window.classes if by_class else window.title
    return name == found if strict else name.lower() in found.lower()


HANDLERS: dict[tuple[str, str], Handler] = {
    ("POST", "/window_size"): window_size,
    ("POST", "/setup/activate_window"): activate,
    ("POST", "/setup/close_window"): close,
}
