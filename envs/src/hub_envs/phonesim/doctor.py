"""What the phone needs from this computer, and whether it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from gymnasium.error import DependencyNotInstalled

from hub_envs.phonesim import chromium
from hub_envs.phonesim.browser import BrowserError, acquire, release


def examine() -> Iterator[Mapping[str, Any]]:
    """Look for Pillow and Chromium, and start Chromium for a moment.

    Returns:
        For each a mapping with `name`, `ok`, `detail` and `remedy`, what to type, or None where nothing is missing.
    """
    pillow = find_spec("PIL") is not None
    yield _finding("pillow", pillow, "can be imported" if pillow else "cannot be imported", 'pip install "gymhub-envs[phonesim]"')
    try:
        yield _finding("chromium", True, chromium.find(), None)
    except DependencyNotInstalled as missing:
        yield _finding("chromium", False, str(missing), chromium.INSTALL)
        return
    yield _start()


def _start() -> Mapping[str, Any]:
    browser = acquire()
    try:
        return _finding("start", True, browser.call("Browser.getVersion")["product"], None)
    except BrowserError as failed:
        return _finding("start", False, str(failed), f"set {chromium.VARIABLE} to a Chromium that starts with --headless")
    finally:
        release(browser)


def _finding(name: str, ok: bool, detail: str, remedy: str | None) -> Mapping[str, Any]:
    return {"name": name, "ok": ok, "detail": detail, "remedy": None if ok else remedy}
