"""Learning curves as numbers: how high one runs, when it first reaches a threshold, and the mean of several over tasks.

Between reported values a curve runs straight. Before the first one it counts as the first, and after the last one as the last: what it
was there nobody knows, and an agent that reports its mean return has none to report until its first training episode has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hub.reproduction.intervals import mean_over_tasks
from hub.reproduction.models import CurveRecord
from hub.results.bootstrap import Floats

_POINTS = 201
"""Points at which a mean curve is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The mean of several curves, and around it a pointwise interval.

    Attributes:
        steps: (points,) steps taken.
        mean: (points,) mean over the curves.
        half: (points,) half the width of the mean's 95 % interval; None for a single curve.
    """

    steps: Floats
    mean: Floats
    half: Floats | None


def height(curve: CurveRecord, budget: int) -> float:
    """Return a curve's mean height over a budget of steps, at least as many as it has: the area under it, divided by the budget."""
    steps = np.array([0, *curve.steps, budget], dtype=np.float64)
    values = np.array([curve.values[0], *curve.values, curve.values[-1]])
    return float((np.diff(steps) * (values[1:] + values[:-1]) / 2).sum() / budget)


def first_reached(curve: CurveRecord, threshold: float, sign: float) -> int | None:
    """Return the steps at the first reported value that is `threshold` or better, or None.

    Args:
        curve: what was reported.
        threshold: the value to reach.
        sign: 1 where higher values are better, else -1.
    """
    return next((steps for steps, value in zip(curve.steps, curve.values, strict=True) if sign * value >= sign * threshold), None)


def band(curves: Sequence[CurveRecord]) -> Band:
    """Return the mean of curves of different tasks where all of them have values, or at their last steps where there is no such place."""
    end = min(curve.steps[-1] for curve in curves)
    start = min(max(curve.steps[0] for curve in curves), end)
    steps = np.linspace(start, end, _POINTS)
    mean, half = mean_over_tasks(np.stack([np.interp(steps, curve.steps, curve.values) for curve in curves]))
    return Band(steps, mean, half)
