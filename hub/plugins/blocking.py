"""The plugins that the user has blocked on this machine; they are neither looked into nor used."""

from __future__ import annotations

import json
import os


def blocked() -> list[str]:
    """Return the names of blocked plugins."""
    from hub.errors import DamagedFile

    try:
        with open(_path(), "rb") as file:
            names = json.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as error:
        raise DamagedFile(f"cannot read {_path()}: {error}; delete it and block your plugins again") from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DamagedFile(f"{_path()} is not a list of plugin names; delete it and block your plugins again")
    return names


def block(name: str) -> None:
    """Block a plugin from now on."""
    _write({*blocked(), name})


def unblock(name: str) -> None:
    """Let a blocked plugin in again."""
    _write({*blocked()} - {name})


def _write(names: set[str]) -> None:
    from hub.files import write_atomically

    write_atomically(_path(), json.dumps(sorted(names), indent=1) + "\n")


def _path() -> str:
    from hub import paths

    return os.path.join(paths.home(), "blocked.json")
