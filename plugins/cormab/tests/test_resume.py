"""A killed training of a Q-network goes on from its last save, and ends with the weights of an uninterrupted one, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hub_baselines.resuming import joined, load_optimiser, optimiser_arrays, part_of
from hub_cormab.qnetwork import QNetwork
from hub_cormab.replay import PrioritisedReplay
from hub_cormab.settings import settings_for

from hub.checkpoints import build_agent
from hub.running.orders import Order, order_run
from hub.running.unfinished import TrainingFile
from hub.training import Training

SMALL: dict[str, Any] = {"instance": 3, "arms": 5, "budget": 2, "horizon": 4}
QUICK: dict[str, Any] = {"pretrain_epochs": 1, "fresh_actions": 0, "batch": 16, "slots": 4, "target_every": 30}
VALIDATED: dict[str, Any] = {**QUICK, "validation_episodes": 2, "validation_every": 24}


class Killed(Exception):
    """Stands for SIGKILL inside one process."""


def session(order: Order, saves: int | None) -> tuple[Mapping[str, np.ndarray], int] | None:
    """Train, saving whenever that is possible; end after so many saves. Return the weights and the steps taken if it came to the end."""
    seen = 0

    def on_save() -> None:
        nonlocal seen
        seen += 1
        if seen == saves:
            raise Killed

    record = order.configuration.agent
    agent = build_agent(record, order.task)
    file = TrainingFile(order.folder, order.configuration)
    training = Training(order.task, steps=record.train_steps, seed=record.seed, file=file, on_save=on_save)
    try:
        agent.learn(training)
    except Killed:
        return None
    return agent.weights(), training.done


@pytest.mark.parametrize(
    ("agent", "settings", "steps"),
    [
        ("sequoia", VALIDATED, 150),
        ("sequoia", {**QUICK, "validation_every": 0, "training_maxima": "climb"}, 80),
        ("sequoia", {**VALIDATED, "preset": "released", "learning_rate": 0.01}, 120),
        ("iterative-dqn", {}, 120),
    ],
)
def test_a_training_in_pieces_ends_with_the_same_bits(
    agent: str, settings: dict[str, Any], steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.training.SAVE_EVERY_S", 0.0)
    monkeypatch.setattr("hub.training.SAVE_SHARE", float("inf"))
    monkeypatch.setattr("hub_cormab.baselines.iterative_dqn.HUB", settings_for("hub", **VALIDATED))

    def order(name: str) -> Order:
        return order_run(
            agent=agent, env="cormab-matching", train_steps=steps, seed=5, env_args=SMALL, agent_args=settings, out=tmp_path / name
        )

    straight = session(order("straight"), None)
    pieces = order("pieces")
    file = TrainingFile(pieces.folder, pieces.configuration)
    places = []
    for saves in (1, 2, 3):
        assert session(pieces, saves) is None
        saved = file.read()
        assert saved is not None
        places.append(saved.steps)
        torch.manual_seed(saves)
        np.random.seed(saves)
    assert places == sorted(set(places)), "no session got further than the one before"
    resumed = session(pieces, None)
    assert straight is not None
    assert resumed is not None
    assert resumed[1] == straight[1] > places[-1]
    assert {name: array.tobytes() for name, array in resumed[0].items()} == {name: array.tobytes() for name, array in straight[0].items()}


def test_a_training_without_a_folder_is_the_same_as_one_that_saves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.training.SAVE_EVERY_S", 0.0)
    order = order_run(agent="sequoia", env="cormab-matching", train_steps=100, env_args=SMALL, agent_args=VALIDATED, out=tmp_path)
    saving = session(order, None)
    agent = build_agent(order.configuration.agent, order.task)
    agent.learn(Training(order.task, steps=100))
    assert saving is not None
    assert all(array.tobytes() == saving[0][name].tobytes() for name, array in agent.weights().items())


def test_an_optimiser_goes_on_as_if_it_had_not_been_moved() -> None:
    def take_step(network: QNetwork, optimiser: torch.optim.Optimizer, seed: int) -> None:
        inputs = torch.rand((8, 9), generator=torch.Generator().manual_seed(seed))
        optimiser.zero_grad()
        network(inputs).square().mean().backward()
        optimiser.step()

    def build(arrays: Mapping[str, np.ndarray] | None = None) -> tuple[QNetwork, torch.optim.Optimizer]:
        network = QNetwork(5, 4, generator=torch.Generator().manual_seed(0))
        if arrays is not None:
            network.load_arrays(arrays)
        return network, torch.optim.AdamW(network.parameters(), lr=0.1, amsgrad=True)

    network, optimiser = build()
    assert optimiser_arrays(optimiser) == {}
    for seed in range(3):
        take_step(network, optimiser, seed)
    arrays = {name: array.copy() for name, array in optimiser_arrays(optimiser).items()}
    assert {name.partition("/")[2] for name in arrays} == {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"}
    moved, other = build(network.arrays())
    load_optimiser(other, arrays)
    for seed in range(3, 6):
        take_step(network, optimiser, seed)
        take_step(moved, other, seed)
    assert all(array.tobytes() == moved.arrays()[name].tobytes() for name, array in network.arrays().items())


def test_a_replay_buffer_that_has_gone_round_draws_on_as_before() -> None:
    def add(replay: PrioritisedReplay, number: int) -> None:
        replay.add(np.full((3, 2), number % 4), np.ones((3, 2)), np.full(3, float(number)), np.zeros((3, 2)))

    def build() -> PrioritisedReplay:
        return PrioritisedReplay(10, 2, 2, alpha=0.6, beta=0.4)

    one, two = build(), build()
    for number in range(5):
        add(one, number)
    one.reprioritise(np.arange(4), np.array([5.0, 1.0, 0.1, 2.0]))
    two.load_arrays({name: array.copy() for name, array in one.arrays().items()})
    for replay in (one, two):
        add(replay, 6)
    first, second = (replay.draw(np.random.default_rng(1), 50) for replay in (one, two))
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
    for left, right in zip(first[2], second[2], strict=True):
        np.testing.assert_array_equal(left, right)


def test_parts_are_joined_and_taken_apart() -> None:
    parts = {"a": {"x": np.zeros(1), "b/y": np.ones(2)}, "ab": {"x": np.full(3, 2.0)}, "empty": {}}
    whole = joined(**parts)
    assert set(whole) == {"a/x", "a/b/y", "ab/x"}
    for name, arrays in parts.items():
        taken = part_of(whole, name)
        assert set(taken) == set(arrays)
        assert all(taken[key] is array for key, array in arrays.items())
