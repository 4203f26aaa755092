"""Statistics against slow, obvious implementations, and what they promise whatever the data."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hub.errors import HubError
from hub.results.bootstrap import bootstrap, bootstrap_iqm, draw_indices, draws_for, stream
from hub.results.statistics import (
    Interval,
    iqm,
    iqm_interval,
    mean_interval,
    performance_profile,
    probability_of_improvement,
    summarise,
)

SCORES = st.floats(-1e6, 1e6, allow_subnormal=False)
FEW = settings(max_examples=40)


def matrices(runs: int = 8, tasks: int = 4) -> st.SearchStrategy[np.ndarray]:
    return st.tuples(st.integers(1, runs), st.integers(1, tasks)).flatmap(lambda shape: arrays(np.float64, shape, elements=SCORES))


@given(st.lists(SCORES, min_size=1, max_size=60))
def test_iqm_is_scipys_trimmed_mean(values):
    assert iqm(values) == pytest.approx(scipy.stats.trim_mean(values, 0.25), rel=1e-9, abs=1e-6)


@given(st.lists(SCORES, min_size=1, max_size=30), st.randoms())
@FEW
def test_summary_depends_on_the_values_alone(values, random):
    shuffled = random.sample(values, len(values))
    assert summarise(values, "return") == summarise(np.array(shuffled), "return")


@given(st.lists(SCORES, min_size=1, max_size=30))
@FEW
def test_summary_is_what_numpy_says_and_its_interval_is_in_order(values):
    summary = summarise(values, "return")
    assert summary.mean == pytest.approx(np.mean(values), abs=1e-6)
    assert summary.median == pytest.approx(np.median(values), abs=1e-6)
    assert summary.std == pytest.approx(np.std(values, ddof=1) if len(values) > 1 else 0.0, abs=1e-6)
    slack = 1e-9 * max(map(abs, values))
    assert min(values) - slack <= summary.ci_low <= summary.ci_high <= max(values) + slack


def test_summary_of_equal_values_has_no_width():
    summary = summarise([2.5] * 7, "return")
    assert (summary.mean, summary.iqm, summary.ci_low, summary.ci_high, summary.std) == (2.5, 2.5, 2.5, 2.5, 0.0)


def test_summary_of_known_values_never_changes():
    """A golden value: a change would change every result document."""
    summary = summarise([0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0], "return")
    assert (summary.mean, summary.median, summary.iqm) == (4.125, 2.5, 2.75)
    assert (summary.ci_low, summary.ci_high) == (1.0, 7.25)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [math.inf], [1e200]])
def test_scores_that_are_none_are_refused(values):
    with pytest.raises(HubError, match="statistics need"):
        summarise(values, "return")


@given(matrices())
@FEW
def test_rank_bootstrap_is_the_plain_bootstrap_of_the_iqm(scores):
    def slow(drawn):
        return np.array([scipy.stats.trim_mean(draw, 0.25, axis=None) for draw in drawn])

    np.testing.assert_allclose(bootstrap_iqm(scores, 50), bootstrap(scores, slow, 50), rtol=1e-9, atol=1e-6)


def test_draws_redraw_runs_within_their_task():
    scores = np.array([[0.0, 100.0], [1.0, 101.0], [2.0, 102.0]])
    seen = []
    bootstrap(scores, lambda drawn: seen.append(drawn) or drawn.mean(axis=(1, 2)), 400)
    drawn = np.concatenate(seen)
    assert drawn.shape == (400, 3, 2)
    assert set(np.unique(drawn[:, :, 0])) == {0.0, 1.0, 2.0}
    assert set(np.unique(drawn[:, :, 1])) == {100.0, 101.0, 102.0}
    assert not np.array_equal(drawn[:, :, 0] + 100, drawn[:, :, 1])


def test_bootstrap_has_the_spread_that_theory_gives_the_mean():
    scores = np.random.default_rng(5).normal(size=(40, 3))
    drawn = bootstrap(scores, lambda resampled: resampled.mean(axis=(1, 2)), 20_000)
    expected = math.sqrt((scores.var(axis=0) / 40).sum() / 9)
    assert drawn.std() == pytest.approx(expected, rel=0.03)
    assert drawn.mean() == pytest.approx(scores.mean(), abs=4 * expected / math.sqrt(20_000))


def test_indices_are_uniform():
    counts = np.bincount(draw_indices(stream(b"x"), 7, (70_000,)), minlength=7)
    assert scipy.stats.chisquare(counts).pvalue > 1e-3


def test_more_values_get_fewer_draws():
    assert [draws_for(size) for size in (1, 4000, 40_000, 10**9)] == [5000, 5000, 500, 200]


def brute_probability(ours, theirs):
    """Agarwal et al. 2021, the Mann-Whitney statistic of each task, averaged."""
    tasks = range(ours.shape[1])
    return np.mean([np.mean([(x > y) + 0.5 * (x == y) for x, y in itertools.product(ours[:, t], theirs[:, t])]) for t in tasks])


@given(st.data(), st.integers(1, 3))
@FEW
def test_probability_of_improvement_is_the_share_of_pairs_won(data, tasks):
    small = st.integers(0, 4).map(float)  # few values, so that there are ties
    ours = data.draw(arrays(np.float64, (data.draw(st.integers(1, 6)), tasks), elements=small))
    theirs = data.draw(arrays(np.float64, (data.draw(st.integers(1, 6)), tasks), elements=small))
    forward, back = probability_of_improvement(ours, theirs, 200), probability_of_improvement(theirs, ours, 200)
    assert forward.estimate == pytest.approx(brute_probability(ours, theirs))
    assert forward.estimate + back.estimate == pytest.approx(1.0)
    assert 0.0 <= forward.low <= forward.high <= 1.0


def test_probability_of_improvement_is_sure_of_what_is_clear():
    assert probability_of_improvement([5.0, 6.0], [1.0, 2.0]) == Interval(1.0, 1.0, 1.0)
    assert probability_of_improvement([1.0, 1.0], [1.0, 1.0]) == Interval(0.5, 0.5, 0.5)


def test_probability_of_improvement_needs_the_same_tasks():
    with pytest.raises(HubError, match="same tasks, got 2 and 1"):
        probability_of_improvement(np.zeros((3, 2)), np.zeros((3, 1)))


@given(matrices(), st.lists(SCORES, min_size=1, max_size=5))
@FEW
def test_profile_is_the_share_of_scores_above_each_threshold(scores, thresholds):
    profile = performance_profile(scores, thresholds, 50)
    np.testing.assert_allclose(profile.share, [(scores > tau).mean() for tau in thresholds], atol=1e-12)
    assert ((profile.low >= 0) & (profile.low <= profile.high) & (profile.high <= 1 + 1e-12)).all()


@given(matrices())
@FEW
def test_intervals_of_a_matrix_hold_their_estimates(scores):
    assert iqm_interval(scores, 50).estimate == pytest.approx(scipy.stats.trim_mean(scores, 0.25, axis=None), rel=1e-9, abs=1e-6)
    assert mean_interval(scores, 50).estimate == pytest.approx(scores.mean(), rel=1e-9, abs=1e-6)


def test_intervals_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(11)
    covered = [not iqm_interval(rng.normal(size=(60, 1)), 400).excludes(0.0) for _ in range(200)]
    assert 0.90 <= np.mean(covered) <= 0.985
