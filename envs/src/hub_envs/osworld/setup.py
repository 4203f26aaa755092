"""OSWorld's preparations: what the steps of a task's `config` and of its evaluator's `postconfig` do to the desktop.

Source: OSWorld, `desktop_env/controllers/setup.py`. What needs accounts in the internet (`googledrive`, `login`, `proxy`) is refused.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx

from hub_envs.osworld import browser, devtools
from hub_envs.osworld.client import Command, DesktopError
from hub_envs.osworld.context import Context
from hub_envs.osworld.task import Part

_PATIENCE = 30.0
"""Seconds that a step with `until`, or a browser that starts, is given."""

_EPOCH = 11_644_473_600
"""Seconds between Chromium's first day, in 1601, and Unix's."""


def prepare(context: Context, steps: Iterable[Part]) -> None:
    """Carry out the steps in order.

    Raises:
        DesktopError: a step failed; the message says which.
        ValueError: a step lacks parameters, or has unknown ones; the message says which.
    """
    for number, step in enumerate(steps, start=1):
        try:
            SETUPS[step["type"]](context, **step["parameters"])
        except (DesktopError, OSError, httpx.HTTPError) as failure:
            raise DesktopError(f"step {number} of the task's preparation, {step['type']}: {failure}") from failure
        except TypeError as mistake:
            raise ValueError(f"step {number} of the task's preparation, {step['type']}, has wrong parameters: {mistake}") from mistake
        except KeyError as missing:
            raise ValueError(f"step {number} of the task's preparation, {step['type']}, lacks {missing}") from missing


def _upload_file(context: Context, files: list[dict[str, str]]) -> None:
    for file in files:
        context.desktop.upload(file["path"], context.local(file["local_path"]).read_bytes())


def _download(context: Context, files: list[dict[str, str]]) -> None:
    """Put files of the internet into the guest; a copy beside the task, under `file` or the address's last part, is taken instead."""
    for file in files:
        context.desktop.upload(file["path"], fetch(context, file["url"], file.get("file")))


def fetch(context: Context, url: str, name: str | None = None) -> bytes:
    """Return a file of the internet, or its copy beside the task.

    Raises:
        DesktopError: neither can be had.
    """
    copy = context.local(name or url.rsplit("/", 1)[-1])
    if copy.is_file():
        return copy.read_bytes()
    try:
        answer = httpx.get(url, follow_redirects=True, timeout=_PATIENCE)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise DesktopError(f"{url} cannot be had ({failure}); a copy at {copy} would be taken instead") from failure
    return answer.content


def _open(context: Context, path: str) -> None:
    context.desktop.setup("open_file", {"path": path})


def _launch(context: Context, command: Command, shell: bool = False) -> None:
    if isinstance(command, str) and not shell:
        command = command.split()
    context.desktop.launch(_filled(context, command), shell=shell)


def _execute(
    context: Context, command: Command, *, stdout: str = "", stderr: str = "", shell: bool = False, until: Mapping[str, Any] | None = None
) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        result = context.desktop.execute(_filled(context, command), shell=shell)
        if stdout:
            (context.cache / stdout).write_text(result["output"])
        if stderr:
            (context.cache / stderr).write_text(result["error"])
        if not until or _reached(result, until):
            return
        if time.monotonic() > end:
            raise DesktopError(f"{command} did not come to {dict(until)} within {_PATIENCE:.0f} s")
        time.sleep(0.3)


def _reached(result: Mapping[str, Any], until: Mapping[str, Any]) -> bool:
    return (
        ("returncode" in until and result.get("returncode") == until["returncode"])
        or ("stdout" in until and until["stdout"] in result.get("output", ""))
        or ("stderr" in until and until["stderr"] in result.get("error", ""))
    )


def _execute_with_verification(
    context: Context,
    command: Command,
    *,
    verification: Mapping[str, Any] | None = None,
    max_wait_time: float = 10,
    check_interval: float = 1.0,
    shell: bool = False,
) -> None:
    payload = {"command": _filled(context, command), "verification": verification or {}, "shell": shell}
    context.desktop.setup("execute_with_verification", {**payload, "max_wait_time": max_wait_time, "check_interval": check_interval})


def _filled(context: Context, command: Command) -> Command:
    """Return the command with OSWorld's place holders filled in."""
    width, height = context.screen
    places = {
        "{CLIENT_PASSWORD}": context.password,
        "{SCREEN_WIDTH_HALF}": str(width // 2),
        "{SCREEN_HEIGHT_HALF}": str(height // 2),
        "{SCREEN_WIDTH}": str(width),
        "{SCREEN_HEIGHT}": str(height),
    }

    def fill(text: str) -> str:
        for place, value in places.items():
            text = text.replace(place, value)
        return text

    return fill(command) if isinstance(command, str) else [fill(part) for part in command]


def _sleep(context: Context, seconds: float) -> None:
    time.sleep(seconds)


def _change_wallpaper(context: Context, path: str) -> None:
    context.desktop.setup("change_wallpaper", {"path": path})


def _activate_window(context: Context, window_name: str, strict: bool = False, by_class: bool = False) -> None:
    context.desktop.setup("activate_window", {"window_name": window_name, "strict": strict, "by_class": by_class})


def _close_window(context: Context, window_name: str, strict: bool = False, by_class: bool = False) -> None:
    context.desktop.setup("close_window", {"window_name": window_name, "strict": strict, "by_class": by_class})


def _chrome_open_tabs(context: Context, urls_to_open: list[str]) -> None:
    """Open pages in this order, and close what was open before."""
    before = _tabs(context)
    for url in urls_to_open:
        devtools.open_tab(context.desktop, url)
    for page in before:
        devtools.close_tab(context.desktop, page["id"])


def _chrome_close_tabs(context: Context, urls_to_close: list[str]) -> None:
    pages = _tabs(context)
    for url in urls_to_close:
        page = next((page for page in pages if devtools.same_url(page["url"], url)), None)
        if page is not None:
            pages.remove(page)
            devtools.close_tab(context.desktop, page["id"])


def _tabs(context: Context) -> list[dict[str, Any]]:
    """Return the open tabs of a browser that may still be starting."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return devtools.open_tabs(context.desktop)
        except DesktopError:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)


def _update_browse_history(context: Context, history: list[dict[str, Any]]) -> None:
    """Add visits to the browser's history; the browser must not run, but must have run before."""
    path, content = browser.profile_file(context, "History")
    if content is None:
        raise DesktopError("the browser has no history yet: start and close it first")
    copy = context.cache / "History"
    copy.write_bytes(content)
    now = time.time() + _EPOCH
    with sqlite3.connect(copy) as base:
        for visit in history:
            at = int((now - visit["visit_time_from_now_in_seconds"]) * 1e6)
            row = base.execute(
                "INSERT INTO urls (url, title, visit_count, typed_count, last_visit_time, hidden) VALUES (?, ?, 1, 0, ?, 0)",
                (visit["url"], visit["title"], at),
            ).lastrowid
            base.execute(
                "INSERT INTO visits (url, visit_time, from_visit, transition, segment_id, visit_duration)"
                " VALUES (?, ?, 0, 805306368, 0, 0)",
                (row, at),
            )
    base.close()
    context.desktop.upload(path, Path(copy).read_bytes())


def _refused(name: str) -> Callable[..., None]:
    def refuse(context: Context, **_: Any) -> None:
        raise DesktopError(
            f"{name} needs accounts and servers of the internet, which this package does not reach: play the task with OSWorld's own"
        )

    return refuse


SETUPS: dict[str, Callable[..., None]] = {
    "activate_window": _activate_window,
    "change_wallpaper": _change_wallpaper,
    "chrome_close_tabs": _chrome_close_tabs,
    "chrome_open_tabs": _chrome_open_tabs,
    "close_window": _close_window,
    "command": _execute,
    "download": _download,
    "execute": _execute,
    "execute_with_verification": _execute_with_verification,
    "launch": _launch,
    "open": _open,
    "sleep": _sleep,
    "update_browse_history": _update_browse_history,
    "upload_file": _upload_file,
    **{name: _refused(name) for name in ("googledrive", "login", "proxy")},
}
"""What each type of step does; parameters are OSWorld's."""
