"""What a paper's plugin declares, checked before anything of it is used, and the part of it that a command asks for."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from hub.arguments import jsonable
from hub.errors import BrokenPlugin, HubError, UsageError, nearest
from hub.loading import load, one_line
from hub.plugins.descriptions import ENTRY_POINT
from hub.registry import find_paper, papers
from hub.reproduction.spec import Budget, Claim, Measure, Quantity, Reproduction, Study
from hub.specs import PaperSpec

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
"""Budgets, studies and labels name files and folders."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A paper and its reproduction."""

    paper: PaperSpec
    reproduction: Reproduction


def find_reproduction(name: str) -> Declared:
    """Return what is declared for the paper called `name`.

    Raises:
        UnknownName: there is no such paper.
        UsageError: it declares no reproduction.
        BrokenPlugin: what it declares cannot be imported or contradicts itself; the message says where.
        MissingExtra: the declaration imports a package that is not installed.
    """
    paper = find_paper(name).spec
    if paper.reproduction is None:
        able = [row["name"] for row in papers() if row["reproduction"]]
        hint = f"these do: {', '.join(able)}" if able else "no installed paper does"
        raise UsageError(f"paper {paper.name} declares no reproduction; {hint}")
    where = f"the reproduction of {paper.name} ({paper.reproduction})"
    function = load(paper.reproduction)
    try:
        declared = function()  # type: ignore[operator]
    except HubError:
        raise
    except Exception as error:
        raise BrokenPlugin(f"{where} cannot be had: {type(error).__name__}: {one_line(error)}") from error
    if not isinstance(declared, Reproduction):
        raise BrokenPlugin(f"{where} is of type {type(declared).__name__}; the function must return a hub.Reproduction")
    fault = next(_faults(declared), None)
    if fault is not None:
        raise BrokenPlugin(f"{where}: {fault}")
    return Declared(paper, declared)


def choose(declared: Declared, budget: str, studies: Sequence[str] | None = None, tasks: int | None = None) -> Budget:
    """Return a budget, or the part of it that is asked for.

    Args:
        declared: the reproduction.
        budget: name of the budget.
        studies: names of its studies that are wanted; all when None.
        tasks: at most so many tasks of each study, the first ones; all when None.

    Raises:
        UsageError: there is no such budget, or no such study in it; the message gives the nearest names.
    """
    budgets = declared.reproduction.budgets
    if budget not in budgets:
        raise _unknown(f"the reproduction of {declared.paper.name} has no budget", budget, budgets)
    chosen = budgets[budget]
    by_name = {study.name: study for study in chosen.studies}
    for name in studies or ():
        if name not in by_name:
            raise _unknown(f"budget {budget} of {declared.paper.name} has no study", name, by_name)
    wanted = [study for name, study in by_name.items() if studies is None or name in studies]
    return dataclasses.replace(chosen, studies=tuple(dataclasses.replace(study, tasks=study.tasks[:tasks]) for study in wanted))


def _unknown(sentence: str, name: str, known: Iterable[str]) -> UsageError:
    near = nearest(name, known)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(known)}"
    return UsageError(f"{sentence} {name!r}; {hint}")


def _faults(reproduction: Reproduction) -> Iterator[str]:
    if not reproduction.budgets:
        yield "it has no budget"
    for name, budget in reproduction.budgets.items():
        yield from _bad_names("budget", [name])
        if not budget.studies:
            yield f"budget {name} has no study"
        yield from _bad_names(f"study of budget {name}", [study.name for study in budget.studies])
        for study in budget.studies:
            yield from (f"study {study.name} of budget {name}: {fault}" for fault in _study_faults(study))
    studies = [study for budget in reproduction.budgets.values() for study in budget.studies]
    for claim in reproduction.claims:
        yield from (f"claim {claim.text!r}: {fault}" for fault in _claim_faults(claim, studies))


def _study_faults(study: Study) -> Iterator[str]:
    if not study.tasks:
        yield "it has no task; ({},) is the environment as it is"
    if not study.entrants:
        yield "it has no entrant"
    if study.episodes is not None and study.episodes < 1:
        yield f"episodes must be at least 1, not {study.episodes}"
    if study.threshold is not None and (study.curve is None or not math.isfinite(study.threshold)):
        yield f"threshold {study.threshold} must be a number that the study's curve can reach, and curve is {study.curve!r}"
    yield from _bad_names("entrant", [entrant.label for entrant in study.entrants])
    yield from _bad_names("probe", [probe.name for probe in study.probes])
    for probe in study.probes:
        unknown = [label for label in probe.labels if label not in {entrant.label for entrant in study.entrants}]
        if unknown or not probe.labels:
            yield f"probe {probe.name!r} must name entrants of the study, and names {', '.join(map(repr, unknown)) or 'none'}"
        if not ENTRY_POINT.fullmatch(probe.function):
            yield f"probe {probe.name!r}: function {probe.function!r} is not of the form 'package.module:name'"
    for values in (*study.tasks, *(entrant.args for entrant in study.entrants)):
        try:
            jsonable(dict(values))
        except ValueError as error:
            yield f"{dict(values)!r} is not plain JSON: {error}"


def _claim_faults(claim: Claim, studies: Sequence[Study]) -> Iterator[str]:
    if not claim.over or claim.agent in claim.over:
        yield "it must name others that its agent is better than"
    if not math.isfinite(claim.at_least):
        yield f"at_least must be a number, not {claim.at_least}"
    for word, given, allowed in (("measure", claim.measure, get_args(Measure)), ("quantity", claim.quantity, get_args(Quantity))):
        if given not in allowed:
            yield f"{word} must be {' or '.join(allowed)}, not {given!r}"
    labels = {entrant.label for study in studies for entrant in study.entrants}
    names = {study.name for study in studies}
    for kind, known, used in (("entrant", labels, (claim.agent, *claim.over)), ("study", names, claim.studies or ())):
        for name in used:
            if name not in known:
                yield f"there is no {kind} {name!r} in any budget (there are {', '.join(sorted(known))})"
    if claim.quantity == "curve":
        yield from _curve_faults(claim, [study for study in studies if claim.studies is None or study.name in claim.studies])


def _curve_faults(claim: Claim, studies: Sequence[Study]) -> Iterator[str]:
    """Yield why the heights of learning curves cannot be compared; a height is over an agent's own budget, so budgets must be equal."""
    for study in studies:
        if study.curve is None:
            yield f"it is about learning curves, and study {study.name} names none (curve=...)"
        budgets = {entrant.label: entrant.train_steps for entrant in study.entrants if entrant.label in (claim.agent, *claim.over)}
        if len(set(budgets.values())) > 1:
            told = ", ".join(f"{label} {'its default' if steps is None else steps}" for label, steps in budgets.items())
            yield f"it compares learning curves over different train_steps in study {study.name} ({told})"


def _bad_names(kind: str, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if not _NAME.fullmatch(name):
            yield f"{kind} {name!r}: a name consists of letters, digits, - and _, and begins with a letter or digit"
        if names.count(name) > 1:
            yield f"{kind} {name!r} is there twice"
