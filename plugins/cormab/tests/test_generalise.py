"""Agents for open populations: allowed, deterministic, right about the instance they meet; and the learner learns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hub_cormab.generalise.agent import OpenAgent
from hub_cormab.generalise.open_myopic import OpenMyopic
from hub_cormab.generalise.open_price import OpenPrice, exact_values
from hub_cormab.generalise.open_random import OpenRandom
from hub_cormab.generalise.pricing import PRICES, dual, pull_units
from hub_cormab.generalise.shared_index import SharedIndex
from hub_cormab.lagrangian import arm_values
from hub_envs.cormab import MatchingEnv
from hub_envs.cormab.open_population import OpenCapacityEnv, OpenMatchingEnv, Situation
from hub_envs.cormab.open_population.single import OpenEnv

import hub
from hub.errors import ImpossiblePairing, UsageError
from hub.training import Training

AGENTS: tuple[type[OpenAgent], ...] = (OpenRandom, OpenMyopic, OpenPrice, SharedIndex)
ENVS: tuple[type[OpenEnv], ...] = (OpenMatchingEnv, OpenCapacityEnv)
SMALL: dict[str, Any] = {"min_arms": 4, "max_arms": 12, "places": 15}
LARGER: dict[str, Any] = {"min_arms": 25, "max_arms": 25}


def task_of(kind: type[OpenEnv], **settings: Any) -> hub.Task:
    env = kind(**settings)
    return hub.Task(
        env_id=f"cormab/{kind.__name__[:-3]}-v0",
        env_kwargs=settings,
        observation_space=env.observation_space,
        action_space=env.action_space,
        model=env.model,
        model_tag="hub_envs.cormab.open_population:Reader",
    )


def step_rewards(agent: hub.Agent, kind: type[OpenEnv], seeds: Sequence[int], **settings: Any) -> np.ndarray:
    """Play an episode for each seed, forbidden actions being errors, and return each one's mean expected reward of a step."""
    slots = np.arange(len(seeds))
    env = kind.batch(len(seeds), autoreset_mode="Disabled", infeasible="error", **settings)
    agent.begin(slots.tolist(), seeds)
    observations, _ = env.reset(seed=list(seeds))
    total = np.zeros(len(seeds))
    for _ in range(env.horizon):
        observations, _, _, _, infos = env.step(agent.act(observations, slots))
        total += infos["expected_reward"]
    return total / env.horizon


@pytest.mark.parametrize("kind", ENVS)
@pytest.mark.parametrize("agent_class", AGENTS)
def test_actions_are_allowed_and_depend_on_episode_and_row_alone(agent_class: type[OpenAgent], kind: type[OpenEnv]) -> None:
    task = task_of(kind, **SMALL)
    env = kind.batch(4, infeasible="error", **SMALL)
    together, apart = agent_class(task, seed=1), agent_class(task, seed=1)
    together.begin(range(4), range(100, 104))
    apart.begin([4, 2], [103, 101])
    observations, _ = env.reset(seed=3)
    for _ in range(2):
        actions = together.act(observations, np.arange(4))
        for slot, row in ((4, 3), (2, 1)):
            alone = apart.act({name: values[[row]] for name, values in observations.items()}, np.array([slot]))
            assert (alone[0] == actions[row]).all()
        observations = env.step(actions)[0]


@pytest.mark.parametrize("agent_class", AGENTS)
def test_a_closed_bandit_is_refused(agent_class: type[OpenAgent]) -> None:
    env = MatchingEnv()
    task = hub.Task(
        env_id="cormab/Matching-v0",
        observation_space=env.observation_space,
        action_space=env.action_space,
        model=env.model,
        model_tag="hub_envs.cormab:Problem",
    )
    with pytest.raises(ImpossiblePairing, match=rf"{agent_class.__name__} cannot act in cormab/Matching-v0"):
        agent_class(task)


@pytest.mark.parametrize("kind", ENVS)
def test_myopic_is_the_best_of_all_actions(kind: type[OpenEnv]) -> None:
    env = kind(min_arms=6, max_arms=9)
    agent = OpenMyopic(task_of(kind, min_arms=6, max_arms=9))
    for seed in range(8):
        observation, _ = env.reset(seed=seed)
        situation = env.model.read(observation)
        everything = situation.problem.actions.enumerate(512)
        assert everything is not None
        levels = np.tile(situation.levels, (len(everything), 1))
        chosen = agent.choose(situation)
        reward = situation.problem.expected_reward(situation.levels[None], chosen[None])[0]
        assert reward == pytest.approx(situation.problem.expected_reward(levels, everything).max())


@pytest.mark.parametrize("kind", ENVS)
def test_exact_values_are_those_of_the_lagrangian_where_nobody_leaves(kind: type[OpenEnv]) -> None:
    situation = situation_of(kind, leave=0.0, horizon=9)
    problem = situation.problem
    prices = np.array([[0.0], [0.3], [4.0]]) * pull_units(problem)
    values = exact_values(situation, prices)
    for k in range(3):
        known = arm_values(problem, np.tile(prices[k], (problem.horizon, 1))).dosed[0][np.arange(problem.arms), situation.levels]
        np.testing.assert_allclose(values.leave[k], known[:, 0])
        np.testing.assert_allclose(values.pull[k], known[:, 1])


def situation_of(kind: type[OpenEnv], seed: int = 0, **settings: Any) -> Situation:
    env = kind(**settings)
    return env.model.read(env.reset(seed=seed)[0])


@pytest.mark.parametrize("kind", ENVS)
def test_arms_that_may_leave_are_worth_less_and_at_the_highest_price_nothing_is_pulled(kind: type[OpenEnv]) -> None:
    staying = situation_of(kind, leave=0.0)
    leaving = staying._replace(leave=0.2)
    prices = PRICES[:, None] * pull_units(staying.problem)
    lasting, fleeting = exact_values(staying, prices), exact_values(leaving, prices)
    assert (fleeting.leave < lasting.leave).all()
    assert (lasting.pull[-1] - lasting.leave[-1] < prices[-1]).all()
    paid = np.maximum(lasting.leave, lasting.pull - prices)
    assert (np.diff(paid, axis=0) <= 1e-9).all()


@pytest.mark.parametrize("kind", ENVS)
def test_the_dual_bounds_what_the_price_policy_earns_closely_where_nobody_leaves(kind: type[OpenEnv]) -> None:
    closed: dict[str, Any] = {"min_arms": 20, "max_arms": 20, "leave": 0.0, "arrive": 0.0, "horizon": 10}
    bounds = np.array([dual(situation_of(kind, seed, **closed), exact_values).total.min() for seed in range(6)]) / 10
    played = step_rewards(OpenPrice(task_of(kind, **closed)), kind, range(6), **closed)
    luck = played - bounds
    assert luck.mean() < 3 * luck.std(ddof=1) / np.sqrt(6)
    assert played.mean() > 0.85 * bounds.mean()


def trained(kind: type[OpenEnv], steps: int, updates: int) -> SharedIndex:
    agent = SharedIndex(task_of(kind, **SMALL), seed=3, updates=updates)
    training = Training(agent.task, steps=steps, seed=3)
    agent.learn(training)
    assert training.remaining == 0
    return agent


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    """Learned on small matching bandits."""
    return trained(OpenMatchingEnv, 640, 500).weights()


@pytest.mark.parametrize("kind", ENVS)
def test_agents_rank_as_they_should_and_small_matching_bandits_teach_for_larger_ones_and_for_capacity(
    kind: type[OpenEnv], weights: dict[str, np.ndarray]
) -> None:
    task = task_of(kind, **LARGER)
    learner = SharedIndex(task)
    learner.load_weights(weights)
    agents = (OpenRandom(task), OpenMyopic(task), learner, OpenPrice(task))
    blind, greedy, learned, exact = (step_rewards(agent, kind, range(3), **LARGER) for agent in agents)
    assert (blind < greedy).all()
    assert (greedy < learned).all()
    assert greedy.mean() < 0.9 * learned.mean()
    assert learned.mean() < exact.mean()


def test_training_repeats_and_weights_go_round() -> None:
    first, again = (trained(OpenMatchingEnv, 320, 80) for _ in range(2))
    for name, array in first.weights().items():
        assert (array == again.weights()[name]).all()
    observations, _ = OpenMatchingEnv.batch(3, **SMALL).reset(seed=1)
    other = SharedIndex(first.task, seed=1)
    before = other.act(observations, np.arange(3))
    other.load_weights(first.weights())
    assert (other.act(observations, np.arange(3)) == first.act(observations, np.arange(3))).all()
    assert (before != first.act(observations, np.arange(3))).any()


def test_mistakes_of_users_are_told() -> None:
    task = task_of(OpenMatchingEnv, **SMALL)
    with pytest.raises(UsageError, match="shared-index: updates must be at least 1, and is 0"):
        SharedIndex(task, updates=0)
    with pytest.raises(UsageError, match="shared-index: the checkpoint does not fit"):
        SharedIndex(task).load_weights({"layers.0.weight": np.zeros((3, 3), np.float32)})
