"""The agents as hub sees them: settings, acting, saving, resuming."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_minigrid.bc import BC
from hub_minigrid.il_ppo import ILPPO
from hub_minigrid.presets import ILBoth, ILConcurrent, ILPretrain

import hub
from hub.checkpoints import build_agent
from hub.errors import ImpossiblePairing, UsageError
from hub.running.orders import Order, order_run
from hub.running.unfinished import TrainingFile

Recorded = Callable[[str], str]
OPTIMAL = "minigrid/multiroom-n7-s4/optimal-v0"
TINY: dict[str, Any] = {"n_envs": 4, "n_steps": 16, "epochs": 2, "minibatches": 2, "restart_every": 3}


def bits(weights: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in weights.items()}


def observations(task: hub.Task, count: int) -> np.ndarray:
    env = hub.make_vec(task.env_id, count, **task.env_kwargs)
    seen = env.reset(seed=0)[0]
    for step in range(9):
        seen = env.step(np.full(count, (2, 5, 1)[step % 3]))[0]
    env.close()
    return np.asarray(seen)


@pytest.mark.parametrize("deterministic", [False, True])
def test_a_row_is_answered_alike_in_any_batch_and_after_saving(rooms: hub.Task, deterministic: bool) -> None:
    trained = ILPPO(rooms, seed=1, deterministic=deterministic, **TINY)
    trained.learn(hub.Training(rooms, steps=200, seed=1))
    other = ILPPO(rooms, seed=2, deterministic=deterministic, **TINY)
    other.load_weights(trained.weights())
    seen, slots, seeds = observations(rooms, 50), np.arange(50), range(100, 150)
    for agent in (trained, other):
        agent.begin(slots.tolist(), seeds)
    whole = trained.act(seen, slots)
    alone = [int(other.act(seen[slot : slot + 1], slots[slot : slot + 1])[0]) for slot in reversed(range(50))][::-1]
    assert whole.tolist() == alone
    assert (len(set(whole.tolist())) == 1) <= deterministic


def test_drawn_actions_have_the_policys_frequencies(rooms: hub.Task) -> None:
    agent = ILPPO(rooms)
    seen = np.repeat(observations(rooms, 1), 4000, axis=0)
    agent.begin(range(4000), range(4000))
    drawn = np.bincount(agent.act(seen, np.arange(4000)), minlength=7) / 4000
    probabilities = agent._tiles(seen[:1])[0][0]
    np.testing.assert_allclose(drawn, probabilities, atol=0.04)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"n_envs": 0}, "n_envs of agent il-ppo cannot be 0"),
        ({"gamma": 1.5}, "gamma of agent il-ppo cannot be 1.5"),
        ({"il_steps": -1}, "il_steps of agent il-ppo cannot be -1"),
        ({"bebold": -0.1}, "bebold of agent il-ppo cannot be"),
        ({"trajectories": 0, "demos": OPTIMAL, "il_steps": 5}, "trajectories of agent il-ppo cannot be 0"),
        ({"demos": OPTIMAL}, "demos of agent il-ppo would not be used"),
        ({"grow": True}, "grow of agent il-ppo fills a buffer that would not be used"),
        ({"n_envs": 1, "n_steps": 4}, "leave at least 2 steps for each"),
    ],
)
def test_settings_that_make_no_sense_are_refused(rooms: hub.Task, settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        ILPPO(rooms, **settings)


@pytest.mark.parametrize(
    ("agent", "settings"),
    [(BC, {}), (ILPretrain, {}), (ILConcurrent, {}), (ILBoth, {}), (ILPPO, {"pretrain_steps": 5}), (ILPPO, {"il_steps": 5})],
)
def test_imitators_ask_for_demonstrations_when_they_are_to_learn(rooms: hub.Task, agent: Any, settings: dict[str, int]) -> None:
    untrained, training = agent(rooms, **settings), hub.Training(rooms, steps=10_000)
    with pytest.raises(UsageError, match=f"agent {agent.name} needs demonstrations: give --agent-arg demos=DATASET"):
        untrained.learn(training)
    assert training.done == 0


def test_demonstrations_must_be_there_fit_and_suffice(recorded: Recorded, rooms: hub.Task) -> None:
    training = hub.Training(rooms, steps=100)
    with pytest.raises(UsageError, match="hub data record minigrid/multiroom-n7-s8/optimal-v0"):
        BC(rooms, demos="minigrid/multiroom-n7-s8/optimal-v0").learn(training)
    with pytest.raises(UsageError, match="has 100 trajectories, not 101"):
        BC(rooms, demos=recorded(OPTIMAL), trajectories=101).learn(training)
    pole = hub.describe("CartPole-v1")
    with pytest.raises(UsageError, match="does not fit CartPole-v1: its observations are"):
        BC(pole, demos=recorded(OPTIMAL)).learn(hub.Training(pole, steps=100))


def test_a_budget_below_one_rollout_is_refused_and_none_is_overspent(rooms: hub.Task) -> None:
    with pytest.raises(UsageError, match="plays 64 steps for each update"):
        ILPPO(rooms, **TINY).learn(hub.Training(rooms, steps=63))
    training = hub.Training(rooms, steps=200)
    ILPPO(rooms, **TINY).learn(training)
    assert training.done == 192


def test_actions_that_do_not_count_from_zero_and_weights_of_another_network_are_refused(rooms: hub.Task) -> None:
    from gymnasium.spaces import Discrete

    task = hub.Task(env_id="Odd-v0", observation_space=rooms.observation_space, action_space=Discrete(3, start=1))
    with pytest.raises(ImpossiblePairing, match="must count from 0"):
        ILPPO(task)
    with pytest.raises(UsageError, match=r"actor.layers.0.weight has shape \(64, 4\), not \(64, 147\)"):
        ILPPO(rooms).load_weights(ILPPO(hub.describe("CartPole-v1")).weights())


def test_cloning_takes_no_environment_step_and_repeats(recorded: Recorded, rooms: hub.Task) -> None:
    reports: list[Mapping[str, float]] = []
    agents = []
    for _ in range(2):
        training = hub.Training(rooms, steps=1, seed=4, on_report=reports.append)
        agents.append(BC(rooms, seed=4, demos=recorded(OPTIMAL), trajectories=2, steps=20))
        agents[-1].learn(training)
        assert training.done == 0
    assert bits(agents[0].weights()) == bits(agents[1].weights())
    assert list(reports[0]) == ["imitation_loss"]


class Killed(Exception):
    """Stands for SIGKILL inside one process."""


def session(order: Order, saves: int | None) -> dict[str, bytes] | None:
    """Train, saving whenever that is possible; end after so many saves. Return the weights if it came to the end."""
    seen = 0

    def on_save() -> None:
        nonlocal seen
        seen += 1
        if seen == saves:
            raise Killed

    record = order.configuration.agent
    agent = build_agent(record, order.training_task)
    file = TrainingFile(order.folder, order.configuration)
    training = hub.Training(order.training_task, steps=record.train_steps, seed=record.seed, file=file, on_save=on_save)
    try:
        agent.learn(training)
    except Killed:
        return None
    return bits(agent.weights())


@pytest.mark.parametrize(
    ("agent", "settings"),
    [
        ("il-ppo", {}),
        ("il-both", {"demos": OPTIMAL, "trajectories": 2, "pretrain_steps": 5, "capacity": 300}),
        ("rapid", {"bebold": 0.1}),
        ("il-concurrent", {"demos": OPTIMAL, "trajectories": 2, "grow": False}),
    ],
)
def test_a_training_in_pieces_ends_with_the_same_bits(
    agent: str, settings: dict[str, Any], recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(OPTIMAL)
    monkeypatch.setattr("hub.training.SAVE_EVERY_S", 0.0)
    monkeypatch.setattr("hub.training.SAVE_SHARE", float("inf"))

    def order(name: str) -> Order:
        args = {**TINY, "n_steps": 48, **settings}
        return order_run(agent=agent, env="minigrid-empty-5x5", train_steps=2000, seed=5, agent_args=args, out=tmp_path / name)

    straight = session(order("straight"), None)
    pieces = order("pieces")
    places = []
    for saves in (2, 3):
        assert session(pieces, saves) is None
        saved = TrainingFile(pieces.folder, pieces.configuration).read()
        assert saved is not None
        places.append(saved.steps)
        np.random.seed(saves)
    assert 0 < places[0] < places[1] < 2000
    assert straight is not None
    assert session(pieces, None) == straight


def test_an_unsaved_training_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.training.SAVE_EVERY_S", 0.0)
    order = order_run(agent="rapid", env="minigrid-empty-5x5", train_steps=1000, agent_args=TINY, out=tmp_path)
    agent = build_agent(order.configuration.agent, order.training_task)
    agent.learn(hub.Training(order.training_task, steps=1000))
    assert bits(agent.weights()) == session(order, None)
