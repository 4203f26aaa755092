"""What PhoneSim's own scripts earn in its tasks: the oracle, doing nothing, and every near miss.

    python benchmarks/phone_tasks.py [--rounds 5] [--slots 8]

A round is one episode of every task, with its own parameters; round r has the seeds from r times the number of tasks on. Shown for each
task: its level and budget, the least score of the oracle and its most steps, the greatest score of doing nothing, and of each near miss.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict

from hub_envs.phonesim.proof import NOTHING, ORACLE, Played, scores
from hub_envs.phonesim.tasks import TASKS


def line(name: str, played: list[Played]) -> str:
    """Return the table's row of a task."""
    by_script: dict[str, list[float]] = defaultdict(list)
    for each in played:
        by_script[each.script].append(each.score)
    task, oracle, nothing = TASKS[name], by_script.pop(ORACLE), by_script.pop(NOTHING)
    most = max(each.steps for each in played if each.script == ORACLE)
    missed = "; ".join(f"{script} {max(earned):.2f}" for script, earned in by_script.items())
    return f"| {name} | {task.level} | {task.budget} | {min(oracle):.0f} | {most} | {max(nothing):.0f} | {missed} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slots", type=int, default=8)
    arguments = parser.parse_args()
    begun = time.perf_counter()
    played = scores(range(arguments.rounds * len(TASKS)), slots=arguments.slots)
    seconds = time.perf_counter() - begun
    by_task: dict[str, list[Played]] = defaultdict(list)
    for each in played:
        by_task[each.task].append(each)
    print("| task | level | budget | oracle, least | steps, most | nothing | near misses, most |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in TASKS:
        print(line(name, by_task[name]))
    steps = sum(each.steps for each in played)
    print(f"\n{len(played)} episodes, {steps} steps in {seconds:.1f} s on {arguments.slots} phones: {1000 * seconds / steps:.1f} ms a step")


if __name__ == "__main__":
    main()
