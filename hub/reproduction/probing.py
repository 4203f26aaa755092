"""Probes: what is asked of trained agents after the runs of a budget, besides their scores."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from hub.agent import Agent, Task
from hub.checkpoints import load_agent
from hub.environments import describe
from hub.errors import BrokenPlugin, HubError
from hub.files import write_atomically
from hub.loading import load, one_line
from hub.reproduction.models import ProbeDocument
from hub.reproduction.plan import Planned, PlannedRun
from hub.reproduction.spec import Budget
from hub.results.files import canonical_bytes, read_document, read_result


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedProbe:
    """One probe of one trained agent; the fields are those of `PlannedRun`, the probe's name and its function."""

    study: str
    task: str
    entrant: str
    folder: Path
    probe: str
    function: str

    @property
    def title(self) -> str:
        """Probe and label."""
        return f"probe {self.probe} of {self.entrant}"

    def do(self) -> str:
        """Ask it, or find it asked, and return news for the user.

        Raises:
            BrokenPlugin: the function cannot be imported, raises, or returns something else than finite numbers by name.
            HubError: raised by the function itself, or the agent cannot be loaded.
        """
        result = read_result(self.folder)
        file = probe_file(self.folder, self.probe)
        if file.exists():
            kept = read_document(file, ProbeDocument, file.name)
            if (kept.agent, kept.function) == (result.agent, self.function):
                return f"{_told(kept.values)}, probed before"
        task = describe(result.env.id, result.env.kwargs)
        values = ask(self.function, load_agent(self.folder / "agent", task), task, result.agent.seed)
        write_atomically(file, canonical_bytes(ProbeDocument(agent=result.agent, function=self.function, values=values)))
        return _told(values)


def plan_probes(budget: Budget, finished: Sequence[Planned]) -> list[PlannedProbe]:
    """Return the probes of a budget's finished runs, in the order in which they are declared."""
    runs = [piece for piece in finished if isinstance(piece, PlannedRun)]
    return [
        PlannedProbe(study=run.study, task=run.task, entrant=run.entrant, folder=run.folder, probe=probe.name, function=probe.function)
        for study in budget.studies
        for probe in study.probes
        for run in runs
        if run.study == study.name and run.entrant in probe.labels
    ]


def probe_file(folder: Path, name: str) -> Path:
    """Return where the run in `folder` keeps what a probe found."""
    return folder / "probes" / f"{name}.json"


def ask(entry_point: str, agent: Agent, task: Task, seed: int) -> dict[str, float]:
    """Return what the probe `entry_point` says of a trained agent; raises as `PlannedProbe.do` does."""
    function = cast("Callable[[Agent, Task, int], Any]", load(entry_point))
    try:
        found = function(agent, task, seed)
    except HubError:
        raise
    except Exception as error:
        raise BrokenPlugin(f"probe {entry_point} failed on {task.env_id}: {type(error).__name__}: {one_line(error)}") from error
    if not isinstance(found, Mapping) or not found:
        raise BrokenPlugin(f"probe {entry_point} returned {found!r:.80} on {task.env_id}; it must return numbers by name")
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, numbers.Real) or not math.isfinite(value):
            raise BrokenPlugin(f"probe {entry_point} returned {value!r:.80} for {name!r} on {task.env_id}; it must be a finite number")
    return {name: float(value) for name, value in found.items()}


def _told(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
