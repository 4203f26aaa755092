"""SEQUOIA learns, repeats, saves and says what it could not prove."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from hub_cormab.maximise import ReluNetwork
from hub_cormab.maximise.local_search import climb_batch
from hub_cormab.pretraining import strategic_data
from hub_cormab.qnetwork import QNetwork, inputs_of
from hub_cormab.replay import PrioritisedReplay
from hub_cormab.sequoia import Sequoia
from hub_cormab.settings import HUB, PRESETS, RELEASED, settings_for
from hub_cormab.training import BestNetwork, Collector, TargetValues, exact
from hub_envs.cormab import ActionSet, Problem, matching_problem
from numpy.typing import NDArray

from hub import Task
from hub.environments import describe
from hub.errors import HubError, ImpossiblePairing, UsageError
from hub.training import Training

HORIZON = 10
SMALL: dict[str, Any] = {"instance": 3, "arms": 6, "budget": 2, "horizon": HORIZON}
QUICK: dict[str, Any] = {"pretrain_epochs": 2, "fresh_actions": 2, "validation_episodes": 4, "validation_every": 64, "batch": 32}


def small_task(**changes: Any) -> Task:
    return describe("cormab/Matching-v0", {**SMALL, **changes})


def trained(task: Task, steps: int, seed: int = 0, **settings: Any) -> tuple[Sequoia, Training]:
    training = Training(task, steps=steps, seed=seed)
    agent = Sequoia(task, seed=seed, **settings)
    agent.learn(training)
    return agent, training


def score(problem: Problem, agent: Sequoia | None, episodes: int = 200) -> float:
    """Mean expected reward of a step from the empty start; without an agent, of exact myopic play."""
    rng = np.random.default_rng(7)
    states = np.zeros((episodes, problem.arms), dtype=np.int64)
    total = 0.0
    for _ in range(problem.horizon):
        if agent is not None:
            actions = agent.act(states, np.arange(episodes))
        else:
            up, down = problem.move_values(states)
            actions = problem.actions.maximise_linear((problem.active - problem.passive) * (up - down))
        total += float(problem.expected_reward(states, actions).mean())
        states = problem.step(states, actions, rng.random(states.shape)).levels
    return total / problem.horizon


def global_state() -> Any:
    numpy: Any = np.random.get_state()
    return random.getstate(), numpy[1].tolist(), torch.random.get_rng_state().tolist(), torch.get_num_threads()


def test_it_beats_exact_myopic_play_after_seconds() -> None:
    task = small_task(horizon=20)
    agent, _ = trained(task, 1000, pretrain_epochs=4, fresh_actions=10, validation_episodes=10, validation_every=160)
    assert score(task.model, agent) > 1.1 * score(task.model, None)


def test_training_repeats_to_the_bit_and_leaves_global_state_alone() -> None:
    task = small_task()
    before = global_state()
    one, first = trained(task, 300, seed=5, **QUICK)
    assert global_state() == before
    torch.manual_seed(99)
    two, _ = trained(task, 300, seed=5, **QUICK)
    other, _ = trained(task, 300, seed=6, **QUICK)
    assert all(np.array_equal(array, two.weights()[name]) for name, array in one.weights().items())
    assert not all(np.array_equal(array, other.weights()[name]) for name, array in one.weights().items())
    assert first.done >= 300 - HUB.slots


@pytest.mark.parametrize("steps", [1, 50, 200])
def test_any_budget_is_spent_and_hardly_overshot(steps: int) -> None:
    _, training = trained(small_task(), steps, **QUICK)
    assert steps - 4 * HORIZON <= training.done < steps + HUB.slots


def test_the_released_preset_trains_with_the_integer_program() -> None:
    quick: dict[str, Any] = {"pretrain_epochs": 1, "pretrain_batch": 4096, "batch": 4}
    agent, training = trained(small_task(arms=5, budget=1), 6, preset="released", method="mip", **quick)
    assert training.done == 6
    assert agent.act(np.zeros((1, 5), dtype=np.int64), np.array([0])).shape == (1, 5)


@pytest.mark.parametrize(
    ("settings", "climbs"),
    [
        ({}, False),
        ({"method": "mip"}, True),
        ({"method": "mip", "training_maxima": "exact"}, False),
        ({"training_maxima": "climb"}, True),
        ({"method": "mip", "preset": "released", "pretrain_epochs": 1, "pretrain_batch": 4096}, False),
    ],
)
def test_training_climbs_where_it_is_told_to_and_acting_is_always_exact(
    settings: dict[str, Any], climbs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    climbed: list[int] = []

    def climb(network: ReluNetwork, actions: ActionSet, states: NDArray[Any]) -> Any:
        climbed.append(len(states))
        return climb_batch(network, actions, states)

    monkeypatch.setattr("hub_cormab.training.climb_batch", climb)
    task = small_task(arms=5, budget=1, horizon=4)
    agent, _ = trained(task, 4, **{**QUICK, "validation_every": 0, "batch": 2, "slots": 2, **settings})
    assert bool(climbed) == climbs
    before = len(climbed)
    states = np.random.default_rng(0).integers(0, 4, size=(6, 5))
    acted = agent.act(states, np.arange(6))
    assert len(climbed) == before
    table = Sequoia(task, method="table")
    table.load_weights(agent.weights())
    np.testing.assert_array_equal(acted, table.act(states, np.arange(6)))


def test_table_and_program_act_alike_and_row_by_row() -> None:
    task = small_task()
    table, _ = trained(task, 100, **QUICK)
    program = Sequoia(task, method="mip")
    program.load_weights(table.weights())
    states = np.random.default_rng(0).integers(0, 4, size=(12, 6))
    together = table.act(states, np.arange(12))
    np.testing.assert_array_equal(together, program.act(states, np.arange(12)))
    np.testing.assert_array_equal(together[[5]], table.act(states[[5]], np.array([0])))
    assert task.model.actions.is_feasible(together).all()
    assert task.action_space.contains(together[0])


def test_weights_travel_and_strangers_are_refused() -> None:
    task = small_task()
    one, two = Sequoia(task, seed=1), Sequoia(task, seed=2)
    states = np.random.default_rng(0).integers(0, 4, size=(20, 6))
    two.load_weights(one.weights())
    np.testing.assert_array_equal(one.act(states, np.arange(20)), two.act(states, np.arange(20)))
    with pytest.raises(HubError, match="does not fit this task"):
        Sequoia(small_task(arms=7)).load_weights(one.weights())
    with pytest.raises(HubError, match="does not fit this task"):
        two.load_weights({})


def test_unproved_decisions_are_counted_an_episode() -> None:
    task = describe("cormab/Matching-v0", {"instance": 0})
    hurried = Sequoia(task, method="mip", time_limit=0.0)
    hurried.begin([0, 1], [10, 11])
    states = np.random.default_rng(0).integers(0, 4, size=(2, 20))
    hurried.act(states, np.array([0, 1]))
    hurried.act(states[:1], np.array([1]))
    assert [hurried.episode_metrics(slot)["unproved_decisions"] for slot in (0, 1)] == [1.0, 2.0]
    answers = [hurried.maximiser.embed(hurried._network.relu_network()).maximise(states[[row]]) for row in (0, 1)]
    gaps = [float((answer.upper_bounds - answer.values)[0]) for answer in answers]
    assert [hurried.episode_metrics(slot)["worst_gap"] for slot in (0, 1)] == [gaps[0], max(gaps)]
    assert min(gaps) > 0.0
    hurried.begin([1], [12])
    assert [hurried.episode_metrics(slot) for slot in (0, 1)] == [
        {"unproved_decisions": 1.0, "worst_gap": gaps[0]},
        {"unproved_decisions": 0.0, "worst_gap": 0.0},
    ]


def test_bad_settings_are_named() -> None:
    task = small_task()
    for settings, words in (
        ({"preset": "paper"}, "preset must be"),
        ({"tau": 0.0}, "tau must be greater than 0 and at most 1"),
        ({"batch": 0}, "batch must be greater than 0"),
        ({"pretrain_epochs": -1}, "pretrain_epochs must not be negative"),
        ({"method": "guess"}, "method must be"),
        ({"training_maxima": "guess"}, "training_maxima must be 'auto', 'exact' or 'climb'"),
    ):
        with pytest.raises(UsageError, match=words):
            Sequoia(task, **settings)
    with pytest.raises(ImpossiblePairing, match=r"hub_envs\.cormab:Problem"):
        Sequoia(describe("CartPole-v1", {}))


def test_every_setting_of_the_agent_changes_its_preset() -> None:
    assert settings_for("hub") is not RELEASED
    assert settings_for("released") == RELEASED
    assert settings_for("released", tau=0.5, batch=None).tau == 0.5
    assert settings_for("released", tau=0.5, batch=None).batch == RELEASED.batch
    differing = {name for name in HUB.__slots__ if getattr(HUB, name) != getattr(RELEASED, name)}
    assert differing <= set(Sequoia.__init__.__annotations__)
    assert set(PRESETS) == {"hub", "released"}


def test_strategic_data_holds_the_paper_s_states_actions_and_rewards() -> None:
    problem = matching_problem(0, arms=6, budget=2, horizon=4)
    states, actions, rewards = strategic_data(problem, np.random.default_rng(0))
    plain, random_states, shared = 2 * 6 + 2, 50 * 4, 10 + 2 * 6 + 2
    assert len(states) == (plain + random_states) * shared + random_states
    assert (states[: plain * shared : shared].sum(axis=1) == [0, *[1] * 6, 6, *[5] * 6]).all()
    np.testing.assert_array_equal(actions[-random_states:].sum(axis=1), 2)
    assert (states[-random_states:][actions[-random_states:] == 1] == 3).all()
    np.testing.assert_allclose(rewards, problem.expected_reward(states, actions))
    assert not problem.actions.is_feasible(actions).all()

    fresh = strategic_data(problem, np.random.default_rng(0), fresh=5)
    assert len(fresh[0]) == len(states) + 5 * (plain + random_states)


def test_the_q_network_and_its_copy_for_maximisation_agree() -> None:
    rng = np.random.default_rng(0)
    network = QNetwork(6, 4, generator=torch.Generator().manual_seed(1))
    actions, states = rng.integers(0, 2, size=(9, 6)), rng.integers(0, 4, size=(9, 4))
    values = network(inputs_of(actions, states)).detach().numpy()
    np.testing.assert_allclose(network.relu_network().values(actions, states), values, rtol=1e-5, atol=1e-6)


def test_replay_draws_by_priority_keeps_the_newest_and_weighs() -> None:
    rng = np.random.default_rng(0)
    replay = PrioritisedReplay(10, 1, 1, alpha=1.0, beta=1.0)
    for number in range(25):
        replay.add(np.array([[number]]), np.zeros((1, 1)), np.array([float(number)]), np.zeros((1, 1)))
    assert len(replay) == 10
    drawn, weights, (states, _, rewards, _) = replay.draw(rng, 500)
    assert set(states.ravel()) == set(range(15, 25))
    np.testing.assert_array_equal(states.ravel(), rewards)
    assert (weights == 1.0).all()

    replay.reprioritise(np.arange(10), np.where(np.arange(10) == 4, 3.0, 1.0))
    drawn, weights, _ = replay.draw(rng, 6000)
    share = (drawn == 4).mean()
    assert share == pytest.approx(3.0 / 12.0, abs=0.03)
    assert weights[drawn == 4].max() == pytest.approx(1.0 / 3.0, rel=1e-2)


def test_targets_are_remembered_until_the_network_moves() -> None:
    asked: list[int] = []

    def rule(network: Any) -> Any:
        def choose(states: NDArray[Any]) -> Any:
            asked.append(len(states))
            return states, states.sum(axis=1).astype(np.float64)

        return choose

    network = QNetwork(2, 2, generator=torch.Generator()).relu_network()
    targets = TargetValues(rule, network)
    states = np.array([[1, 2], [0, 1], [1, 2]], dtype=np.int8)
    np.testing.assert_array_equal(targets(states), [3.0, 1.0, 3.0])
    np.testing.assert_array_equal(targets(states[:2]), [3.0, 1.0])
    targets.follow(network)
    targets(states[:1])
    assert asked == [2, 1]


def test_episodes_are_collected_in_lock_step_each_from_a_seed_of_its_own() -> None:
    task = small_task(horizon=3)
    training = Training(task, steps=100)
    collector = Collector(training, 4)
    starts = []
    for step in range(7):
        assert collector.ended == (step % 3 == 0)
        if collector.ended:
            collector.begin()
            starts.append(collector.states)
        before = collector.states
        reached = collector.step(task.model.actions.sample_feasible(np.random.default_rng(step), 4))
        assert (np.abs(reached - before) <= 1).all()
        np.testing.assert_array_equal(collector.states, reached)
    collector.close()
    assert training.done == 7 * 4
    assert len({start.tobytes() for start in np.concatenate(starts)}) > 4


def test_the_best_validated_network_is_kept() -> None:
    task = small_task()
    seen: list[Mapping[str, float]] = []
    training = Training(task, steps=1000, on_report=seen.append)
    agent = Sequoia(task)

    def rule(network: Any) -> Any:
        maximiser = exact(agent.maximiser)(network)
        good = network.biases[-1][0] == 1.0

        def choose(states: NDArray[Any]) -> Any:
            actions, values = maximiser(states)
            return (actions if good else np.zeros_like(actions)), values

        return choose

    best = BestNetwork(training, task.model, rule, every=10, episodes=4)
    network = QNetwork(6, 6, generator=torch.Generator().manual_seed(0))
    for step, bias in enumerate((0.0, 1.0, 0.5)):
        torch.nn.init.constant_(network.get_parameter("layers.2.bias"), bias)
        best.offer(network, 10 * step)
        best.offer(network, 10 * step + 5)
    best.restore(network)
    assert len(seen) == 3
    assert training.done == 3 * 4 * HORIZON
    assert network.relu_network().biases[-1][0] == 1.0
