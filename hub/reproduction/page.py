"""A reproduction's page: Markdown made from the data files and the plugin's texts, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hub.reproduction.models import ClaimRecord, ReproductionDocument, StudyRecord
from hub.reproduction.scores import study_scores
from hub.reproduction.spec import Budget, Claim, Published, Reproduction
from hub.reproduction.table import Row, Table, table_of
from hub.results.statistics import Interval
from hub.specs import PaperSpec

_ROLES = {"paper": "the paper's agent", "baseline": "baseline", "reference": "not in the paper", "null": "does nothing"}

_VERDICTS = """A claim is about the relative improvement of an agent over the best of the others it names, averaged over studies. It
**holds** when the whole 95 % interval lies above what is claimed, **does not hold** when the whole interval lies below, and is
**undecided** otherwise. The interval treats the tasks as a sample of all tasks: they are redrawn whole, the same ones for every agent, and
the best of the others is chosen anew in each draw. Improvements over the best baseline in the tables have intervals of that kind."""

_COLUMNS = """IQM: the mean of the middle half of all episodes; its interval, and those in the figure, redraw the episodes of these tasks.
Training steps and seconds are means over tasks."""


def page(paper: PaperSpec, reproduction: Reproduction, documents: Sequence[ReproductionDocument]) -> str:
    """Return the page of a paper's reproduction.

    Args:
        paper: the citation.
        reproduction: the plugin's texts.
        documents: the data files of budgets, in the order in which they are to stand; their figures lie beside them as `BUDGET.svg`.
    """
    parts = [
        f"# Reproduction: {paper.title}",
        f"{paper.authors} ({paper.year}). *{paper.title}*. <{paper.url}>",
        f"This page was written by `hub reproduce {paper.name}`; it is made from the data files beside it, and no number in it was typed.",
    ]
    if reproduction.implemented:
        parts += ["## What is implemented", _bullets(reproduction.implemented)]
    parts += ["## How to read this", _VERDICTS, _COLUMNS]
    for document in documents:
        parts += _budget(document, reproduction.budgets[document.budget], reproduction.claims)
    return "\n\n".join(parts) + "\n"


def _budget(document: ReproductionDocument, budget: Budget, claims: Sequence[Claim]) -> Iterator[str]:
    tables = [table_of(study) for study in study_scores(document).values()]
    yield f"## Budget `{document.budget}`"
    yield budget.summary
    yield f"```console\n$ {document.command}\n```"
    part = _part(document, budget)
    if part:
        yield part
    if budget.scaled_down:
        yield f"Smaller than in the paper:\n\n{_bullets(budget.scaled_down)}"
    if document.claims:
        yield "### Claims"
        yield _claims(document, claims)
    yield f"![The studies of budget {document.budget}: each entrant's mean score with its 95 % interval]({document.budget}.svg)"
    for table in tables:
        yield from _study(table)
    yield _provenance(document)


def _part(document: ReproductionDocument, budget: Budget) -> str:
    """Say what of the budget the data file lacks because it was not asked for."""
    there = {study.name for study in document.studies}
    lacking = [f"study {study.name}" for study in budget.studies if study.name not in there]
    fewer = [
        f"{_tasks(study.declared_tasks - len(study.tasks))} of study {study.name}"
        for study in document.studies
        if len(study.tasks) < study.declared_tasks
    ]
    return f"**This is a part of the budget.** Left out: {', '.join([*lacking, *fewer])}." if lacking or fewer else ""


def _claims(document: ReproductionDocument, claims: Sequence[Claim]) -> str:
    rows = [
        (claim.text, f"**{claim.verdict}**", measured(claim), f"{100 * claim.at_least:.4g} %", _published(declared.published))
        for claim, declared in zip(document.claims, claims, strict=True)
    ]
    return _table(("claim", "verdict", "measured improvement (95 % interval)", "holds above", "published"), rows)


def measured(claim: ClaimRecord) -> str:
    """Return what was measured of a claim, or why it was not tested."""
    if claim.estimate is None or claim.low is None or claim.high is None:
        return claim.reason
    by_label: dict[str, list[str]] = {}
    for study, label in claim.best.items():
        by_label.setdefault(label, []).append(study)
    over = [label if len(by_label) == 1 else f"{label} (on {', '.join(studies)})" for label, studies in by_label.items()]
    return f"{percent(Interval(claim.estimate, claim.low, claim.high))} over {', '.join(over)}"


def _published(printed: Published | None) -> str:
    return "" if printed is None else f"{printed.value:g} {printed.unit} ({printed.where})"


def _study(table: Table) -> Iterator[str]:
    study = table.study.record
    yield f"### {study.title}"
    yield _setting(study)
    if table.rows:
        yield _entrants(table)
    notes = []
    if table.upper_bound is not None:
        notes.append(f"No policy's expected score exceeds {table.upper_bound:.4g}, the mean over tasks of `{study.upper_bound}`.")
    if any(row.normalised is not None for row in table.rows):
        notes.append(f"Normalised: 0 is what {table.null} scored on the task, 100 the task's upper bound.")
    if notes:
        yield " ".join(notes)
    absent = [f"{label}: {reason}" for label, reason in table.study.absent.items()]
    if absent:
        yield _bullets(absent)


def _setting(study: StudyRecord) -> str:
    protocol = study.protocol
    better = "higher" if protocol.higher_is_better else "lower"
    few = "" if len(study.tasks) == study.declared_tasks else f" (of {study.declared_tasks})"
    return (
        f"`{study.env}`, protocol {protocol.name} v{protocol.version}: {_tasks(len(study.tasks))}{few}, {protocol.episodes} episodes each,"
        f" the same seeds for all; score: {protocol.metric} ({better} is better)."
    )


def _entrants(table: Table) -> str:
    rows = table.rows
    over = f"over {table.best_baseline}" if table.best_baseline else ""
    normalised = any(row.normalised is not None for row in rows)
    metrics = sorted({name for row in rows for name in row.metrics})
    headings = ["entrant", "", "mean", "IQM (95 % interval)"]
    headings += [over] if over else []
    headings += ["normalised"] if normalised else []
    headings += [*metrics, "decisions per CPU-s", "trained (steps, CPU-s)"]
    return _table(headings, [_cells(row, table, normalised, metrics) for row in rows])


def _cells(row: Row, table: Table, normalised: bool, metrics: Sequence[str]) -> Iterator[str]:
    yield row.entrant.label
    yield _ROLES[row.entrant.role]
    yield f"{row.mean.estimate:.4g}"
    yield f"{row.iqm.estimate:.4g} ({row.iqm.low:.4g} to {row.iqm.high:.4g})"
    if table.best_baseline:
        yield "" if row.improvement is None else percent(row.improvement)
    if normalised:
        yield "" if row.normalised is None else f"{row.normalised:z.1f}"
    for name in metrics:
        yield f"{row.metrics[name]:.4g}" if name in row.metrics else ""
    yield "" if row.decisions_per_cpu_s is None else f"{row.decisions_per_cpu_s:,.0f}"
    yield f"{row.train_steps:,.0f}, {row.train_cpu_s:,.1f}" if row.train_steps else ""


def _provenance(document: ReproductionDocument) -> str:
    versions = ", ".join(f"{package} {version}" for package, version in document.versions.items())
    where = "; ".join(document.machines)
    return f"Ran with {versions} on {where}. Data: [{document.budget}.json]({document.budget}.json)."


def percent(interval: Interval) -> str:
    """Return a relative improvement with its interval, in per cent."""
    return f"{100 * interval.estimate:+z.1f} % ({100 * interval.low:+z.1f} to {100 * interval.high:+z.1f})"


def _tasks(count: int) -> str:
    return f"{count} task{'' if count == 1 else 's'}"


def _bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _table(headings: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
