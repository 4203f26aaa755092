from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from hub.environments import describe
from hub.running.seeds import TRAINING
from hub.training import Training


class Seeds(gym.Wrapper[Any, Any, Any, Any]):
    """Remembers the seeds of resets."""

    seen: list[Any] = []  # noqa: RUF012

    def reset(self, **options: Any) -> Any:
        Seeds.seen.append(options["seed"])
        return super().reset(**options)


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Any:
    from hub import environments

    make = environments.make
    monkeypatch.setattr(environments, "make", lambda name, **kwargs: Seeds(make(name, **kwargs)))
    Seeds.seen.clear()
    return describe("CartPole-v1", {})


def test_steps_of_all_environments_count_together(task: Any) -> None:
    told: list[int] = []
    training = Training(task, steps=7, on_step=told.append)
    one, many = training.make(), training.make_vec(3, autoreset_mode=AutoresetMode.SAME_STEP)
    one.reset()
    many.reset()
    one.step(np.int64(0))
    many.step(np.zeros(3, np.int64))
    assert (training.done, training.remaining) == (4, 3)
    many.step(np.zeros(3, np.int64))
    many.step(np.zeros(3, np.int64))
    assert (training.done, training.remaining) == (10, 0)
    assert told == [1, 4, 7, 10]


def test_the_call_that_only_resets_a_slot_is_no_step(task: Any) -> None:
    training = Training(task, steps=10_000)
    env = training.make_vec(2, autoreset_mode=AutoresetMode.NEXT_STEP)
    env.reset()
    steps = resets = 0
    ended = np.zeros(2, bool)
    for _ in range(60):
        resets += int(ended.sum())
        _, _, terminated, truncated, _ = env.step(np.zeros(2, np.int64))
        ended = terminated | truncated
        steps += 2
    assert resets > 4
    assert training.done == steps - resets


def test_every_reset_draws_a_fresh_training_seed_and_chosen_seeds_are_mapped(task: Any) -> None:
    env = Training(task, steps=10, seed=3).make()
    for _ in range(3):
        env.reset()
    env.reset(seed=2**30 + 17)
    assert all(seed in TRAINING for seed in Seeds.seen)
    assert len(set(Seeds.seen)) == 4
    assert Seeds.seen[3] == 17
    again = Training(task, steps=10, seed=3).make()
    again.reset()
    assert Seeds.seen[4] == Seeds.seen[0]


def test_slots_of_a_batch_start_from_different_seeds_and_may_be_reset_alone(task: Any) -> None:
    env = Training(task, steps=100, seed=1).make_vec(3, autoreset_mode=AutoresetMode.DISABLED)
    first, _ = env.reset()
    assert len({row.tobytes() for row in first}) == 3
    kept = first.copy()
    second, _ = env.reset(options={"reset_mask": np.array([False, True, False])})
    assert (second[[0, 2]] == kept[[0, 2]]).all()
    assert (second[1] != kept[1]).any()
    third, _ = env.reset(seed=5)
    fourth, _ = env.reset(seed=[5, 6, 7])
    assert (third == fourth).all()


def test_reports_reach_the_listener(task: Any) -> None:
    reports: list[Mapping[str, float]] = []
    Training(task, steps=1, on_report=reports.append).report(loss=0.5)
    assert reports == [{"loss": 0.5}]


def test_players_of_a_parallel_environment_step_together() -> None:
    from pettingzoo.utils.env import ParallelEnv

    from hub.running.counting import Counter, counted

    class Pair(ParallelEnv):  # type: ignore[misc]
        possible_agents = ["a", "b"]  # noqa: RUF012
        metadata: dict[str, Any] = {}  # noqa: RUF012

        def reset(self, seed: int | None = None, options: Any = None) -> Any:
            self.agents, self.seed = ["a", "b"], seed
            return {}, {}

        def step(self, actions: Any) -> Any:
            return {}, {}, {}, {}, {}

    pair, counter = Pair(), Counter(iter([11]), None, None)
    env = counted(pair, counter)
    env.reset()
    env.step({"a": 0, "b": 0})
    assert (pair.seed, counter.steps) == (11, 1)
