"""The ranked buffer: what it keeps is what its docstring says, whatever comes in."""

from __future__ import annotations

import numpy as np
import pytest
from hub_minigrid.episodes import Episode
from hub_minigrid.rapid import RankedBuffer
from hub_minigrid.visits import Visits
from hypothesis import given
from hypothesis import strategies as st

CAPACITY = 30


def episode(seed: int, steps: int, total: float) -> Episode:
    rng = np.random.default_rng(seed)
    return Episode(rng.integers(0, 3, (steps, 2, 2, 1), dtype=np.uint8), rng.integers(0, 7, steps), total)


EPISODES = st.builds(episode, st.integers(0, 3), st.integers(1, 40), st.sampled_from([0.0, 0.5, 0.5, 0.9]))
BATCHES = st.lists(st.lists(EPISODES, max_size=4), max_size=6)


def filled(batches: list[list[Episode]]) -> tuple[RankedBuffer, Visits]:
    visits = Visits()
    buffer = RankedBuffer(visits, CAPACITY)
    for batch in batches:
        for each in batch:
            visits.add(visits.number(each.observations))
        buffer.add(batch)
    return buffer, visits


def scores(batches: list[list[Episode]], visits: Visits) -> list[float]:
    """S of every episode, spelled out."""
    every = [each for batch in batches for each in batch]
    found = []
    for age, each in enumerate(reversed(every)):
        local = len({observation.tobytes() for observation in each.observations}) / len(each.actions)
        exploration = np.mean([1 / np.sqrt(visits.of(visits.number(observation[None]))[0]) for observation in each.observations])
        found.append(each.total + 0.1 * local + 0.001 * exploration - 1e-10 * age)
    return found[::-1]


@given(BATCHES)
def test_it_keeps_the_best_in_ascending_order_and_the_ends_of_episodes(batches: list[list[Episode]]) -> None:
    buffer, _ = filled(batches)
    total = sum(len(each.actions) for batch in batches for each in batch)
    assert len(buffer) == min(total, CAPACITY)
    transitions = buffer.transitions()
    if transitions is None:
        assert total == 0
        return
    ranked = buffer.scores()
    assert (np.diff(ranked) >= 0).all()
    numbers = buffer.arrays()["episode"]
    every = [each for batch in batches for each in batch]
    kept = list(dict.fromkeys(numbers.tolist()))
    for number in kept:
        rows = numbers == number
        assert len(set(ranked[rows].tolist())) == 1
        original = every[number - 1]
        if len(batches) == 1:
            assert rows.sum() == len(original.actions) or number == kept[0], "only the worst is cut"
        # A cut one lacks its beginning, not its end.
        np.testing.assert_array_equal(transitions.observations[rows], original.observations[-rows.sum() :])
        np.testing.assert_array_equal(transitions.actions[rows], original.actions[-rows.sum() :])


@given(BATCHES)
def test_while_all_fits_scores_are_as_the_paper_writes_them(batches: list[list[Episode]]) -> None:
    visits = Visits()
    buffer = RankedBuffer(visits, capacity=10**6)
    for batch in batches:
        for each in batch:
            visits.add(visits.number(each.observations))
        buffer.add(batch)
    expected = scores(batches, visits)
    if expected:
        numbers = buffer.arrays()["episode"]
        np.testing.assert_allclose(buffer.scores(), np.array(expected)[numbers - 1], rtol=0, atol=1e-13)


def test_of_two_alike_the_newer_stays() -> None:
    same = episode(0, 20, 0.5)
    buffer, _ = filled([[same], [same]])
    numbers = buffer.arrays()["episode"].tolist()
    assert numbers == [1] * 10 + [2] * 20


def test_offline_data_that_were_never_met_score_as_if_met_once() -> None:
    visits = Visits()
    buffer = RankedBuffer(visits, CAPACITY)
    buffer.add([Episode(np.arange(4, dtype=np.uint8)[:, None], np.zeros(4, dtype=np.int64), 0.7)])
    np.testing.assert_allclose(buffer.scores(), 0.7 + 0.1 + 0.001, atol=1e-13)


@given(BATCHES, st.lists(EPISODES, min_size=1, max_size=3))
def test_a_buffer_that_was_saved_goes_on_as_if_it_had_not_been(batches: list[list[Episode]], more: list[Episode]) -> None:
    buffer, visits = filled(batches)
    other_visits = Visits()
    other_visits.load_arrays({name: array.copy() for name, array in visits.arrays().items()})
    other = RankedBuffer(other_visits, CAPACITY)
    other.load_arrays({name: array.copy() for name, array in buffer.arrays().items()})
    for kept, counts in ((buffer, visits), (other, other_visits)):
        counts.add(counts.number(more[0].observations))
        kept.add(more)
    for name, array in buffer.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name])


@given(st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=20), max_size=5))
def test_visits_count_every_observation(batches: list[list[int]]) -> None:
    visits = Visits()
    seen: list[int] = []
    for batch in batches:
        visits.add(visits.number(np.array(batch, dtype=np.uint8)[:, None]))
        seen += batch
    for value in set(seen):
        assert visits.of(visits.number(np.array([[value]], dtype=np.uint8)))[0] == seen.count(value)
    assert len(visits) == len(set(seen))


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
def test_observations_are_told_apart_by_every_byte(dtype: type) -> None:
    observations = np.zeros((148, 7, 7, 3), dtype=dtype)
    observations.reshape(148, -1)[np.arange(147), np.arange(147)] = 1
    assert len(np.unique(Visits().number(observations))) == 148
