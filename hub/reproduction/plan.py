"""The pieces of work that a budget consists of: a run for each entrant on each task, and each task's upper bound; probes come after them.

A piece is plain data, so that another process can do it; it leaves its outcome in a folder of its own, and a piece that was done before is
found there instead of being done again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hub.files import write_atomically
from hub.leaderboards.filling import upper_bound
from hub.leaderboards.models import BoardTask
from hub.registry import find_environment
from hub.reproduction.models import BoundDocument
from hub.reproduction.spec import Budget, Entrant, Study
from hub.results.files import canonical_bytes, read_document
from hub.running.configuration import environment_record
from hub.running.orders import choose_protocol, environment_arguments, order_run
from hub.running.progress import SilentProgress
from hub.running.session import carry_out
from hub.running.settings import Settings
from hub.specs import ProtocolSpec

BOUND_FILE = "upper-bound.json"


class Planned(Protocol):
    """A piece of work."""

    @property
    def study(self) -> str:
        """Name of the study."""

    @property
    def task(self) -> str:
        """Name of the task."""

    @property
    def entrant(self) -> str | None:
        """Label of the entrant; None where the piece concerns none."""

    @property
    def title(self) -> str:
        """What it is for, on its task."""

    def do(self) -> str:
        """Do it, or find it done, and return news for the user. Raises `HubError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """One entrant on one task.

    Attributes:
        study: name of the study.
        task: name of the task.
        entrant: the entrant's label.
        folder: where the run leaves its files.
        order: the arguments of `hub.running.orders.order_run`, without the folder.
    """

    study: str
    task: str
    entrant: str
    folder: Path
    order: dict[str, Any]

    @property
    def title(self) -> str:
        """The entrant's label."""
        return self.entrant

    def do(self) -> str:
        """Do it, or find it done, and return news for the user. Raises as `hub.run` does."""
        outcome = carry_out(order_run(**self.order, out=self.folder), Settings(), SilentProgress())
        return f"{outcome.result.summary.metric} {outcome.result.summary.mean:.4g}{', finished before' if outcome.repeated else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBound:
    """The upper bound of one task; the fields are those of `PlannedRun`, and the function that computes it."""

    study: str
    task: str
    folder: Path
    env: str
    protocol: str | None
    kwargs: dict[str, Any]
    function: str
    entrant: None = None
    title: str = "upper bound"

    def do(self) -> str:
        """Do it, or find it done, and return news for the user. Raises `HubError` when the function fails."""
        found = find_environment(self.env)
        record = environment_record(found, environment_arguments(found, self.kwargs, choose_protocol(found, self.protocol)))
        file = self.folder / BOUND_FILE
        if file.exists():
            kept = read_document(file, BoundDocument, BOUND_FILE)
            if (kept.env, kept.function) == (record, self.function):
                return f"{kept.value:.4g}, computed before"
        spec = ProtocolSpec(name="reproduction", env=found.spec.id, upper_bound=self.function)
        value = upper_bound(spec, BoardTask(name=self.task, kwargs=record.kwargs))
        write_atomically(file, canonical_bytes(BoundDocument(env=record, function=self.function, value=value)))
        return f"{value:.4g}"


def plan(budget: Budget, folder: Path) -> list[Planned]:
    """Return all pieces of a budget, whose outcomes lie under `folder`, in the order in which they are declared."""
    return [piece for study in budget.studies for piece in _pieces(study, folder / study.name)]


def _pieces(study: Study, folder: Path) -> Iterator[Planned]:
    function = bound_function(study)
    for number, kwargs in enumerate(study.tasks):
        name = task_name(number)
        for entrant in study.entrants:
            yield _run(study, number, entrant, folder / name / entrant.label)
        if function is not None:
            yield PlannedBound(
                study=study.name,
                task=name,
                folder=folder / name,
                env=study.env,
                protocol=study.protocol,
                kwargs=dict(kwargs),
                function=function,
            )


def _run(study: Study, number: int, entrant: Entrant, folder: Path) -> PlannedRun:
    order = {
        "agent": entrant.agent,
        "env": study.env,
        "episodes": study.episodes,
        "seed": number,
        "train_steps": entrant.train_steps,
        "protocol": study.protocol,
        "env_args": dict(study.tasks[number]),
        "agent_args": dict(entrant.args),
    }
    return PlannedRun(study=study.name, task=task_name(number), entrant=entrant.label, folder=folder, order=order)


def task_name(number: int) -> str:
    """Return the name of task number `number`, counted from 0."""
    return f"{number:02d}"


def bound_function(study: Study) -> str | None:
    """Return the function of the study's upper bounds: its own, else that of its protocol, else None."""
    if study.upper_bound is not None:
        return study.upper_bound
    return choose_protocol(find_environment(study.env), study.protocol).upper_bound
