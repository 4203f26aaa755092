"""A reproduction's page: Markdown made from the data files and the plugin's texts, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.reproduction.judging import is_outside
from hub.reproduction.models import ReproductionDocument, StudyRecord
from hub.reproduction.scores import StudyScores, study_scores
from hub.reproduction.spec import Budget, Claim, Published, Reproduction
from hub.reproduction.table import Learning, Row, Table, learning_of, probe_of, table_of
from hub.reproduction.wording import amount, bullets, claimed, compared, markdown_table, measured, over_tasks, repeated, steps_until
from hub.specs import PaperSpec

_ROLES = {"paper": "the paper's agent", "baseline": "baseline", "reference": "not in the paper", "null": "does nothing"}

_VERDICTS = """A claim is about the relative improvement of an agent over the best of the others it names, averaged over studies. It
**holds** when the whole 95 % interval lies above what is claimed, **does not hold** when the whole interval lies below, and is
**undecided** otherwise. The interval treats the tasks as a sample of all tasks: they are redrawn whole, the same ones for every agent, and
the best of the others is chosen anew in each draw. Improvements over the best baseline in the tables have intervals of that kind."""

_COLUMNS = """IQM: the mean of the middle half of all episodes; its interval, and those in the figure, redraw the episodes of these tasks.
Training steps and seconds are means over tasks."""

_DIFFERENCES = """What is measured without % is the difference from the best of the others, in the unit of what is compared; it is judged
in the same way."""

_REPEATED = """Where a study repeats one task, its tasks are training seeds, and intervals over tasks tell of the luck of training alone."""

_BESIDE = """What the protocol shows beside the score stands after it: means over tasks, with intervals that treat the tasks as a sample
(Student's t; none for a single task)."""

_GENERALISATION = """On training levels: the mean where the agents train, from the same seeds. Gap: how much better that is than the mean,
with an interval that redraws the episodes of these tasks; an agent that never trained shows how alike the two are."""

_LEARNING = """A learning curve is what an agent reports while it trains; of each run at most 200 points are kept. Curves are averaged
over tasks, and their intervals and bands treat the tasks as a sample (Student's t; none for a single task). The height of a curve is the
area under it divided by the training steps; until the first report it counts as the first value reported. A threshold is reached at the
first report of that value or a better one: the median over tasks is given, and the range, in which never is more than any number of
steps."""


_PROBES = """A probe asks trained agents something else than how well they score. Its numbers are means over tasks, with intervals that
treat the tasks as a sample (Student's t; none for a single task)."""


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
        parts += ["## What is implemented", bullets(reproduction.implemented)]
    parts += ["## How to read this", *_explanations(documents)]
    for document in documents:
        parts += _budget(document, reproduction.budgets[document.budget], reproduction.claims)
    return "\n\n".join(parts) + "\n"


def _explanations(documents: Sequence[ReproductionDocument]) -> Iterator[str]:
    """Yield how to read what the documents hold."""
    studies = [study for document in documents for study in document.studies]
    yield _VERDICTS
    if any(claim.measure == "difference" for document in documents for claim in document.claims):
        yield _DIFFERENCES
    if any(repeated(study) for study in studies):
        yield _REPEATED
    yield _COLUMNS
    if any(study.protocol.beside for study in studies):
        yield _BESIDE
    if any(run.training_scores for document in documents for run in document.runs):
        yield _GENERALISATION
    if any(study.curve for study in studies):
        yield _LEARNING
    if any(study.probes for study in studies):
        yield _PROBES


def _budget(document: ReproductionDocument, budget: Budget, claims: Sequence[Claim]) -> Iterator[str]:
    tables = [table_of(study) for study in study_scores(document).values()]
    yield f"## Budget `{document.budget}`"
    yield budget.summary
    yield f"```console\n$ {document.command}\n```"
    part = _part(document, budget)
    if part:
        yield part
    if budget.scaled_down:
        yield f"Smaller than in the paper:\n\n{bullets(budget.scaled_down)}"
    if document.claims:
        yield "### Claims"
        yield from _claims(document, budget, claims)
    learning = ", and its learning curve" if any(table.study.curves for table in tables) else ""
    yield f"![The studies of budget {document.budget}: each entrant's mean score with its 95 % interval{learning}]({document.budget}.svg)"
    for table in tables:
        yield from _study(table)
    yield _provenance(document)


def _part(document: ReproductionDocument, budget: Budget) -> str:
    """Say what of the budget the data file lacks because it was not asked for."""
    there = {study.name for study in document.studies}
    lacking = [f"study {study.name}" for study in budget.studies if study.name not in there]
    fewer = [
        f"{amount(study.declared_tasks - len(study.tasks), study)} of study {study.name}"
        for study in document.studies
        if len(study.tasks) < study.declared_tasks
    ]
    return f"**This is a part of the budget.** Left out: {', '.join([*lacking, *fewer])}." if lacking or fewer else ""


def _claims(document: ReproductionDocument, budget: Budget, claims: Sequence[Claim]) -> Iterator[str]:
    judged = [pair for pair in zip(document.claims, claims, strict=True) if not is_outside(pair[1], budget)]
    if judged:
        relative = all(claim.measure == "improvement" for claim, _ in judged)
        heading = f"measured{' improvement' if relative else ''} (95 % interval)"
        rows = [
            (claim.text, f"**{claim.verdict}**", measured(claim), claimed(claim), _published(printed.published))
            for claim, printed in judged
        ]
        yield markdown_table(("claim", "verdict", heading, "holds above", "published"), rows)
    others = len(claims) - len(judged)
    if others:
        yield f"{others} further claim{'s are' if others > 1 else ' is'} about studies of other budgets and not tested here."


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
    if table.measure == "difference" and any(row.over_baselines is not None for row in table.rows):
        notes.append("What stands over baselines is the difference: the best of them may score 0, of which nothing is so many per cent.")
    if notes:
        yield " ".join(notes)
    if study.curve is not None:
        yield from _learning(table.study, study.curve)
    yield from _probes(table.study)
    absent = [f"{label}: {reason}" for label, reason in table.study.absent.items()]
    if absent:
        yield bullets(absent)


def _setting(study: StudyRecord) -> str:
    protocol = study.protocol
    better = "higher" if protocol.higher_is_better else "lower"
    few = "" if len(study.tasks) == study.declared_tasks else f" (of {study.declared_tasks})"
    return (
        f"`{study.env}`, protocol {protocol.name} v{protocol.version}: {amount(len(study.tasks), study)}{few},"
        f" {protocol.episodes} episodes each, the same {'evaluation ' if repeated(study) else ''}seeds for all;"
        f" score: {protocol.metric} ({better} is better)."
    )


def _entrants(table: Table) -> str:
    rows = table.rows
    over = f"over {table.best_baseline}" if table.best_baseline else ""
    normalised = any(row.normalised is not None for row in rows)
    trained = any(row.gap is not None for row in rows)
    metrics = sorted({name for row in rows for name in row.metrics})
    headings = ["entrant", "", "mean", "IQM (95 % interval)", *table.study.record.protocol.beside]
    headings += ["on training levels", "gap (95 % interval)"] if trained else []
    headings += [over] if over else []
    headings += ["normalised"] if normalised else []
    headings += [*metrics, "decisions per CPU-s", "trained (steps, CPU-s)"]
    return markdown_table(headings, [_cells(row, table, trained, normalised, metrics) for row in rows])


def _cells(row: Row, table: Table, trained: bool, normalised: bool, metrics: Sequence[str]) -> Iterator[str]:
    yield row.entrant.label
    yield _ROLES[row.entrant.role]
    yield f"{row.mean.estimate:.4g}"
    yield f"{row.iqm.estimate:.4g} ({row.iqm.low:.4g} to {row.iqm.high:.4g})"
    for value, half in row.beside.values():
        yield over_tasks(value, half)
    if trained:
        yield "" if row.training_mean is None else f"{row.training_mean:.4g}"
        yield "" if row.gap is None else compared(row.gap, "difference")
    if table.best_baseline:
        yield "" if row.over_baselines is None else compared(row.over_baselines, table.measure)
    if normalised:
        yield "" if row.normalised is None else f"{row.normalised:z.1f}"
    for name in metrics:
        yield f"{row.metrics[name]:.4g}" if name in row.metrics else ""
    yield "" if row.decisions_per_cpu_s is None else f"{row.decisions_per_cpu_s:,.0f}"
    yield f"{row.train_steps:,.0f}, {row.train_cpu_s:,.1f}" if row.train_steps else ""


def _learning(study: StudyScores, number: str) -> Iterator[str]:
    """Yield the table of the learning curves of a reported number, and who has none."""
    threshold = study.record.threshold
    headings = ["entrant", "mean height (95 % interval)", *([] if threshold is None else [f"steps to {threshold:g}"]), "last value"]
    rows = learning_of(study)
    if rows:
        yield f"Learning curves, of `{number}` by training steps:"
        yield markdown_table(headings, [_learning_cells(row, study.record) for row in rows])
    without = [label for label in study.scores if label not in study.curves]
    if without:
        yield f"Without a learning curve: {', '.join(without)}."


def _learning_cells(row: Learning, study: StudyRecord) -> Iterator[str]:
    yield row.entrant.label
    yield over_tasks(row.height, row.half)
    if row.reached is not None:
        yield steps_until(row.reached, study)
    yield f"{row.last:.4g}"


def _probes(study: StudyScores) -> Iterator[str]:
    """Yield a table for each probe that found something, and why it did not where it did not."""
    for probe in study.record.probes:
        rows = probe_of(study, probe)
        names = list(dict.fromkeys(name for found in rows.values() for name in found))
        yield f"{probe.title} (`{probe.function}`):"
        if rows:
            cells = [(label, *(over_tasks(*found[name]) if name in found else "" for name in names)) for label, found in rows.items()]
            yield markdown_table(("entrant", *(f"{name} (95 % interval)" for name in names)), cells)
        failed = [f"{label}: {reason}" for label, reason in study.unprobed.get(probe.name, {}).items()]
        if failed:
            yield bullets(failed)


def _provenance(document: ReproductionDocument) -> str:
    versions = ", ".join(f"{package} {version}" for package, version in document.versions.items())
    where = "; ".join(document.machines)
    digests = ", ".join(f"{name} (SHA-256 {digest[:12]}...)" for name, digest in document.datasets.items())
    learned = f" Datasets: {digests}." if digests else ""
    return f"Ran with {versions} on {where}.{learned} Data: [{document.budget}.json]({document.budget}.json)."
