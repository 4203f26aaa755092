"""What the guest's Chromium or Chrome keeps in its profile."""

from __future__ import annotations

import json
from typing import Any

from hub_envs.osworld.context import Context

_PROFILES = ("google-chrome", "chromium")
"""Folders under ~/.config that hold profiles."""


def profile_file(context: Context, name: str, profile: str = "Default") -> tuple[str, bytes | None]:
    """Return path and content of a file of the browser's profile; None where no browser has written it."""
    home = str(context.desktop.execute(["python3", "-c", "import os; print(os.path.expanduser('~'))"])["output"]).strip()
    path = ""
    for browser in _PROFILES:
        path = f"{home}/.config/{browser}/{profile}/{name}".replace("/./", "/")
        content = context.desktop.file(path)
        if content is not None:
            return path, content
    return path, None


def preferences(context: Context) -> dict[str, Any] | None:
    """Return the profile's preferences; None where there are none."""
    _, content = profile_file(context, "Preferences")
    return None if content is None else dict(json.loads(content))
