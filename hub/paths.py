"""Where hub keeps what outlives a command: its plugin index, settings and leaderboard store."""

from __future__ import annotations

import os
import sys


def home() -> str:
    """Return hub's folder: `$HUB_HOME`, else `hub` in the user's data folder. It need not exist."""
    chosen = os.environ.get("HUB_HOME")
    if chosen:
        return os.path.abspath(chosen)
    on_linux = sys.platform == "linux"
    if on_linux:
        # the same folder as below, without a quarter of the time that `hub list` takes
        return os.path.join(os.environ.get("XDG_DATA_HOME", "").strip() or os.path.expanduser("~/.local/share"), "hub")  # noqa: PTH111
    import platformdirs

    return platformdirs.user_data_dir("hub", appauthor=False)
