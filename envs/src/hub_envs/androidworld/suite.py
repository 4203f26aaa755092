"""AndroidWorld's 116 tasks: what is known of them without a device, and which instance of a task a seed means.

`tasks.csv` was read from the instantiated suite of google-research/android_world (Apache-2.0) at d9c569f7: names, complexities, step
budgets, difficulties, steps that a person needs, apps, and names of parameters.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hub_envs.androidworld import checkout

OFFICIAL_SEED = 30
"""Seed of the suite that the reference's `run.py` plays by default."""


@dataclass(frozen=True, slots=True)
class SuiteTask:
    """One task of the suite.

    Attributes:
        name: e.g. `ContactsAddContact`.
        complexity: what the budget is made of.
        budget: steps that an agent may take, `int(10 * complexity)`.
        difficulty: `easy`, `medium` or `hard`, as the authors judge it.
        optimal_steps: steps that a person needs.
        apps: names of the apps that it takes.
        parameters: names of what is drawn for an instance.
    """

    name: str
    complexity: float
    budget: int
    difficulty: str
    optimal_steps: int
    apps: tuple[str, ...]
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a task.

    Attributes:
        task: the task.
        number: counts the task's instances from 0.
        seed: what its parameters are drawn with.
        goal: what the agent is told; None where it cannot be known here.
        without_goal: why it cannot be known; None where it is.
    """

    task: SuiteTask
    number: int
    seed: int
    goal: str | None
    without_goal: str | None


@cache
def tasks() -> Mapping[str, SuiteTask]:
    """Return the suite's tasks by name, in alphabetical order."""
    rows = csv.DictReader(resources.files(__package__).joinpath("tasks.csv").read_text(encoding="utf-8").splitlines())
    return {row["task"]: _read(row) for row in rows}


def _read(row: Mapping[str, str]) -> SuiteTask:
    return SuiteTask(
        name=row["task"],
        complexity=float(row["complexity"]),
        budget=int(row["step_budget"]),
        difficulty=row["difficulty"],
        optimal_steps=int(row["optimal_steps"]),
        apps=tuple(row["apps"].split("|")),
        parameters=tuple(filter(None, row["param_names"].split("|"))),
    )


def instance_seed(seed: int, task: str, number: int = 0) -> int:
    """Return what instance `number` of `task` is drawn with in the suite of `seed`: in [0, 2^32)."""
    return int(hashlib.sha256(f"{seed}_{task}_{number}".encode()).hexdigest(), 16) % 2**32


def listing(seed: int = OFFICIAL_SEED, combinations: int = 1) -> list[Instance]:
    """List the suite of `seed` with `combinations` instances a task, goals where an `android_world` checkout can be imported.

    Needs no device. The goals are those of the checkout, so they belong to its commit.
    """
    try:
        goals = {name: checkout.goals(name, seed, combinations) for name in tasks()}
        why = None
    except checkout.CheckoutError as error:
        goals, why = {}, str(error)
    return [
        Instance(task, number, instance_seed(seed, name, number), goals[name][number] if goals else None, why)
        for name, task in tasks().items()
        for number in range(combinations)
    ]
