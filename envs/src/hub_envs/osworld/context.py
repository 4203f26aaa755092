"""What preparing and judging a task needs at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub_envs.osworld.client import Desktop


@dataclass(frozen=True, slots=True)
class Context:
    """One episode's desktop and folders.

    Attributes:
        desktop: the guest.
        folder: where the task's local files are looked for.
        cache: an empty folder of the episode's own for files that are fetched.
        screen: width and height in pixels.
        chromium_url: where the browser's DevTools answer from outside, for OSWorld's own getters.
        password: of the guest's user, for tasks whose commands name it.
    """

    desktop: Desktop
    folder: Path
    cache: Path
    screen: tuple[int, int]
    chromium_url: str = "http://127.0.0.1:9222"
    password: str = "password"  # noqa: S105 - OSWorld's published guests have it

    def local(self, name: str) -> Path:
        """Return the path of a local file that a task names."""
        return self.folder / name
