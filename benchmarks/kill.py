"""Kills a run at random moments and counts the resumed runs whose result is byte for byte that of an uninterrupted one.

    python benchmarks/kill.py --kills 100 --episodes 50

Two kills of three come at a moment drawn uniformly over the run's duration; the others the instant a given file appears, to hit the short
moments in which the journal begins, the training and the agent are saved and the results are written. The run trains first, saving itself
before each episode, then evaluates (tests/running/laboratory).
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LABORATORY = Path(__file__).parents[1] / "tests" / "running" / "laboratory"
FILES = (
    ".journal.sqlite.*.tmp",
    "journal.sqlite",
    ".training.safetensors.*.tmp",
    "training.safetensors",
    ".agent.*.tmp",
    "agent",
    "journal.sqlite-wal",
    ".cost.json.*.tmp",
    "cost.json",
    ".result.json.*.tmp",
    "result.json",
)


@dataclass(frozen=True)
class Trial:
    """One kill: what was asked for, what state the run was in, and whether the resumed result is the same."""

    moment: str
    hit: str
    identical: bool


def start(folder: Path, episodes: int) -> subprocess.Popen[bytes]:
    words = ["run", "--agent", "steady", "--env", "lab/Walk-v0", "--env-arg", "pause=0.002", "--train-steps", "100", "--slots", "4"]
    environ = {**os.environ, "PYTHONPATH": str(LABORATORY), "HUB_HOME": str(folder.parent / "home")}
    command = [sys.executable, "-m", "hub", *words, "--episodes", str(episodes), "--out", str(folder)]
    return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)


def finish(folder: Path, episodes: int) -> float:
    """Run to the end; return the seconds it took."""
    begun = time.monotonic()
    with start(folder, episodes) as process:
        if process.wait() != 0:
            raise SystemExit(f"a run in {folder} failed with exit code {process.returncode}")
    return time.monotonic() - begun


def kill_at(folder: Path, episodes: int, moment: float | str) -> None:
    """Start a run and kill it after `moment` seconds, or the instant a file of that pattern appears."""
    begun = time.monotonic()
    with start(folder, episodes) as process:
        while process.poll() is None:
            due = time.monotonic() - begun >= moment if isinstance(moment, float) else folder.is_dir() and any(folder.glob(moment))
            if due:
                process.kill()
                return
            time.sleep(0.0002)


def standing(folder: Path) -> str:
    """Say how far a killed run had come, from the files it left."""
    if (folder / "result.json").exists():
        return "finished"
    if (folder / "cost.json").exists() or any(folder.glob(".cost.json.*")) or any(folder.glob(".result.json.*")):
        return "writing results"
    if (folder / "agent").exists():
        return "evaluating"
    if (folder / "training.safetensors").exists():
        return "training, saved"
    return "training" if (folder / "journal.sqlite").exists() else "starting"


def series(place: Path, kills: int, episodes: int, stream: random.Random) -> list[Trial]:
    """Kill `kills` runs once each and resume them."""
    finish(place / "warm", episodes)
    duration = finish(place / "straight", episodes)
    expected = (place / "straight" / "result.json").read_bytes()
    trials = []
    for number in range(kills):
        folder = place / f"run-{number}"
        moment: float | str = stream.uniform(0.1, duration) if number % 3 else FILES[number // 3 % len(FILES)]
        kill_at(folder, episodes, moment)
        hit = standing(folder)
        finish(folder, episodes)
        clean = not list(folder.glob(".*.tmp"))
        trials.append(Trial(str(moment), hit, clean and (folder / "result.json").read_bytes() == expected))
    return trials


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0, help="draws the moments")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        trials = series(Path(place), arguments.kills, arguments.episodes, random.Random(arguments.seed))
    for hit, count in sorted(collections.Counter(trial.hit for trial in trials).items()):
        same = sum(trial.identical for trial in trials if trial.hit == hit)
        print(f"killed while {hit:<16} {count:>4}   byte-identical after resuming {same:>4}")
    same = sum(trial.identical for trial in trials)
    print(f"all                           {len(trials):>4}   byte-identical after resuming {same:>4}")
    raise SystemExit(0 if same == len(trials) else 1)


if __name__ == "__main__":
    main()
