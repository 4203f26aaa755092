"""Whether anything in the guest is at work, or waits for its turn on a computer that is busy elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

_BUSY = ("R", "D")
"""States of a thread that runs or would run, and of one that waits for a disk."""


def at_work() -> bool:
    """Return whether any thread outside this process is running, could run, or reads from a disk.

    A screen that stands still does not tell a program that has finished from one that has not had its turn yet; this does.
    """
    own = str(os.getpid())
    return any(_is_busy(process) for process in Path("/proc").iterdir() if process.name.isdecimal() and process.name != own)


def _is_busy(process: Path) -> bool:
    try:
        return any((thread / "stat").read_text().rpartition(")")[2].split()[0] in _BUSY for thread in (process / "task").iterdir())
    except OSError:  # it has ended meanwhile
        return False
