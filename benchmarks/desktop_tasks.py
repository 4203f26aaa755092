"""Play the oracle, every wrong solution and nothing at all for the desktop's tasks.

    python benchmarks/desktop_tasks.py [TASK ...] [--seeds 0 1]

Every oracle must earn 1, everything else less. Prints a table, and seconds of reset, of a step and of judging; exits with 1 where a score
is not as it must be. With --trace the moves and the screens of each episode are kept in a folder.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from hub_envs.osworld.environment import DesktopEnv
from hub_envs.osworld.tasks import NAMES, TASKS, Scripts
from hub_envs.solutions import Script
from PIL import Image


def play(env: DesktopEnv, seed: int, script: Script, trace: Path | None) -> dict[str, Any]:
    start = time.monotonic()
    seen, info = env.reset(seed=seed)
    reset, over, score = time.monotonic() - start, False, 0.0
    steps: list[float] = []
    while not over:
        action = script.act(seen)
        if trace is not None:
            trace.mkdir(parents=True, exist_ok=True)
            Image.fromarray(seen["screenshot"]).save(trace / f"{len(steps)}.png")
            with (trace / "moves.txt").open("a") as file:
                file.write(f"{len(steps)}: {action}\n{info.get('error', '')}")
        start = time.monotonic()
        seen, score, terminated, truncated, info = env.step(action)
        steps.append(time.monotonic() - start)
        over = terminated or truncated
        if info["invalid"]:
            print(f"  invalid action {action!r}: {info['error']}", file=sys.stderr)
    if info.get("trouble"):
        print(f"  {info['trouble']}", file=sys.stderr)
    return {"score": score, "reset": reset, "steps": steps[:-1], "evaluate": info["evaluate_seconds"], "truncated": truncated}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--oracle-only", action="store_true")
    parser.add_argument("--trace", type=Path)
    given = parser.parse_args()
    bad = 0
    resets: list[float] = []
    steps: list[float] = []
    judged: list[float] = []
    print(
        f"| {'task':28} | seed | oracle | nothing | wrong | reset s | step s | judging s |\n|---|---|---|---|---|---|---|---|", flush=True
    )
    for name in given.tasks or NAMES:
        env = DesktopEnv(task=name, accessibility_tree=TASKS[name].looks)
        model = Scripts(name)
        for seed in given.seeds:
            scripts = {"oracle": model.oracle(seed), **({} if given.oracle_only else model.wrong(seed))}
            played = {
                fault: play(env, seed, script, given.trace and given.trace / f"{name}-{seed}-{fault}") for fault, script in scripts.items()
            }
            scores = {fault: result["score"] for fault, result in played.items()}
            good = scores.pop("oracle") == 1.0 and all(score < 1.0 for score in scores.values())
            bad += not good
            nothing = scores.pop("nothing", float("nan"))
            own = [s for result in played.values() for s in result["steps"]] or [0.0]
            reset, judge = ([result[key] for result in played.values()] for key in ("reset", "evaluate"))
            resets, steps, judged = resets + reset, steps + own, judged + judge
            wrong = ", ".join(f"{fault} {score:g}" for fault, score in scores.items())
            print(
                f"| {name:28} | {seed} | {played['oracle']['score']:g} | {nothing:g} | {wrong} | {statistics.median(reset):.1f}"
                f" | {statistics.median(own):.2f} | {statistics.median(judge):.2f} |{'' if good else ' <-- WRONG'}",
                flush=True,
            )
        env.close()
    print(
        f"\nmedians: reset {statistics.median(resets):.2f} s, step {statistics.median(steps):.2f} s,"
        f" judging {statistics.median(judged):.2f} s;"
        f" {len(resets)} episodes, {bad} tasks wrong"
    )
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
