"""What the runs say of a paper's claims.

A claim is about the relative improvement of one entrant over the best of some others, or about its difference from that one
(`hub.reproduction.intervals`), averaged over studies; of evaluation scores or of the mean heights of learning curves. It holds when the
whole 95 % interval lies above what is claimed, does not hold when the whole interval lies below, and is undecided otherwise. It is not
tested where a study or an entrant that it speaks of was not run to the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.reproduction.intervals import UndefinedError, difference, improvement
from hub.reproduction.models import ClaimRecord, ReproductionDocument, Verdict
from hub.reproduction.scores import StudyScores, study_scores
from hub.reproduction.spec import Budget, Claim, Reproduction
from hub.results.statistics import Interval


def judged(document: ReproductionDocument, reproduction: Reproduction) -> ReproductionDocument:
    """Return the document with each declared claim judged by its runs."""
    studies = study_scores(document)
    in_budget = [study.name for study in reproduction.budgets[document.budget].studies]
    claims = [_judge(claim, in_budget, studies) for claim in reproduction.claims]
    return document.model_copy(update={"claims": claims})


def _judge(claim: Claim, in_budget: Sequence[str], studies: Mapping[str, StudyScores]) -> ClaimRecord:
    names = in_budget if claim.studies is None else claim.studies
    lacking = [f"study {name} is not in this budget" for name in names if name not in in_budget]
    reason = next(iter([*lacking, *(told for name in names if (told := _obstacle(claim, name, studies.get(name))))]), None)
    if reason is not None:
        return _not_tested(claim, reason)
    over = list(claim.over)
    measure = improvement if claim.measure == "improvement" else difference
    try:
        found = measure([studies[name].contest(claim.agent, over, claim.quantity) for name in names])
    except UndefinedError as error:
        return _not_tested(claim, str(error))
    return ClaimRecord(
        text=claim.text,
        verdict=_verdict(found, claim.at_least),
        measure=claim.measure,
        quantity=claim.quantity,
        at_least=claim.at_least,
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        best={name: studies[name].best(over, claim.quantity) for name in names},
    )


def _verdict(found: Interval, at_least: float) -> Verdict:
    if found.low > at_least:
        return "holds"
    return "does not hold" if found.high < at_least else "undecided"


def _not_tested(claim: Claim, reason: str) -> ClaimRecord:
    return ClaimRecord(
        text=claim.text,
        verdict="not tested",
        measure=claim.measure,
        quantity=claim.quantity,
        at_least=claim.at_least,
        reason=reason,
    )


def _obstacle(claim: Claim, name: str, study: StudyScores | None) -> str | None:
    if study is None:
        return f"study {name} was left out"
    for label in (claim.agent, *claim.over):
        if label in study.absent:
            return f"{label} in study {name} was {study.absent[label]}"
        if label not in study.scores:
            return f"{label} takes no part in study {name}"
        if claim.quantity == "curve" and label not in study.curves:
            return f"{label} in study {name} did not report {study.record.curve} on every task"
    return None


def is_outside(claim: Claim, budget: Budget) -> bool:
    """Whether a claim speaks of a study that the budget does not have, and so cannot be tested under it."""
    return claim.studies is not None and not set(claim.studies) <= {study.name for study in budget.studies}
