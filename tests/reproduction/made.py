"""Data files made by hand: a study whose scores a test chooses."""

from __future__ import annotations

import numpy as np

from hub.reproduction.models import CurveRecord, EntrantRecord, FailureRecord, ReproductionDocument, RunRecord, StudyRecord, TaskRecord
from hub.reproduction.spec import Budget, Claim, Entrant, Reproduction, Study
from hub.results.models import AgentRecord, EnvironmentRecord, ProtocolRecord

ORIGIN = {"plugin": "workshop", "distribution": "hub-workshop", "version": "1.0"}


def declared(*claims: Claim, studies: tuple[str, ...] = ("one",)) -> Reproduction:
    """Return a reproduction with one budget, `small`."""
    made = tuple(Study(name=name, title=name, env="workshop-darts", tasks=({},), entrants=(Entrant(agent="thrower"),)) for name in studies)
    return Reproduction(claims=claims, budgets={"small": Budget(summary="made by hand", studies=made)})


def document(scores: dict[str, dict[str, np.ndarray]], bounds: float | None = None, higher: bool = True) -> ReproductionDocument:
    """Return a data file.

    Args:
        scores: study to label to scores (episodes, tasks); an entrant whose label is `null` has that role, `ours` is the paper's, an
            entrant without scores (an empty array) failed.
        bounds: upper bound of each task.
        higher: whether higher scores are better.
    """
    studies, runs, failures = [], [], []
    for name, by_label in scores.items():
        episodes, tasks = next(iter(by_label.values())).shape
        names = [f"{number:02d}" for number in range(tasks)]
        studies.append(
            StudyRecord(
                name=name,
                title=name.title(),
                env="workshop/Darts-v0",
                protocol=ProtocolRecord(name="darts", version=1, episodes=episodes, metric="points", higher_is_better=higher),
                upper_bound=None if bounds is None else "hub_workshop:most_points",
                declared_tasks=tasks,
                tasks=[TaskRecord(name=task, kwargs={}, upper_bound=bounds) for task in names],
                entrants=[entrant(label) for label in by_label],
            )
        )
        for label, matrix in by_label.items():
            failures += [FailureRecord(study=name, task=task, entrant=label, reason="it broke") for task in names if not matrix.size]
            runs += [run(name, task, label, column.tolist()) for task, column in zip(names, matrix.T, strict=False)]
    return ReproductionDocument(
        paper="darts",
        budget="small",
        command="hub reproduce darts --budget small",
        studies=studies,
        claims=[],
        failures=failures,
        runs=runs,
        versions={"gymhub": "1.0"},
        machines=["a machine"],
    )


def with_curves(document: ReproductionDocument, number: str, curves: dict[str, list[CurveRecord]]) -> ReproductionDocument:
    """Return a data file of one study with learning curves of `number`, a list for each label; all trained for 100 steps, to reach 0.7."""
    study = document.studies[0].model_copy(update={"curve": number, "threshold": 0.7})
    place = {task.name: index for index, task in enumerate(study.tasks)}
    runs = [
        run.model_copy(
            update={"curve": curves[run.entrant][place[run.task]], "agent": run.agent.model_copy(update={"train_steps": 100})}
            if run.entrant in curves
            else {}
        )
        for run in document.runs
    ]
    return document.model_copy(update={"studies": [study], "runs": runs})


def entrant(label: str) -> EntrantRecord:
    roles = {"null": "null", "ours": "paper"}
    return EntrantRecord(label=label, agent="thrower", role=roles.get(label, "baseline"), args={}, train_steps=None)


def run(study: str, task: str, label: str, scores: list[float]) -> RunRecord:
    return RunRecord(
        study=study,
        task=task,
        entrant=label,
        env=EnvironmentRecord(id="workshop/Darts-v0", **ORIGIN),
        agent=AgentRecord(name="thrower", seed=0, **ORIGIN),
        scores=scores,
        metrics={"points": 1.0, "misses": 2.0},
        steps=len(scores) * 5,
        result_sha256="0" * 64,
        train_cpu_s=0.0,
        eval_cpu_s=0.5,
    )
