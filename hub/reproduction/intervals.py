"""How much better an agent is than the best of several others, with an interval that treats the tasks as a sample of all tasks.

**Estimate.** In a study, an agent's score is the mean over tasks of its mean over episodes. Its relative improvement is
`(score - best) / |best|`, its difference `score - best`, where `best` is the best score among the others; over several studies they are
averaged, each study counting the same.

**Interval.** Episodes on one task are alike, so tasks are redrawn whole, with all their episodes (a cluster bootstrap: Davison and Hinkley
1997, "Bootstrap Methods and their Application", section 3.8), and every entrant gets the same drawn tasks, which pairs them. In each draw
the best of the others is chosen anew, so that not knowing which of them is best widens the interval. With n tasks, bootstrap spreads are
too small by `sqrt((n - 1) / n)`, and percentiles of a few tasks too narrow; so the interval is the estimate plus and minus Student's t
times the corrected spread (Hesterberg 2015, "What Teachers Should Know About the Bootstrap"), where studies are averaged with
Satterthwaite's degrees of freedom. A study with a single task redraws that task's episodes instead: its interval tells of that task alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hub.results.bootstrap import Floats, draw_indices, draws_for, stream
from hub.results.statistics import CONFIDENCE, Interval, mean

_MOST_FREEDOM = 1000
"""Student's t with more degrees of freedom is the normal distribution to three digits."""


_Compare = Callable[[Floats, Floats, float], Floats]
"""Maps values (draws,), those of the others (others, draws) and the sign to how much better the former are, (draws,)."""


class UndefinedError(ValueError):
    """There is no such improvement, or no interval for it or for a difference; the message says why."""


@dataclass(frozen=True, slots=True)
class Contest:
    """One study: an entrant against others.

    Attributes:
        ours: (episodes, tasks) scores.
        theirs: the same of each of the others.
        sign: 1 where higher scores are better, else -1.
    """

    ours: Floats
    theirs: Sequence[Floats]
    sign: float


def improvement(contests: Sequence[Contest]) -> Interval:
    """Return the relative improvement over the best of the others, averaged over studies (0.1 is 10 %).

    Raises:
        UndefinedError: a study has one episode of one task, or the best of the others may score 0.
    """
    return _averaged(contests, _relative)


def difference(contests: Sequence[Contest]) -> Interval:
    """Return the difference from the best of the others, averaged over studies, in the unit of the scores; positive is better.

    Raises:
        UndefinedError: a study has one episode of one task.
    """
    return _averaged(contests, _absolute)


def mean_over_tasks(values: Floats) -> tuple[Floats, Floats | None]:
    """Return the mean of `values` (tasks, ...) over tasks, and half the width of its 95 % interval by Student's t; None for one task."""
    tasks = len(values)
    if tasks == 1:
        return values[0], None
    half: Floats = t_quantile(tasks - 1) * values.std(axis=0, ddof=1) / math.sqrt(tasks)
    return values.mean(axis=0), half


def _averaged(contests: Sequence[Contest], compare: _Compare) -> Interval:
    found = [_compared(contest, compare) for contest in contests]
    estimate = mean([each for each, _, _ in found])
    variances = [variance / len(found) ** 2 for _, variance, _ in found]
    total = math.fsum(variances)
    if total == 0.0:
        return Interval(estimate, estimate, estimate)
    freedom = total**2 / math.fsum(variance**2 / (units - 1) for variance, (_, _, units) in zip(variances, found, strict=True))
    half = t_quantile(math.floor(freedom + 1e-9)) * math.sqrt(total)
    return Interval(estimate, estimate - half, estimate + half)


def _compared(contest: Contest, compare: _Compare) -> tuple[float, float, int]:
    """Return how much better ours is in a study, the variance of that estimate, and the number of units it comes from."""
    ours, theirs = _units(contest.ours), [_units(each) for each in contest.theirs]
    units = len(ours)
    if units < 2:
        raise UndefinedError("one value of one task tells nothing of chance")
    estimate = compare(np.array([ours.mean()]), np.array([[each.mean()] for each in theirs]), contest.sign)
    words = stream(b"improvement", str(units).encode())  # all comparisons over so many tasks share their draws
    positions = draw_indices(words, units, (draws_for(units), units))
    drawn = compare(ours[positions].mean(axis=1), np.stack([each[positions].mean(axis=1) for each in theirs]), contest.sign)
    return float(estimate[0]), float(drawn.var()) * units / (units - 1), units


def _units(scores: Floats) -> Floats:
    """Return what is redrawn: each task's mean, or the episodes of a single task."""
    return scores.mean(axis=0) if scores.shape[1] > 1 else scores[:, 0]


def _relative(ours: Floats, theirs: Floats, sign: float) -> Floats:
    """Return improvements (draws,) of `ours` (draws,) over the best of `theirs` (others, draws)."""
    best = (sign * theirs).max(axis=0)
    if not ((best > 0).all() or (best < 0).all()):
        raise UndefinedError(
            'the best of the others may score 0, and nothing is so many per cent better than 0; measure="difference" asks how much it is'
        )
    improved: Floats = (sign * ours - best) / np.abs(best)
    return improved


def _absolute(ours: Floats, theirs: Floats, sign: float) -> Floats:
    """Return differences (draws,) of `ours` (draws,) from the best of `theirs` (others, draws)."""
    better: Floats = sign * ours - (sign * theirs).max(axis=0)
    return better


def t_quantile(freedom: int) -> float:
    """Return what Student's t stays below in size with a chance of 95 %, for whole degrees of freedom of at least 1."""
    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _t_within(middle, min(freedom, _MOST_FREEDOM)) > CONFIDENCE else (middle, high)
    return low


def _t_within(t: float, freedom: int) -> float:
    """Return the chance that Student's t is at most `t` in size (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for k in range(2 + odd, freedom - 1, 2):
        term *= math.cos(angle) ** 2 * (k - 1) / k
        total += term
    return 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total
