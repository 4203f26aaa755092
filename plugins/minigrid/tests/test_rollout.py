"""Rollouts, the episodes cut from them, the learning curve, and BeBold's bonus."""

from __future__ import annotations

import numpy as np
import torch
from hub_baselines.returns import LAST, RecentReturns
from hub_minigrid.episodes import Assembler
from hub_minigrid.networks import Perceptron
from hub_minigrid.rollout import Bonus, Collector, Rollout
from hub_minigrid.visits import Visits
from hypothesis import given
from hypothesis import strategies as st

import hub


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_episodes_are_put_together_whatever_cuts_through_them(seed: int, slots: int, lengths: list[int]) -> None:
    rng = np.random.default_rng(seed)
    steps = sum(lengths)
    observations = np.arange(steps * slots).reshape(steps, slots, 1)
    actions, rewards = rng.integers(0, 7, (steps, slots)), rng.random((steps, slots))
    ended = rng.random((steps, slots)) < 0.3
    assembler, found = Assembler(slots), []
    for start, length in zip(np.cumsum([0, *lengths[:-1]]).tolist(), lengths, strict=True):
        piece = slice(start, start + length)
        found += assembler.add(observations[piece], actions[piece], rewards[piece], ended[piece])
    expected = []
    for slot in range(slots):
        begun = 0
        for step in np.flatnonzero(ended[:, slot]).tolist():
            rows = slice(begun, step + 1)
            expected.append((step, slot, observations[rows, slot], actions[rows, slot], rewards[rows, slot].sum()))
            begun = step + 1
    expected.sort(key=lambda episode: episode[:2])
    assert len(found) == len(expected)
    for episode, (_, _, seen, done, total) in zip(found, expected, strict=True):
        np.testing.assert_array_equal(episode.observations, seen)
        np.testing.assert_array_equal(episode.actions, done)
        assert np.isclose(episode.total, total)


def test_the_curve_counts_episodes_in_the_order_in_which_they_began() -> None:
    returns = RecentReturns(2)
    for _ in range(60):
        returns.end(0, 1.0)
    assert returns.last() == [1.0], "the first episode of slot 1 still runs, so no later one counts"
    returns.end(1, 0.0)
    assert returns.last() == [1.0, 0.0, *[1.0] * 59]
    assert returns.mean is None
    for _ in range(LAST):
        returns.end(0, 0.5)
        returns.end(1, 0.5)
    assert returns.mean == 0.5


def test_episodes_given_up_do_not_hold_back_later_ones() -> None:
    returns = RecentReturns(2)
    returns.end(0, 1.0)
    returns.end(0, 1.0)
    returns.begin()
    returns.end(0, 0.25)
    returns.end(1, 0.75)
    assert returns.last() == [1.0, 0.25, 0.75]


def test_the_curve_of_a_policy_has_no_peak_at_its_start() -> None:
    """Episodes of 10 steps pay 1, those of 100 nothing, half each: the mean is 0.5 from the first report on."""
    rng = np.random.default_rng(0)
    returns, slots = RecentReturns(64), 64
    left = np.where(rng.random(slots) < 0.5, 10, 100)
    long, means = left == 100, []
    for _ in range(2000):
        left -= 1
        for slot in np.flatnonzero(left == 0).tolist():
            returns.end(slot, 0.0 if long[slot] else 1.0)
            long[slot] = rng.random() < 0.5
            left[slot] = 100 if long[slot] else 10
        if returns.mean is not None:
            means.append(returns.mean)
    assert max(means[:50]) < 0.65
    assert abs(np.mean(means) - 0.5) < 0.05


def test_the_bonus_is_paid_for_stepping_out_of_the_known_once_an_episode() -> None:
    visits = Visits()
    home, new, other = np.array([[0]]), np.array([[1]]), np.array([[2]])
    numbers = [visits.number(each) for each in (home, new, other)]
    for _ in range(10):
        visits.add(numbers[0])
    bonus = Bonus(visits, numbers[0])
    visits.add(numbers[1])
    assert np.isclose(bonus.of(numbers[1])[0], 1 - 1 / 10)
    visits.add(numbers[0])
    assert bonus.of(numbers[0])[0] == 0, "back home"
    visits.add(numbers[1])
    assert bonus.of(numbers[1])[0] == 0, "seen before in this episode"
    bonus.restart(np.array([True]), numbers[0])
    visits.add(numbers[1])
    assert np.isclose(bonus.of(numbers[1])[0], 1 / 3 - 1 / 11)


def test_a_rollout_is_what_the_environment_shows_and_every_observation_is_counted(empty: hub.Task) -> None:
    torch.manual_seed(0)
    actor, visits = Perceptron(147, 7), Visits()
    collector = Collector(hub.Training(empty, steps=10**6, seed=3), 8, np.random.default_rng(0), visits)
    collector.begin()
    rollouts = [collector.play(actor, 50) for _ in range(4)]
    collector.close()
    _replay(empty, rollouts)
    ends = sum(int(rollout.ended.sum()) for rollout in rollouts)
    assert ends > 8
    total = visits.of(np.arange(len(visits))).sum()
    assert total == 8 + 4 * 50 * 8 + ends, "first observations, one for each step, and one more where the next episode begins"
    assert all((rollout.bonuses >= 0).all() for rollout in rollouts)
    assert any((rollout.bonuses > 0).any() for rollout in rollouts)


def _replay(task: hub.Task, rollouts: list[Rollout]) -> None:
    """Play the same actions in the same environment and hold what comes back to the rollouts."""
    env = hub.Training(task, steps=10**6, seed=3).make_vec(8, autoreset_mode="SameStep")  # type: ignore[arg-type]
    seen = env.reset()[0]
    for rollout in rollouts:
        for step in range(50):
            np.testing.assert_array_equal(rollout.observations[step], seen)
            seen, rewards, terminated, truncated, _ = env.step(rollout.actions[step])
            np.testing.assert_array_equal(rollout.rewards[step], rewards)
            np.testing.assert_array_equal(rollout.ended[step], terminated | truncated)
        np.testing.assert_array_equal(rollout.following, seen)
    env.close()
