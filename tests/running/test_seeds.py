from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from hub.running.seeds import EVALUATION, TRAINING, commitment, evaluation_seeds, into_training_range, training_seeds


@given(protocol=st.text(), version=st.integers(1, 99), env=st.text(), episodes=st.integers(1, 50))
def test_evaluation_seeds_lie_in_their_range_and_a_longer_run_begins_with_a_shorter_one(
    protocol: str, version: int, env: str, episodes: int
) -> None:
    seeds = evaluation_seeds(protocol, version, env, episodes)
    assert all(seed in EVALUATION for seed in seeds)
    assert evaluation_seeds(protocol, version, env, episodes + 3)[:episodes] == seeds


@given(seed=st.integers(0, 2**64))
def test_training_seeds_are_determined_and_disjoint_from_evaluation(seed: int) -> None:
    first = list(itertools.islice(training_seeds(seed), 300))
    assert first == list(itertools.islice(training_seeds(seed), 300))
    assert all(each in TRAINING for each in first)


@given(seed=st.integers(0, 2**40))
def test_a_seed_that_an_agent_chooses_is_mapped_into_the_training_range(seed: int) -> None:
    assert into_training_range(seed) in TRAINING
    assert into_training_range(into_training_range(seed)) == into_training_range(seed)


def test_any_change_of_protocol_or_environment_changes_the_seeds() -> None:
    seeds = {tuple(evaluation_seeds(*case, 5)) for case in [("a", 1, "x"), ("b", 1, "x"), ("a", 2, "x"), ("a", 1, "y")]}
    assert len(seeds) == 4


def test_committed_seeds_depend_on_everything_that_makes_the_agent() -> None:
    agents = [("a", {}, 0, None), ("b", {}, 0, None), ("a", {"x": 1}, 0, None), ("a", {}, 1, None), ("a", {}, 0, "ff")]
    seeds = {tuple(evaluation_seeds("p", 1, "e", 5, commitment=commitment(*agent))) for agent in agents}
    assert len(seeds) == 5


def test_fixed_seeds_never_change() -> None:
    """Committed leaderboards rest on these numbers."""
    assert evaluation_seeds("standard", 1, "CartPole-v1", 3) == [1848812121, 1748272792, 1829648292]
