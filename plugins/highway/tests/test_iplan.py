"""The agents as hub sees them: settings, pairing, training, saving, resuming."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_highway.iplan import IPLAN, IPLANFC, IPPOBM, IPPOGAT, IPLANHard

import hub
from hub.checkpoints import build_agent
from hub.errors import ImpossiblePairing, UsageError
from hub.running.orders import Order, order_run
from hub.running.unfinished import TrainingFile

TINY: dict[str, Any] = {"n_envs": 2, "n_steps": 14, "epochs": 1, "minibatches": 2, "restart_every": 2, "warm_up": 30, "latent_samples": 4}


def bits(weights: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in weights.items()}


def played(agent: hub.Agent, task: hub.Task, games: list[int], steps: int = 12) -> list[list[dict[str, int]]]:
    """Return what `agent` does in games of the given seeds, side by side, as long as they last."""
    envs: list[Any] = [hub.make(task.env_id, **task.env_kwargs) for _ in games]
    seen = [env.reset(seed=seed)[0] for env, seed in zip(envs, games, strict=True)]
    agent.begin(range(len(games)), games)
    done: list[list[dict[str, int]]] = [[] for _ in games]
    for _ in range(steps):
        live = [game for game, env in enumerate(envs) if env.agents]
        for game, actions in zip(live, agent.act([seen[game] for game in live], np.array(live)), strict=True):
            done[game].append(actions)
            observations = envs[game].step(actions)[0]
            seen[game] = {player: observations[player] for player in envs[game].agents}
        if not any(env.agents for env in envs):
            break
    return done


@pytest.mark.parametrize("kind", [IPLAN, IPLANHard, IPLANFC, IPPOBM, IPPOGAT])
def test_agents_learn_and_are_saved(kind: type[IPLAN], road: hub.Task) -> None:
    reports: list[Mapping[str, float]] = []
    agent = kind(road, seed=1, **TINY)
    untrained = bits(agent.weights())
    agent.learn(hub.Training(road, steps=60, seed=1, on_report=reports.append))
    expected = {"behaviour_loss"} if kind is IPPOBM else {"instant_loss"} if kind is IPPOGAT else {"behaviour_loss", "instant_loss"}
    assert set(reports[-1]) - {"return_mean"} == expected
    trained = bits(agent.weights())
    latents = [name for name in trained if name.startswith("features.")]
    assert latents
    assert all(trained[name] != untrained[name] for name in latents if name.endswith("weight"))
    other = kind(road, seed=2, **TINY)
    other.load_weights(agent.weights())
    assert played(other, road, [5, 6]) == played(agent, road, [5, 6])


def test_a_game_is_played_alike_beside_any_others(road: hub.Task) -> None:
    agent = IPLAN(road, seed=1, **TINY)
    agent.learn(hub.Training(road, steps=60, seed=1))
    together = played(agent, road, [3, 4, 5])
    assert [played(agent, road, [seed])[0] for seed in (3, 4, 5)] == together
    assert played(agent, road, [5, 3, 4]) == [together[2], together[0], together[1]]


def test_policy_gradients_leave_the_latents_alone(road: hub.Task) -> None:
    agent = IPLAN(road, seed=1, **{**TINY, "warm_up": 10_000})
    before = bits(agent.weights())
    agent.learn(hub.Training(road, steps=60, seed=1))
    after = bits(agent.weights())
    assert all(after[name] == before[name] for name in after if name.startswith("features."))
    assert any(after[name] != before[name] for name in after if name.startswith("actor."))


def test_an_agent_learns_where_rows_have_no_numbers() -> None:
    task = hub.describe("navigation/NonCooperative-v0", {"level": "hard"})
    reports: list[Mapping[str, float]] = []
    IPLAN(task, seed=1, **TINY).learn(hub.Training(task, steps=60, seed=1, on_report=reports.append))
    assert {"behaviour_loss", "instant_loss"} <= set(reports[-1])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"eta": 0}, "eta of agent iplan cannot be 0"),
        ({"eta": 1.5}, "eta of agent iplan cannot be 1.5"),
        ({"warm_up": -1}, "warm_up of agent iplan cannot be -1"),
        ({"latent_updates": 0}, "latent_updates of agent iplan cannot be 0"),
        ({"instant_rate": 0}, "instant_rate of agent iplan cannot be 0"),
        ({"shared": True}, "iplan shares nothing"),
    ],
)
def test_settings_that_make_no_sense_are_refused(road: hub.Task, settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        IPLAN(road, **settings)


def test_vehicles_that_cannot_be_found_again_are_refused(road: hub.Task) -> None:
    with pytest.raises(ImpossiblePairing, match="with ids=False: it finds vehicles again by their numbers"):
        IPLAN(hub.describe("highway/Heterogeneous-v0", {**road.env_kwargs, "ids": False}))


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


def test_a_training_in_pieces_ends_with_the_same_bits(road: hub.Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.training.SAVE_EVERY_S", 0.0)
    monkeypatch.setattr("hub.training.SAVE_SHARE", float("inf"))

    def order(name: str) -> Order:
        return order_run(
            agent="iplan",
            env="highway-heterogeneous",
            env_args=dict(road.env_kwargs),
            train_steps=120,
            seed=5,
            agent_args=TINY,
            out=tmp_path / name,
        )

    straight, pieces = session(order("straight"), None), order("pieces")
    assert session(pieces, 2) is None
    np.random.seed(1)
    assert straight is not None
    assert session(pieces, None) == straight
