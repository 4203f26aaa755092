"""Where hub keeps what outlives a command: its plugin index, settings and leaderboard store."""

from __future__ import annotations

import os


def home() -> str:
    """Return hub's folder: `$HUB_HOME`, else `hub` in the user's data folder. It need not exist."""
    chosen = os.environ.get("HUB_HOME")
    if chosen:
        return os.path.abspath(chosen)
    import platformdirs

    return platformdirs.user_data_dir("hub", appauthor=False)
