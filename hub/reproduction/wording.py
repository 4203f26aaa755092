"""How a reproduction's page and command spell numbers, lists and tables."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence

import numpy as np

from hub.reproduction.models import ClaimRecord, StudyRecord
from hub.reproduction.spec import Measure
from hub.results.bootstrap import Floats
from hub.results.statistics import Interval


def measured(claim: ClaimRecord) -> str:
    """Return what was measured of a claim, or why it was not tested."""
    if claim.estimate is None or claim.low is None or claim.high is None:
        return claim.reason
    by_label: dict[str, list[str]] = {}
    for study, label in claim.best.items():
        by_label.setdefault(label, []).append(study)
    over = [label if len(by_label) == 1 else f"{label} (on {', '.join(studies)})" for label, studies in by_label.items()]
    what = " in mean curve height" if claim.quantity == "curve" else ""
    return f"{compared(Interval(claim.estimate, claim.low, claim.high), claim.measure)}{what} over {', '.join(over)}"


def claimed(claim: ClaimRecord) -> str:
    """Return what a claim must lie above."""
    return f"{100 * claim.at_least:.4g} %" if claim.measure == "improvement" else f"{claim.at_least:.4g}"


def compared(interval: Interval, measure: Measure) -> str:
    """Return an improvement with its interval in per cent, or a difference to three digits of the largest number in it."""
    numbers = (interval.estimate, interval.low, interval.high)
    if measure == "improvement":
        estimate, low, high = (f"{100 * number:+z.1f}" for number in numbers)
        return f"{estimate} % ({low} to {high})"
    largest = max(abs(number) for number in numbers)
    decimals = 2 if largest == 0.0 else max(0, 2 - math.floor(math.log10(largest)))
    estimate, low, high = (f"{number:+z.{decimals}f}" for number in numbers)
    return f"{estimate} ({low} to {high})"


def over_tasks(value: float, half: float | None) -> str:
    """Return a mean over tasks with its interval, of which `half` is half the width; None where a single task gives none."""
    return f"{value:.4g}" + ("" if half is None else f" ({value - half:.4g} to {value + half:.4g})")


def steps_until(reached: Floats, study: StudyRecord) -> str:
    """Return the median and the range over tasks of steps until something is reached; `reached` ascends, with infinity for never."""
    missed = int(np.isinf(reached).sum())
    unreached = f"not reached on {missed} of {amount(len(reached), study)}"
    if missed == len(reached):
        return unreached
    median, least, most = (_steps(number) for number in (statistics.median(reached), reached[0], reached[-1]))
    if len(reached) == 1:
        return median
    return f"{median} ({least} to {most}{f'; {unreached}' if missed else ''})"


def _steps(number: float) -> str:
    return "never" if math.isinf(number) else f"{number:,.0f}"


def amount(count: int, study: StudyRecord) -> str:
    """Return so many tasks of a study, or training seeds where all of its tasks are the same."""
    return f"{count} {'training seed' if repeated(study) else 'task'}{'' if count == 1 else 's'}"


def repeated(study: StudyRecord) -> bool:
    """Say whether a study's tasks are one task several times, so that they differ in the training seed alone."""
    return len(study.tasks) > 1 and all(task.kwargs == study.tasks[0].kwargs for task in study.tasks)


def bullets(sentences: Sequence[str]) -> str:
    """Return a Markdown list."""
    return "\n".join(f"- {sentence}" for sentence in sentences)


def markdown_table(headings: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
