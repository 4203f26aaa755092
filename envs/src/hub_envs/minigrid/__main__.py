"""Build levels before they are needed: `python -m hub_envs.minigrid build MultiRoom-N12-S10-v0`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tqdm import tqdm

from hub_envs.minigrid.store import TRAINING_LEVELS, build_levels, folder, range_of


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code (0 done, 2 usage, 130 interrupted)."""
    parser = argparse.ArgumentParser(prog="python -m hub_envs.minigrid", description=__doc__)
    build = parser.add_subparsers(required=True).add_parser("build", help="generate the levels of a task that are missing, on all cores")
    build.add_argument("task", help="an id of this package without `minigrid/`, e.g. MultiRoom-N12-S10-v0")
    build.add_argument("--levels", choices=("train", "validation", "test"), default="train", help="which set (train)")
    build.add_argument("--num-levels", type=int, default=TRAINING_LEVELS, help=f"how many training levels ({TRAINING_LEVELS})")
    build.add_argument("--workers", type=int, help="processes (one a core)")
    arguments = parser.parse_args(argv)
    try:
        count = range_of(arguments.levels, arguments.num_levels).count
        steps = build_levels(arguments.task, arguments.levels, arguments.num_levels, arguments.workers)
        missing = next(steps)
        with tqdm(total=count, initial=count - missing, unit="level", desc=arguments.task) as bar:
            for left in steps:
                bar.update(count - left - bar.n)
    except ValueError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{parser.prog}: interrupted; the levels made so far are kept, and the same command goes on from them", file=sys.stderr)
        return 130
    print(f"{count} of {count} {arguments.levels} levels of {arguments.task} are ready in {folder()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
