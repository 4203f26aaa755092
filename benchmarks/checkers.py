"""Score `hub check` beside Gymnasium's and stable-baselines3's environment checkers on the same list of seeded faults.

    python benchmarks/checkers.py --write docs/check-scores.md

A fault counts as caught when the checker raises, warns or reports a failure; for the two others every warning counts that they do not
give for the correct environment as well. False alarms are counted on the correct environments. Faults that end or hang the process run in a
process of their own for every checker; only a checker that comes back with a report has caught one. Needs stable-baselines3.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gymnasium as gym

from hub.checking.isolation import check_isolated
from hub.checking.opening import job_of
from hub.checking.subjects import Plan
from hub.checking.surroundings import put_back
from hub.files import write_atomically

FIXTURES = Path(__file__).resolve().parents[1] / "tests" / "fixtures"
COMMAND = "python benchmarks/checkers.py --write docs/check-scores.md"
PLAN = Plan(steps=320, episodes=2)
LIMIT = 30.0
"""Seconds that one check, or another checker as a whole, may take."""
TAXI = max(name for name in gym.registry if name.startswith("Taxi-v"))
CORRECT = ("CartPole-v1", TAXI, "Pendulum-v1", "MountainCarContinuous-v0")

NOTES = (
    "The two others look at single environments only. A fault counts as caught by them when they raise, or give a warning that the",
    "correct environment does not get. The list was made together with hub's checks: a full score says that they do what they were",
    "written for, not that they find everything.",
    "",
    "Complaints about environments that are taken to be correct (exceptions and warnings; failed checks of hub by name, see",
    "[the checks](check.md) for why one of them is no false alarm):",
)


@contextlib.contextmanager
def complaints() -> Iterator[set[str]]:
    """Collect what a checker says: warnings of Python and of Gymnasium's logger, and the exception it ends with."""
    said: set[str] = set()
    with warnings.catch_warnings(record=True) as caught, put_back():
        warnings.simplefilter("always")
        try:
            yield said
        except Exception as error:  # a checker speaks by raising
            said.add(f"{type(error).__name__}: {error}")
        except SystemExit as error:
            said.add(f"SystemExit: {error}")
    said.update(str(one.message) for one in caught)


def gymnasium_says(env_id: str) -> set[str]:
    """Return the complaints of gymnasium.utils.env_checker.check_env, render and close checks included."""
    from gymnasium.utils.env_checker import check_env

    with complaints() as said, contextlib.redirect_stdout(None):
        check_env(gym.make(env_id, disable_env_checker=True).unwrapped)
    return said


def stable_baselines_says(env_id: str) -> set[str]:
    """Return the complaints of stable_baselines3.common.env_checker.check_env, its render check included."""
    from stable_baselines3.common.env_checker import check_env

    with complaints() as said, contextlib.redirect_stdout(None):
        check_env(gym.make(env_id, disable_env_checker=True, render_mode="rgb_array").unwrapped, warn=True, skip_render_check=False)
    return said


SPEAKERS: dict[str, Callable[[str], set[str]]] = {"gymnasium": gymnasium_says, "stable-baselines3": stable_baselines_says}


def says_elsewhere(checker: str, env_id: str) -> set[str] | None:
    """Return the complaints of a checker run in a process of its own; None when it took that process down or never came back."""
    words = [sys.executable, str(Path(__file__).resolve()), "--one", checker, env_id]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return None
    return set(json.loads(done.stdout.splitlines()[-1])) if done.returncode == 0 else None


def hub_says(job: dict[str, Any]) -> set[str]:
    """Return the names of the checks of hub that fail."""
    return {row.check for row in check_isolated(job, LIMIT, lambda _: None) if row.state == "failed"}


def judge(faults: Any) -> list[dict[str, Any]]:
    """Return a row a fault: what it is, and who caught it."""
    usual = {name: speak(faults.env_id(faults.CORRECT)) for name, speak in SPEAKERS.items()}
    rows = []
    jobs = [job_of("faulty_environments:open_subject", PLAN, fault=faulty.name) for faulty in faults.CATALOGUE]
    with ThreadPoolExecutor(4) as pool:
        failures = list(pool.map(hub_says, jobs))
    for faulty, failed in zip(faults.CATALOGUE, failures, strict=True):
        env_id = faults.env_id(faulty)
        row: dict[str, Any] = {"fault": faulty.fault, "batched": faulty.batch is not None, "hub": bool(failed)}
        row["expected"] = faulty.check.replace("_", "-")
        row["as expected"] = row["expected"] in failed
        for name, speak in SPEAKERS.items():
            said = says_elsewhere(name, f"faulty_environments:{env_id}") if faulty.deadly else speak(env_id)
            row[name] = said is not None and bool(said - usual[name])
        rows.append(row)
        print(f"{row['fault']:<60} " + " ".join(f"{name}={'yes' if row[name] else 'no'}" for name in ("hub", *SPEAKERS)), file=sys.stderr)
    return rows


def false_alarms(faults: Any) -> list[dict[str, Any]]:
    """Return a row a correct environment: how many complaints each checker has."""
    drift = ("Drift (correct twin of the faulty ones)", faults.env_id(faults.CORRECT))
    rows = []
    for title, env_id in (drift, *((name, name) for name in CORRECT)):
        opener = ("hub.checking.opening:open_environment", {"name": env_id, "kwargs": {}})
        if env_id == drift[1]:
            opener = ("faulty_environments:open_subject", {"fault": faults.CORRECT.name})
        failed = hub_says(job_of(opener[0], PLAN, **opener[1]))
        said = {name: len(speak(env_id)) for name, speak in SPEAKERS.items()}
        rows.append({"env": title, "hub": ", ".join(sorted(failed)) or "0"} | said)
    return rows


def table(rows: list[dict[str, Any]], alarms: list[dict[str, Any]]) -> str:
    """Return the page: totals, the list, and the false alarms."""
    groups = {
        "single environments": [row for row in rows if not row["batched"]],
        "batched environments": [row for row in rows if row["batched"]],
    }
    names = ("hub", *SPEAKERS)
    versions = ", ".join(f"{name} {importlib.import_module(name.replace('-', '_')).__version__}" for name in SPEAKERS)
    lines = ["# Scores of three checkers on the same faults", "", f"Generated by `{COMMAND}` with {versions}.", ""]
    lines += [
        "Caught faults:",
        "",
        "| faults in | number | `hub check` | by the expected check | Gymnasium `check_env` | stable-baselines3 `check_env` |",
    ]
    lines += ["|---|---|---|---|---|---|"]
    for title, group in {**groups, "all": rows}.items():
        counts = [sum(row[key] for row in group) for key in ("hub", "as expected", *SPEAKERS)]
        lines.append(f"| {title} | {len(group)} | " + " | ".join(map(str, counts)) + " |")
    lines += ["", *NOTES, ""]
    lines += ["| environment | `hub check` | Gymnasium | stable-baselines3 |", "|---|---|---|---|"]
    lines += [f"| {row['env']} | {row['hub']} | {row['gymnasium']} | {row['stable-baselines3']} |" for row in alarms]
    lines += ["", "| fault | expected check | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    for row in rows:
        lines.append(f"| {row['fault']} | `{row['expected']}` | " + " | ".join("yes" if row[name] else "no" for name in names) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, help="file for the table (else standard output)")
    parser.add_argument("--one", nargs=2, metavar=("CHECKER", "ID"), help="run one checker on one environment and print its complaints")
    arguments = parser.parse_args()
    sys.path.insert(0, str(FIXTURES))
    faults = importlib.import_module("faulty_environments")
    if arguments.one:
        print(json.dumps(sorted(SPEAKERS[arguments.one[0]](arguments.one[1]))))
        return
    # one of the faults leaves files in the working directory
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        page = table(judge(faults), false_alarms(faults))
    if arguments.write:
        write_atomically(arguments.write, page)
    else:
        print(page)


if __name__ == "__main__":
    main()
