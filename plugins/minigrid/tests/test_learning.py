"""What an update does, and what imitation may and may not touch."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hub_minigrid.demonstrations import demonstrations, transitions_of
from hub_minigrid.il_ppo import ILPPO, Learner
from hub_minigrid.networks import Perceptron
from hub_minigrid.playing import play
from hub_minigrid.ppo import adam, imitate
from hub_minigrid.presets import RAPID, BeBold, ILBoth, ILConcurrent, ILPretrain

import hub

Recorded = Callable[[str], str]
OPTIMAL = "minigrid/multiroom-n7-s4/optimal-v0"
AUTHORS = "minigrid/obstructedmaze-1dlhb/authors-suboptimal-v0"
TINY: dict[str, Any] = {"n_envs": 4, "n_steps": 16}


def test_networks_are_orthogonal_with_the_papers_gains() -> None:
    torch.manual_seed(0)
    layers = [layer for layer in Perceptron(147, 7).layers if isinstance(layer, torch.nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in layers] == [(147, 64), (64, 64), (64, 7)]
    for layer, gain in zip(layers, (2**0.5, 2**0.5, 1), strict=True):
        torch.testing.assert_close(layer.weight @ layer.weight.T, gain**2 * torch.eye(layer.out_features), atol=1e-4, rtol=0)
        assert not layer.bias.any()


def test_cloning_the_authors_two_episodes_comes_below_the_loss_of_the_acceptance(recorded: Recorded) -> None:
    task = hub.describe("minigrid/ObstructedMaze-1Dlhb-v0", {})
    offline = transitions_of(demonstrations(task, recorded(AUTHORS), None))
    assert len(offline.actions) == 72
    torch.manual_seed(0)
    actor, rng = Perceptron(147, 7), np.random.default_rng(0)
    optimiser = adam(actor, 1e-4)
    losses = (imitate(actor, optimiser, offline, steps=200, batch=256, rng=rng) for _ in range(10))
    assert any(loss < 0.35 for loss in losses), "within 2,000 steps"


def test_pre_training_changes_the_actor_and_leaves_the_critic_bit_for_bit(recorded: Recorded, rooms: hub.Task) -> None:
    agent = ILPretrain(rooms, demos=recorded(OPTIMAL), trajectories=2, pretrain_steps=5)
    before = agent.weights()
    learner = Learner(agent, hub.Training(rooms, steps=1000))
    learner.pretrain()
    learner.close()
    for name, array in agent.weights().items():
        assert (array.tobytes() == before[name].tobytes()) == name.startswith("critic") or not before[name].any(), name
    assert any(array.tobytes() != before[name].tobytes() for name, array in agent.weights().items() if name.startswith("actor"))


@pytest.mark.parametrize("grow", [True, False])
def test_concurrent_imitation_takes_five_steps_of_the_actor_after_each_update(recorded: Recorded, rooms: hub.Task, grow: bool) -> None:
    agent = ILConcurrent(rooms, demos=recorded(OPTIMAL), trajectories=2, grow=grow, **TINY)
    learner = Learner(agent, hub.Training(rooms, steps=1000))
    learner.begin()
    for updates in (1, 2, 3):
        learner.update()
        steps = {(part, int(array)) for name, array in learner.arrays().items() for part in re.findall(r"ppo/(\w+)/\d+/step", name)}
        assert steps == {("critic", 16 * updates), ("actor", (16 + 5) * updates)}
    learner.close()


def test_rapid_imitates_nothing_before_its_first_episode_has_ended(rooms: hub.Task) -> None:
    learner = Learner(RAPID(rooms, **TINY), hub.Training(rooms, steps=1000))
    learner.begin()
    learner.update()
    assert int(learner.arrays()["ppo/actor/0/step"]) == 16
    for _ in range(140 // 16 + 1):
        learner.update()
    arrays = learner.arrays()
    assert int(arrays["ppo/actor/0/step"]) > 16 * 10
    assert arrays["buffer/action"].shape == (4 * 140,)
    learner.close()


def test_a_growing_buffer_starts_with_the_offline_data(recorded: Recorded, rooms: hub.Task) -> None:
    agent = ILBoth(rooms, demos=recorded(OPTIMAL), trajectories=3, pretrain_steps=1, **TINY)
    learner = Learner(agent, hub.Training(rooms, steps=1000))
    offline = transitions_of(demonstrations(rooms, OPTIMAL, 3))
    assert len(learner.arrays()["buffer/action"]) == len(offline.actions)
    learner.close()


def test_bebolds_bonus_is_averaged_into_the_reward(empty: hub.Task, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("hub_minigrid.ppo.PPO.update", lambda self, rollout, rewards: seen.append((rollout, rewards)))
    learner = Learner(BeBold(empty, bebold=0.25, **TINY), hub.Training(empty, steps=10_000))
    learner.begin()
    for _ in range(10):
        learner.update()
    learner.close()
    assert any(rollout.rewards.any() for rollout, _ in seen)
    for rollout, rewards in seen:
        np.testing.assert_allclose(rewards, (rollout.rewards + 0.25 * rollout.bonuses) / 1.25)


def test_ppo_learns_where_chance_finds_the_goal() -> None:
    room = hub.describe("minigrid/Empty-8x8-v0", {"levels": "train", "num_levels": 2})
    agent = ILPPO(room, n_envs=16, n_steps=32, learning_rate=1e-3)

    def mean_return() -> float:
        agent.begin(range(100), range(100))
        return float(np.mean([episode.return_ for episode in play(room.env_id, room.env_kwargs, range(100), agent.act)]))

    before = mean_return()
    assert agent.learn_until(hub.Training(room, steps=30_000), 0.9)
    assert before < 0.8
    assert mean_return() > 0.9
