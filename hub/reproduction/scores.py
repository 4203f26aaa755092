"""The scores in a data file, study by study, as the statistics take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hub.reproduction.intervals import Contest
from hub.reproduction.learning import height
from hub.reproduction.models import CurveRecord, EntrantRecord, ReproductionDocument, RunRecord, StudyRecord
from hub.reproduction.spec import Quantity
from hub.results.bootstrap import Floats
from hub.results.scores import direction


@dataclass(frozen=True, slots=True)
class StudyScores:
    """One study.

    Attributes:
        record: what was asked for.
        runs: label to the entrant's runs in the tasks' order; only of entrants that finished every task.
        scores: label to scores (episodes, tasks), of the same entrants.
        training_scores: label to the same under the arguments that agents train under; only of those among them that were evaluated there.
        curves: label to the learning curves in the tasks' order; only of those among them that reported one on every task.
        absent: label to the reason why an entrant is not among them.
        unprobed: probe to label to the reason why it said nothing of that entrant on a task.
    """

    record: StudyRecord
    runs: Mapping[str, list[RunRecord]]
    scores: Mapping[str, Floats]
    training_scores: Mapping[str, Floats]
    curves: Mapping[str, list[CurveRecord]]
    absent: Mapping[str, str]
    unprobed: Mapping[str, Mapping[str, str]]

    @property
    def sign(self) -> float:
        """1 where higher scores are better, else -1."""
        return direction(self.record.protocol)

    def values(self, label: str, quantity: Quantity) -> Floats:
        """Return an entrant's scores (episodes, tasks), or the mean heights of its learning curves (1, tasks)."""
        return self.scores[label] if quantity == "score" else self.heights(label)[None, :]

    def heights(self, label: str) -> Floats:
        """Return the mean height of an entrant's learning curve on each task, (tasks,)."""
        pairs = zip(self.curves[label], self.runs[label], strict=True)
        return np.array([height(curve, run.agent.train_steps) for curve, run in pairs])

    def contest(self, label: str, over: list[str], quantity: Quantity = "score") -> Contest:
        """Return an entrant against others, all of whom finished."""
        return Contest(self.values(label, quantity), [self.values(other, quantity) for other in over], self.sign)

    def best(self, labels: list[str], quantity: Quantity = "score") -> str:
        """Return the one of `labels` with the best mean, all of whom finished; the first of equals."""
        return max(labels, key=lambda label: self.sign * float(self.values(label, quantity).mean()))

    def of_role(self, role: str) -> list[str]:
        """Return the labels of the entrants in a role that finished."""
        return [entrant.label for entrant in self.record.entrants if entrant.role == role and entrant.label in self.scores]


def study_scores(document: ReproductionDocument) -> dict[str, StudyScores]:
    """Return the scores of each study by its name, in the document's order."""
    return {study.name: _study(study, document) for study in document.studies}


def _study(study: StudyRecord, document: ReproductionDocument) -> StudyScores:
    runs: dict[str, list[RunRecord]] = {}
    absent: dict[str, str] = {}
    for entrant in study.entrants:
        by_task = {run.task: run for run in document.runs if (run.study, run.entrant) == (study.name, entrant.label)}
        if len(by_task) == len(study.tasks):
            runs[entrant.label] = [by_task[task.name] for task in study.tasks]
        else:
            absent[entrant.label] = _reason(study, entrant, document)
    scores = {label: np.array([run.scores for run in found]).T for label, found in runs.items()}
    trained = {label: [run.training_scores for run in found if run.training_scores is not None] for label, found in runs.items()}
    training_scores = {label: np.array(each).T for label, each in trained.items() if len(each) == len(study.tasks)}
    curves = {label: [run.curve for run in found if run.curve is not None] for label, found in runs.items()}
    complete = {label: each for label, each in curves.items() if len(each) == len(study.tasks)}
    return StudyScores(study, runs, scores, training_scores, complete, absent, _unprobed(study, document))


def _unprobed(study: StudyRecord, document: ReproductionDocument) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for failure in document.failures:
        if failure.study == study.name and failure.probe is not None and failure.entrant is not None:
            found.setdefault(failure.probe, {}).setdefault(failure.entrant, f"task {failure.task}: {failure.reason}")
    return found


def _reason(study: StudyRecord, entrant: EntrantRecord, document: ReproductionDocument) -> str:
    failed = [each for each in document.failures if (each.study, each.entrant, each.probe) == (study.name, entrant.label, None)]
    reasons = list(dict.fromkeys(failure.reason for failure in failed))
    more = f" (and {len(reasons) - 1} other reasons)" if len(reasons) > 1 else ""
    tasks = "" if len(failed) == len(study.tasks) else f" on {len(failed)} of {len(study.tasks)} tasks"
    return f"not run{tasks}: {reasons[0]}{more}"
