"""Statistics of scores: point estimates with bootstrap intervals, never a mean alone.

A score matrix has shape (runs, tasks); one environment's episodes are a matrix with one column. The measures are those of Agarwal et al.
2021, "Deep Reinforcement Learning at the Edge of the Statistical Precipice", and agree with the library `rliable` on equal data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hub.errors import HubError
from hub.results.bootstrap import Floats, bootstrap, bootstrap_iqm, data_stream, draw_indices, draws_for
from hub.results.models import Summary

CONFIDENCE = 0.95
LARGEST = 1e150
"""Largest score in size; the sums and squares of larger ones overflow."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A point estimate and its bootstrap percentile interval."""

    estimate: float
    low: float
    high: float
    confidence: float = CONFIDENCE

    @classmethod
    def of(cls, estimate: float, draws: Floats, confidence: float = CONFIDENCE) -> Interval:
        """Return the central `confidence` of `draws` around `estimate`."""
        low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
        return cls(float(estimate), float(low), float(high), confidence)

    def excludes(self, value: float) -> bool:
        """Say whether `value` lies outside the interval."""
        return not self.low <= value <= self.high


def spell_interval(interval: Interval | None) -> str:
    """Return an estimate with its interval, or a dash where there is none, for a table."""
    return "-" if interval is None else f"{interval.estimate:.4g} ({interval.low:.4g} to {interval.high:.4g})"


def score_matrix(values: npt.ArrayLike) -> Floats:
    """Return `values` as finite float64 scores (runs, tasks); a flat sequence becomes one task.

    Raises:
        HubError: there are no values, or some are not finite.
    """
    scores = np.asarray(values, dtype=np.float64) + 0.0  # turns -0.0 into 0.0, so that equal data have equal bytes
    if scores.ndim == 1:
        scores = scores[:, None]
    if scores.ndim != 2 or not scores.size:
        raise HubError(f"statistics need scores of shape (runs, tasks), got shape {np.shape(values)}")
    if not (np.abs(scores) <= LARGEST).all():  # NaN fails this too
        raise HubError(f"statistics need finite scores of at most {LARGEST:g} in size, got NaN, infinity or a larger one")
    return scores


def mean(values: npt.ArrayLike) -> float:
    """Return the mean, summed exactly, so that it does not depend on the order of the values."""
    flat = np.ravel(values).tolist()
    return math.fsum(flat) / len(flat)


def iqm(values: npt.ArrayLike) -> float:
    """Return the interquartile mean: of n values the lowest and the highest floor(n / 4) are left out, the rest averaged.

    This is `scipy.stats.trim_mean(values, 0.25)`, which `rliable` uses: whole values are cut, none counts by a fraction.
    """
    flat = np.sort(np.asarray(values, dtype=np.float64), axis=None)
    cut = flat.size // 4
    return mean(flat[cut : flat.size - cut])


def summarise(values: Sequence[float] | Floats, metric: str) -> Summary:
    """Return the statistics of one metric over episodes; they depend on neither the order of the values nor anything else.

    Raises:
        HubError: there are no values, or some are not finite.
    """
    scores = np.sort(score_matrix(np.asarray(values, dtype=np.float64).ravel()), axis=0)
    middle = iqm(scores)
    interval = Interval.of(middle, bootstrap_iqm(scores))
    return Summary(
        metric=metric,
        mean=mean(scores),
        median=float(np.median(scores)),
        std=float(scores.std(ddof=1)) if scores.size > 1 else 0.0,
        iqm=middle,
        ci_low=interval.low,
        ci_high=interval.high,
        confidence=interval.confidence,
    )


def iqm_interval(scores: npt.ArrayLike, draws: int | None = None) -> Interval:
    """Return the IQM over all runs and tasks with its stratified bootstrap interval."""
    matrix = np.sort(score_matrix(scores), axis=0)
    return Interval.of(iqm(matrix), bootstrap_iqm(matrix, draws))


def mean_interval(scores: npt.ArrayLike, draws: int | None = None) -> Interval:
    """Return the mean over all runs and tasks with its stratified bootstrap interval."""
    matrix = np.sort(score_matrix(scores), axis=0)
    return Interval.of(mean(matrix), bootstrap(matrix, lambda drawn: drawn.mean(axis=(1, 2)), draws))


def probability_of_improvement(ours: npt.ArrayLike, theirs: npt.ArrayLike, draws: int | None = None) -> Interval:
    """Return the chance that a run of ours beats a run of theirs on a task drawn at random, ties counting half, with interval.

    Args:
        ours: (runs, tasks) scores, higher is better.
        theirs: (other runs, tasks) scores of the same tasks.
        draws: bootstrap draws; both sides are redrawn within each task.

    Raises:
        HubError: the two do not have the same number of tasks, or scores are missing or not finite.
    """
    x, y = np.sort(score_matrix(ours), axis=0), np.sort(score_matrix(theirs), axis=0)
    if x.shape[1] != y.shape[1]:
        raise HubError(f"the probability of improvement compares the same tasks, got {x.shape[1]} and {y.shape[1]}")
    tasks = x.shape[1]
    count = draws_for(max(x.size, y.size)) if draws is None else draws
    words = data_stream(x, y)
    estimate, drawn = 0.0, np.zeros(count)
    for task in range(tasks):
        won = _wins(x[:, task], y[:, task])
        estimate += won.mean() / tasks
        for start in range(0, count, 1000):
            n = min(1000, count - start)
            of_ours, of_theirs = _multiplicities(words, n, len(x)), _multiplicities(words, n, len(y))
            drawn[start : start + n] += ((of_ours @ won) * of_theirs).sum(axis=1) / (won.size * tasks)
    return Interval.of(estimate, drawn)


def _wins(ours: Floats, theirs: Floats) -> Floats:
    """Return 1 where a run of ours (rows) beats one of theirs (columns), 1/2 where they tie, else 0."""
    return np.greater.outer(ours, theirs).astype(np.float64) + 0.5 * np.equal.outer(ours, theirs).astype(np.float64)


def _multiplicities(words: np.random.PCG64, draws: int, runs: int) -> Floats:
    """Return how often each of `runs` is drawn in each of `draws` resamples, (draws, runs)."""
    rows = draw_indices(words, runs, (draws, runs)) + np.arange(draws)[:, None] * runs
    return np.bincount(rows.ravel(), minlength=draws * runs).reshape(draws, runs).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Profile:
    """A performance profile: the share of scores above each threshold, with pointwise intervals; all arrays have the thresholds' length."""

    thresholds: Floats
    share: Floats
    low: Floats
    high: Floats


def performance_profile(scores: npt.ArrayLike, thresholds: npt.ArrayLike, draws: int = 1000) -> Profile:
    """Return the share of runs, averaged over tasks, that score above each threshold, with 95 % pointwise stratified intervals."""
    matrix = np.sort(score_matrix(scores), axis=0)
    taus = np.asarray(thresholds, dtype=np.float64)
    words = data_stream(matrix)
    runs, tasks = matrix.shape
    share, drawn = np.zeros(len(taus)), np.zeros((draws, len(taus)))
    for task in range(tasks):
        above = (matrix[:, task, None] > taus).astype(np.float64)
        share += above.mean(axis=0) / tasks
        drawn += _multiplicities(words, draws, runs) @ above / (runs * tasks)
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return Profile(taus, share, low, high)
