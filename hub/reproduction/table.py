"""A study's table: what is known of each entrant, in numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from hub.leaderboards.ranking import Scale
from hub.reproduction.intervals import UndefinedError, improvement
from hub.reproduction.models import EntrantRecord, RunRecord
from hub.reproduction.scores import StudyScores
from hub.results.statistics import Interval, iqm_interval, mean, mean_interval


@dataclass(frozen=True, slots=True)
class Row:
    """An entrant that finished.

    Attributes:
        entrant: who.
        mean: of the score over all episodes of all tasks, with an interval for these tasks (episodes are redrawn within each).
        iqm: the same of the interquartile mean.
        improvement: relative improvement over the best baseline, with an interval over tasks; None for that baseline itself, without
            baselines, and where it is undefined.
        normalised: mean over tasks, where 0 is the null entrant's mean on the task and 100 the upper bound; None without either.
        metrics: means over tasks of the further metrics.
        decisions_per_cpu_s: evaluation steps per CPU second; None where the clock saw no time pass.
        train_steps: mean over tasks of the environment steps trained for.
        train_cpu_s: mean over tasks of the CPU seconds of training.
    """

    entrant: EntrantRecord
    mean: Interval
    iqm: Interval
    improvement: Interval | None
    normalised: float | None
    metrics: Mapping[str, float]
    decisions_per_cpu_s: float | None
    train_steps: float
    train_cpu_s: float


@dataclass(frozen=True, slots=True)
class Table:
    """A study with its rows, best mean first.

    Attributes:
        study: the study.
        rows: entrants that finished.
        best_baseline: the label of the baseline with the best mean, if any finished.
        upper_bound: mean over tasks; None unless every task has one.
    """

    study: StudyScores
    rows: list[Row]
    best_baseline: str | None
    upper_bound: float | None

    @property
    def null(self) -> str | None:
        """The label of the entrant whose mean is the zero of the normalised score."""
        return next(iter(self.study.of_role("null")), None)


def table_of(study: StudyScores) -> Table:
    """Return a study's table."""
    bounds = [task.upper_bound for task in study.record.tasks if task.upper_bound is not None]
    baselines = study.of_role("baseline")
    best = study.best(baselines) if baselines else None
    scales = _scales(study)
    rows = [_row(study, entrant, best, scales) for entrant in study.record.entrants if entrant.label in study.scores]
    rows.sort(key=lambda row: -study.sign * row.mean.estimate)
    return Table(study, rows, best, mean(bounds) if len(bounds) == len(study.record.tasks) else None)


def _row(study: StudyScores, entrant: EntrantRecord, best: str | None, scales: list[Scale] | None) -> Row:
    scores, runs = study.scores[entrant.label], study.runs[entrant.label]
    cpu_s = math.fsum(run.eval_cpu_s for run in runs)
    normalised = None
    if scales is not None:
        normalised = mean([float(scale(scores[:, task]).mean()) for task, scale in enumerate(scales)])
    return Row(
        entrant=entrant,
        mean=mean_interval(scores),
        iqm=iqm_interval(scores),
        improvement=None if best in (None, entrant.label) else _over_baselines(study, entrant.label),
        normalised=normalised,
        metrics=_metrics(study, runs),
        decisions_per_cpu_s=sum(run.steps for run in runs) / cpu_s if cpu_s else None,
        train_steps=mean([float(run.agent.train_steps) for run in runs]),
        train_cpu_s=mean([run.train_cpu_s for run in runs]),
    )


def _over_baselines(study: StudyScores, label: str) -> Interval | None:
    try:
        return improvement([study.contest(label, [other for other in study.of_role("baseline") if other != label])])
    except UndefinedError:
        return None


def _scales(study: StudyScores) -> list[Scale] | None:
    """Return how each task's scores are normalised, or None where a bound, a null entrant or room between the two is missing."""
    null = next(iter(study.of_role("null")), None)
    found = []
    for number, task in enumerate(study.record.tasks):
        if null is None or task.upper_bound is None:
            return None
        zero = float(study.scores[null][:, number].mean())
        if zero == task.upper_bound:
            return None
        found.append(Scale(zero, task.upper_bound))
    return found


def _metrics(study: StudyScores, runs: list[RunRecord]) -> dict[str, float]:
    names = sorted({name for run in runs for name in run.metrics} - {study.record.protocol.metric})
    return {name: mean([run.metrics[name] for run in runs if name in run.metrics]) for name in names}
