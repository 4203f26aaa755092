"""The data file from what the runs left: their results, learning curves and costs, the upper bounds, and what failed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.arguments import jsonable
from hub.checkpoints import read_curve
from hub.curves import CurveRecorder
from hub.registry import find_environment
from hub.reproduction.crew import Done
from hub.reproduction.models import (
    BoundDocument,
    CurveRecord,
    EntrantRecord,
    FailureRecord,
    ProbeDocument,
    ProbeRecord,
    ReproductionDocument,
    RunRecord,
    StudyRecord,
    TaskRecord,
)
from hub.reproduction.plan import BOUND_FILE, Planned, PlannedBound, PlannedRun, bound_function, task_name
from hub.reproduction.probing import PlannedProbe, probe_file
from hub.reproduction.spec import Budget, Study
from hub.results.files import read_cost, read_document, read_result
from hub.results.models import Cost, Episode, Result
from hub.results.scores import episode_score, episode_scores
from hub.results.statistics import mean
from hub.running.orders import choose_protocol, protocol_of

_CURVE_POINTS = 200
"""Points of a run's learning curve at most."""


def collect(
    *, paper: str, name: str, command: str, declared: Budget, asked: Budget, done: Sequence[Done], datasets: Mapping[str, str]
) -> ReproductionDocument:
    """Return the data file, its claims not judged yet.

    Args:
        paper: the paper's name.
        name: the budget's name.
        command: the command that was given.
        declared: the whole budget.
        asked: the part of it that was run.
        done: what became of each of its pieces, in the plan's order.
        datasets: digest of each dataset that agents learned from, by name.

    Raises:
        DamagedFile: a result, curve, cost or bound cannot be read.
    """
    bounds = {
        (each.piece.study, each.piece.task): read_document(each.piece.folder, BoundDocument, BOUND_FILE).value
        for each in done
        if each.succeeded and isinstance(each.piece, PlannedBound)
    }
    probed = _probed(each.piece for each in done if each.succeeded)
    finished = [
        (each.piece, read_result(each.piece.folder), read_cost(each.piece.folder))
        for each in done
        if each.succeeded and isinstance(each.piece, PlannedRun)
    ]
    curves = {study.name: study.curve for study in asked.studies}
    declared_tasks = {study.name: len(study.tasks) for study in declared.studies}
    return ReproductionDocument(
        paper=paper,
        budget=name,
        command=command,
        studies=[_study(study, declared_tasks[study.name], bounds) for study in asked.studies],
        claims=[],
        failures=[
            FailureRecord(
                study=each.piece.study,
                task=each.piece.task,
                entrant=each.piece.entrant,
                probe=each.piece.probe if isinstance(each.piece, PlannedProbe) else None,
                reason=each.news,
            )
            for each in done
            if not each.succeeded
        ],
        runs=[_run(piece, result, cost, curves[piece.study], probed.get(piece.folder, {})) for piece, result, cost in finished],
        versions=_versions(result for _, result, _ in finished),
        datasets=dict(datasets),
        machines=sorted({f"{cost.machine}, {cost.processor}, {cost.cores} cores" for _, _, cost in finished}),
    )


def _study(study: Study, declared_tasks: int, bounds: dict[tuple[str, str], float]) -> StudyRecord:
    found = find_environment(study.env)
    names = [task_name(number) for number in range(len(study.tasks))]
    return StudyRecord(
        name=study.name,
        title=study.title,
        env=found.spec.id,
        protocol=protocol_of(choose_protocol(found, study.protocol), study.episodes, "fixed"),
        upper_bound=bound_function(study),
        declared_tasks=declared_tasks,
        tasks=[
            TaskRecord(name=name, kwargs=_plain(kwargs), upper_bound=bounds.get((study.name, name)))
            for name, kwargs in zip(names, study.tasks, strict=True)
        ],
        entrants=[
            EntrantRecord(
                label=entrant.label, agent=entrant.agent, role=entrant.role, args=_plain(entrant.args), train_steps=entrant.train_steps
            )
            for entrant in study.entrants
        ],
        curve=study.curve,
        threshold=study.threshold,
        datasets=list(study.datasets),
        probes=[
            ProbeRecord(name=probe.name, title=probe.title, function=probe.function, labels=list(probe.labels)) for probe in study.probes
        ],
    )


def _plain(values: Any) -> dict[str, Any]:
    found: dict[str, Any] = jsonable(dict(values))
    return found


def _probed(pieces: Iterable[Planned]) -> dict[Path, dict[str, dict[str, float]]]:
    """Return what probes found, by the folder of the run and the name of the probe."""
    found: dict[Path, dict[str, dict[str, float]]] = {}
    for piece in pieces:
        if isinstance(piece, PlannedProbe):
            file = probe_file(piece.folder, piece.probe)
            found.setdefault(piece.folder, {})[piece.probe] = read_document(file, ProbeDocument, file.name).values
    return found


def _run(piece: PlannedRun, result: Result, cost: Cost, reported: str | None, probes: dict[str, dict[str, float]]) -> RunRecord:
    trained = result.generalisation
    return RunRecord(
        study=piece.study,
        task=piece.task,
        entrant=piece.entrant,
        env=result.env,
        agent=result.agent,
        scores=episode_scores(result).tolist(),
        training_scores=None if trained is None else [episode_score(episode, result.protocol.metric) for episode in trained.episodes],
        metrics=_metric_means(result.episodes),
        steps=sum(episode.length for episode in result.episodes),
        result_sha256=_digest(piece.folder / "result.json"),
        train_cpu_s=cost.train_cpu_s,
        eval_cpu_s=cost.eval_cpu_s,
        curve=None if reported is None else _curve(piece.folder / "agent", reported, result.agent.train_steps),
        probes=probes,
    )


def _curve(folder: Path, number: str, budget: int) -> CurveRecord | None:
    """Return the curve of one reported number in few points; None where the agent did not report it."""
    curve = read_curve(folder)
    if curve is None or number not in curve.values:
        return None
    recorder = CurveRecorder(budget, _CURVE_POINTS)
    for steps, value in zip(curve.steps, curve.values[number], strict=True):
        if value is not None:
            recorder.add(steps, {number: value})
    kept = recorder.curve()
    if kept is None:
        return None
    return CurveRecord(steps=kept.steps, values=[value for value in kept.values[number] if value is not None])


def _metric_means(episodes: Sequence[Episode]) -> dict[str, float]:
    """Return the mean of each metric over the episodes that have it."""
    values: dict[str, list[float]] = {}
    for episode in episodes:
        for name, value in (episode.metrics | episode.agent_metrics).items():
            values.setdefault(name, []).append(value)
    return {name: mean(values[name]) for name in sorted(values)}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _versions(results: Iterable[Result]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for result in results:
        for package, version in result.versions.items():
            found.setdefault(package, set()).add(version)
    return {package: ", ".join(sorted(found[package])) for package in sorted(found)}
