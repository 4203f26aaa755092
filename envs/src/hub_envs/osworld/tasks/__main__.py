"""List this package's tasks, or print one in OSWorld's format: `python -m hub_envs.osworld.tasks NAME --seed 3 --files FOLDER`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from hub_envs.osworld.tasks import NAMES, TASKS, instance, unknown, write


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(prog="python -m hub_envs.osworld.tasks", description=__doc__)
    parser.add_argument("name", nargs="?", help="which task; without one, all are listed")
    parser.add_argument("--seed", type=int, default=0, help="which instance")
    parser.add_argument("--files", type=Path, metavar="FOLDER", help="write the local files that the task names there, beside NAME.json")
    given = parser.parse_args()
    if given.name is None:
        print("\n".join(f"{name:28} {' '.join(TASKS[name].apps)}" for name in NAMES))
        return
    if given.name not in NAMES:
        parser.error(unknown(given.name))
    if given.files is not None:
        try:
            _keep(given.name, given.seed, given.files)
        except OSError as trouble:
            parser.error(f"--files {given.files} cannot be written: {trouble.strerror}")
    print(_text(instance(given.name, given.seed)))


def _keep(name: str, seed: int, folder: Path) -> None:
    """Write a task, and the local files that it names, to a folder."""
    task = write(name, seed, folder)
    (folder / f"{name}.json").write_text(_text(task) + "\n", encoding="utf-8")


def _text(task: dict[str, Any]) -> str:
    return json.dumps(task, indent=2)


if __name__ == "__main__":
    main()
