"""The recipes make the same episodes every time, and they are what their names say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hub_envs.minigrid import level_of
from hub_minigrid.planner import plan
from hub_minigrid.playing import play
from hub_minigrid.recipes import authors, optimal, policy

import hub
from hub.errors import HubError

ROOMS = "minigrid/MultiRoom-N7-S4-v0"
EMPTY = "minigrid/Empty-5x5-v0"
QUICK: dict[str, Any] = {"episodes": 6, "levels": 2, "train_steps": 20_000, "settings": {"n_envs": 8, "n_steps": 64}}


def same(one: list[hub.OfflineEpisode], other: list[hub.OfflineEpisode]) -> bool:
    names = ("observations", "actions", "rewards", "terminations", "truncations")
    return len(one) == len(other) and all(
        getattr(left, name).tobytes() == getattr(right, name).tobytes() for left, right in zip(one, other, strict=True) for name in names
    )


def test_optimal_episodes_follow_shortest_plans_on_the_first_levels_of_the_set() -> None:
    told: list[tuple[int, int]] = []
    for levels, first in (("train", 0), ("test", 10_000)):
        made = optimal(ROOMS, {"levels": levels}, lambda done, total: told.append((done, total)), episodes=5)
        for number, episode in enumerate(made):
            level = level_of(ROOMS, first + number)
            assert episode.length == len(plan(level))
            assert episode.return_ == 1 - 0.9 * (episode.length / level.max_steps)
            assert episode.terminations[-1]
            assert episode.seed == number
        assert same(made, optimal(ROOMS, {"levels": levels}, lambda done, total: None, episodes=5))
    assert told[-1] == (5, 5)


def test_a_policy_of_a_quality_gives_its_successes_on_so_many_levels() -> None:
    arguments: Any = (EMPTY, {"num_levels": 10}, lambda done, total: None)
    made = policy(*arguments, threshold=0.4, **QUICK)
    assert len(made) == 6
    assert all(episode.return_ > 0 for episode in made)
    assert {episode.seed for episode in made} <= {0, 1}
    assert len({episode.actions.tobytes() for episode in made}) > 1
    assert same(made, policy(*arguments, threshold=0.4, **QUICK))


def test_a_quality_that_is_not_reached_is_told() -> None:
    with pytest.raises(HubError, match=r"did not exceed a mean return of 0.99 within 512 steps of minigrid/Empty-5x5-v0"):
        policy(EMPTY, {}, lambda done, total: None, threshold=0.99, **{**QUICK, "train_steps": 512})


def test_a_policy_that_never_succeeds_is_told() -> None:
    settings = {**QUICK, "episodes": 1, "settings": {"n_envs": 32, "n_steps": 140}}
    with pytest.raises(HubError, match="succeeded only 0 times in 100 attempts"):
        policy(ROOMS, {"num_levels": 2}, lambda done, total: None, threshold=-1, **settings)


def test_episodes_played_side_by_side_are_those_played_alone() -> None:
    def turn(observations: np.ndarray, running: np.ndarray) -> np.ndarray:
        return np.asarray(observations.reshape(len(running), -1).sum(axis=1) % 3)

    together = play(EMPTY, {"num_levels": 4}, [3, 1, 2], turn)
    alone = [play(EMPTY, {"num_levels": 4}, [seed], turn)[0] for seed in (3, 1, 2)]
    assert same(together, alone)
    assert all(episode.length == 100 or episode.terminations[-1] for episode in together)


def test_the_authors_episodes_come_from_their_files() -> None:
    told: list[tuple[int, int]] = []
    made = authors("", {}, lambda done, total: told.append((done, total)), file="O1Dlhb_1optlevels10k_1demoperlevel.npy")
    assert [episode.return_ for episode in made] == [0.95]
    assert told == [(1, 1)]
