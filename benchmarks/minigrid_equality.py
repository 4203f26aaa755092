"""Play many levels of every task in the engine and in MiniGrid itself, step by step, and count what differs.

    python benchmarks/minigrid_equality.py [--tasks ...] [--levels 20] [--steps 1000] [--workers 2]

Each level is played for `--steps` random steps, as many episodes as that takes (the next level follows where one ends). Observations
(image, direction, mission), rewards, terminations and truncations must be equal, bit for bit. The tests do the same on fewer levels.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
from hub_envs.catalogue import MINIGRID
from hub_envs.minigrid import MiniGridVectorEnv, task_of

CHANCES = [0.15, 0.15, 0.4, 0.1, 0.05, 0.12, 0.03]


def compare(task: str, levels: int, steps: int) -> tuple[str, int, int, int]:
    """Return the task, levels started, steps played and mismatches."""
    mine: Any = MiniGridVectorEnv(1, task=task, levels="any", observation="dict", autoreset_mode="Disabled")
    theirs: Any = task_of(task).build()
    rng = np.random.default_rng(0)
    started = played = mismatches = 0
    for first in range(levels):
        left = steps
        level = first
        while left > 0:
            started += 1
            mismatches += differs(mine.reset(seed=[level])[0], theirs.reset(seed=level)[0])
            over = False
            while left > 0 and not over:
                action = int(rng.choice(7, p=CHANCES)) % task_of(task).actions
                image, reward, terminated, truncated, _ = mine.step(np.array([action]))
                expected, *outcome, _ = theirs.step(action)
                mismatches += differs(image, expected) or [reward[0], terminated[0], truncated[0]] != outcome
                over = outcome[1] or outcome[2]
                played, left = played + 1, left - 1
            level += levels
    return task, started, played, mismatches


def differs(mine: Any, theirs: Any) -> bool:
    """Say whether two observations differ."""
    same = (mine["image"][0] == theirs["image"]).all() and mine["direction"][0] == theirs["direction"]
    return not (same and mine["mission"][0] == theirs["mission"])


def main() -> None:
    """Print the table and the totals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=[entry.kwargs["task"] for entry in MINIGRID])
    parser.add_argument("--levels", type=int, default=20)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    totals = np.zeros(3, dtype=int)
    print("task                       levels    steps  mismatches")
    with ProcessPoolExecutor(options.workers) as pool:
        jobs = [pool.submit(compare, task, options.levels, options.steps) for task in options.tasks]
        for job in jobs:
            task, *counts = job.result()
            totals += counts
            print(f"{task:25s} {counts[0]:7,d} {counts[1]:8,d} {counts[2]:11,d}", flush=True)
    print(f"{'all':25s} {totals[0]:7,d} {totals[1]:8,d} {totals[2]:11,d}")


if __name__ == "__main__":
    main()
