"""List this package's tasks, or print one in OSWorld's format: `python -m hub_envs.osworld.tasks NAME --seed 3 --files FOLDER`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

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
    task = instance(given.name, given.seed) if given.files is None else write(given.name, given.seed, given.files)
    text = json.dumps(task, indent=2)
    if given.files is not None:
        (given.files / f"{given.name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
