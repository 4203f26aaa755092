from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.reproduction.intervals import Contest, UndefinedError, difference, improvement, t_quantile

PRINTED = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 9: 2.262, 10: 2.228, 30: 2.042, 120: 1.980}
"""Two-sided 95 % points of Student's t, as tables print them."""


@pytest.mark.parametrize("freedom", PRINTED)
def test_students_t_is_the_printed_one(freedom):
    assert round(t_quantile(freedom), 3) == PRINTED[freedom]


def test_the_estimate_is_over_the_best_of_the_others_averaged_over_studies():
    level = np.ones((2, 3))
    first = Contest(30 * level, [20 * level, 10 * level], 1.0)
    second = Contest(11 * level, [5 * level, 10 * level], 1.0)
    found = improvement([first, second])
    assert found.estimate == pytest.approx((0.5 + 0.1) / 2)
    assert (found.low, found.high) == pytest.approx((0.3, 0.3))


def test_lower_can_be_better_and_scores_negative():
    level = np.ones((2, 3))
    assert improvement([Contest(8 * level, [10 * level, 20 * level], -1.0)]).estimate == pytest.approx(0.2)
    assert improvement([Contest(-8 * level, [-10 * level, -20 * level], 1.0)]).estimate == pytest.approx(0.2)


def test_a_difference_has_the_unit_of_the_scores_and_may_be_from_nothing():
    level = np.ones((2, 3))
    assert difference([Contest(0.7 * level, [0 * level, -1 * level], 1.0)]).estimate == pytest.approx(0.7)
    assert difference([Contest(8 * level, [10 * level, 9 * level], -1.0)]).estimate == pytest.approx(1.0)
    found = difference([Contest(3 * level, [level], 1.0), Contest(level, [2 * level], 1.0)])
    assert (found.estimate, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_paired_tasks_cancel_what_all_entrants_share():
    difficulty = np.linspace(1, 100, 10)[None, :] * np.ones((4, 1))
    found = improvement([Contest(1.1 * difficulty, [difficulty], 1.0)])
    assert found.low == pytest.approx(0.1)
    assert found.high == pytest.approx(0.1)


@settings(max_examples=25)
@given(st.integers(0, 1000), st.integers(2, 8), st.integers(1, 5), st.integers(1, 3))
def test_the_order_of_episodes_shows_in_no_interval_and_the_unit_in_no_improvement(seed, tasks, episodes, others):
    random = np.random.default_rng(seed)
    scores = 10 + random.normal(size=(1 + others, episodes, tasks))
    found = improvement([Contest(scores[0], list(scores[1:]), 1.0)])
    backwards = scores[:, ::-1]
    turned = improvement([Contest(backwards[0], list(backwards[1:]), 1.0)])
    assert (turned.low, turned.high) == pytest.approx((found.low, found.high), abs=0.05)
    assert turned.estimate == pytest.approx(found.estimate)
    doubled = improvement([Contest(2 * scores[0], list(2 * scores[1:]), 1.0)])
    assert doubled.estimate == pytest.approx(found.estimate)


def test_the_same_data_give_the_same_interval():
    scores = 10 + np.random.default_rng(1).normal(size=(3, 5, 6))
    contest = Contest(scores[0], list(scores[1:]), 1.0)
    assert improvement([contest]) == improvement([contest])


@pytest.mark.parametrize(("tasks", "others"), [(3, 1), (10, 1), (10, 3)])
def test_the_interval_covers_the_truth_as_often_as_it_says(tasks, others):
    random = np.random.default_rng(0)
    covered, repetitions = 0, 200
    for _ in range(repetitions):
        truth = random.normal(10, 2, size=tasks)
        scores = truth + random.normal(size=(1 + others, 1, tasks)) + random.normal(size=(1 + others, 4, tasks))
        found = improvement([Contest(scores[0], list(scores[1:]), 1.0)])
        covered += not found.low > 0  # nobody is better than anybody; not seeing that would confirm a false claim
    assert covered / repetitions > 0.94


def test_the_interval_shrinks_with_tasks_and_not_with_episodes():
    random = np.random.default_rng(3)
    few, many = 10 + random.normal(size=(2, 1, 10)), 10 + random.normal(size=(2, 1, 90))
    again = np.repeat(few, 50, axis=1)

    def width(scores):
        found = improvement([Contest(scores[0], [scores[1]], 1.0)])
        return found.high - found.low

    assert width(many) < width(few) / 2
    assert width(again) == pytest.approx(width(few), rel=0.05)


def test_a_single_task_tells_of_its_episodes():
    scores = 10 + np.random.default_rng(4).normal(size=(2, 50, 1))
    found = improvement([Contest(scores[0] + 2, [scores[1]], 1.0)])
    assert 0 < found.low < found.estimate < found.high < 0.5


def test_nothing_is_said_of_one_episode_or_against_nothing():
    one = np.ones((1, 1))
    with pytest.raises(UndefinedError, match="one value of one task"):
        improvement([Contest(2 * one, [one], 1.0)])
    with pytest.raises(UndefinedError, match="may score 0"):
        improvement([Contest(np.ones((2, 4)), [np.array([[-1.0, 1.0, 2.0, 0.0]] * 2)], 1.0)])
