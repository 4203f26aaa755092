"""A study's tables: what is known of each entrant and of how it learned, in numbers."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hub.leaderboards.ranking import Scale
from hub.reproduction.intervals import Contest, UndefinedError, difference, improvement, mean_over_tasks
from hub.reproduction.learning import first_reached
from hub.reproduction.models import EntrantRecord, ProbeRecord, RunRecord
from hub.reproduction.scores import StudyScores
from hub.reproduction.spec import Measure
from hub.results.bootstrap import Floats
from hub.results.statistics import Interval, iqm_interval, mean, mean_interval


@dataclass(frozen=True, slots=True)
class Row:
    """An entrant that finished.

    Attributes:
        entrant: who.
        mean: of the score over all episodes of all tasks, with an interval for these tasks (episodes are redrawn within each).
        iqm: the same of the interquartile mean.
        training_mean: the same as `mean` under the arguments that agents train under; None where these are not others.
        gap: of the scores there over those here, positive where it does worse here, with an interval for these tasks; None likewise.
        over_baselines: the table's measure over the best baseline, with an interval over tasks; None for that baseline itself, without
            baselines, and where it is undefined.
        normalised: mean over tasks, where 0 is the null entrant's mean on the task and 100 the upper bound; None without either.
        beside: means over tasks of what the protocol shows beside the score, by name, each with half the width of its interval over tasks;
            None for that of a single task.
        metrics: means over tasks of the further metrics.
        decisions_per_cpu_s: evaluation steps per CPU second; None where the clock saw no time pass.
        train_steps: mean over tasks of the environment steps trained for.
        train_cpu_s: mean over tasks of the CPU seconds of training.
    """

    entrant: EntrantRecord
    mean: Interval
    iqm: Interval
    training_mean: float | None
    gap: Interval | None
    over_baselines: Interval | None
    normalised: float | None
    beside: Mapping[str, tuple[float, float | None]]
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
        measure: how rows are compared with the baselines: by their difference where the best of these may score 0, else relatively.
        upper_bound: mean over tasks; None unless every task has one.
    """

    study: StudyScores
    rows: list[Row]
    best_baseline: str | None
    measure: Measure
    upper_bound: float | None

    @property
    def null(self) -> str | None:
        """The label of the entrant whose mean is the zero of the normalised score."""
        return next(iter(self.study.of_role("null")), None)


def over_tasks(values: npt.ArrayLike) -> tuple[float, float | None]:
    """Return the mean of one value a task, and half the width of its 95 % interval, the tasks being a sample; None for a single task."""
    value, half = mean_over_tasks(np.asarray(values, dtype=np.float64))
    return float(value), None if half is None else float(half)


def table_of(study: StudyScores) -> Table:
    """Return a study's table."""
    bounds = [task.upper_bound for task in study.record.tasks if task.upper_bound is not None]
    baselines = study.of_role("baseline")
    best = study.best(baselines) if baselines else None
    scales = _scales(study)
    measure, compared = _over_baselines(study, baselines, best)
    finished = [entrant for entrant in study.record.entrants if entrant.label in study.scores]
    rows = [_row(study, entrant, compared.get(entrant.label), scales) for entrant in finished]
    rows.sort(key=lambda row: -study.sign * row.mean.estimate)
    return Table(study, rows, best, measure, mean(bounds) if len(bounds) == len(study.record.tasks) else None)


def _row(study: StudyScores, entrant: EntrantRecord, over_baselines: Interval | None, scales: list[Scale] | None) -> Row:
    scores, runs = study.scores[entrant.label], study.runs[entrant.label]
    cpu_s = math.fsum(run.eval_cpu_s for run in runs)
    normalised = None
    if scales is not None:
        normalised = mean([float(scale(scores[:, task]).mean()) for task, scale in enumerate(scales)])
    trained = study.training_scores.get(entrant.label)
    return Row(
        entrant=entrant,
        mean=mean_interval(scores),
        iqm=iqm_interval(scores),
        training_mean=None if trained is None else mean(trained),
        gap=None if trained is None else mean_interval(study.sign * (trained - scores)),
        over_baselines=over_baselines,
        normalised=normalised,
        beside={name: over_tasks([run.metrics[name] for run in runs]) for name in study.record.protocol.beside},
        metrics=_metrics(study, runs),
        decisions_per_cpu_s=sum(run.steps for run in runs) / cpu_s if cpu_s else None,
        train_steps=mean([float(run.agent.train_steps) for run in runs]),
        train_cpu_s=mean([run.train_cpu_s for run in runs]),
    )


def _over_baselines(study: StudyScores, baselines: list[str], best: str | None) -> tuple[Measure, dict[str, Interval]]:
    """Return how all but the best baseline compare with the others of them: relatively if that is defined for each, else by difference."""
    contests = {
        label: study.contest(label, [other for other in baselines if other != label]) for label in study.scores if best not in (None, label)
    }
    relative = _measured(contests, improvement)
    if len(relative) == len(contests):
        return "improvement", relative
    return "difference", _measured(contests, difference)


def _measured(contests: Mapping[str, Contest], measure: Callable[[Sequence[Contest]], Interval]) -> dict[str, Interval]:
    found = {}
    for label, contest in contests.items():
        with contextlib.suppress(UndefinedError):
            found[label] = measure([contest])
    return found


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
    protocol = study.record.protocol
    names = sorted({name for run in runs for name in run.metrics} - {protocol.metric, *protocol.beside})
    return {name: mean([run.metrics[name] for run in runs if name in run.metrics]) for name in names}


def probe_of(study: StudyScores, probe: ProbeRecord) -> dict[str, dict[str, tuple[float, float | None]]]:
    """Return what a probe found in entrants that it was asked of on every task: label, then name, to what `over_tasks` says."""
    found = {}
    for label in probe.labels:
        each = [run.probes[probe.name] for run in study.runs.get(label, ()) if probe.name in run.probes]
        if each and len(each) == len(study.runs[label]):
            found[label] = {
                name: over_tasks([values[name] for values in each]) for name in each[0] if all(name in values for values in each)
            }
    return found


@dataclass(frozen=True, slots=True)
class Learning:
    """How an entrant learned, of those that reported the study's number on every task.

    Attributes:
        entrant: who.
        height: mean over tasks of the mean height of its learning curve over its budget.
        half: half the width of that mean's 95 % interval, the tasks being a sample; None for a single task.
        reached: for each task the steps until the study's threshold is first reached, ascending; infinity where it is not. None without
            threshold.
        last: mean over tasks of the last reported value.
    """

    entrant: EntrantRecord
    height: float
    half: float | None
    reached: Floats | None
    last: float


def learning_of(study: StudyScores) -> list[Learning]:
    """Return a row for each entrant with learning curves, the highest curve first."""
    rows = [_learning(study, entrant) for entrant in study.record.entrants if entrant.label in study.curves]
    return sorted(rows, key=lambda row: -study.sign * row.height)


def _learning(study: StudyScores, entrant: EntrantRecord) -> Learning:
    curves, threshold = study.curves[entrant.label], study.record.threshold
    height, half = over_tasks(study.heights(entrant.label))
    reached = None
    if threshold is not None:
        steps = [first_reached(curve, threshold, study.sign) for curve in curves]
        reached = np.sort([math.inf if each is None else each for each in steps])
    return Learning(
        entrant=entrant,
        height=height,
        half=half,
        reached=reached,
        last=mean([curve.values[-1] for curve in curves]),
    )
