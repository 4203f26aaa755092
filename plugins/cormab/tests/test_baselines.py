"""The agents SEQUOIA is compared with: each plays what its definition says, row by row, and they rank as they should."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from hub_cormab.baselines.iterative_dqn import IterativeDQN, build_action
from hub_cormab.baselines.iterative_myopic import IterativeMyopic
from hub_cormab.baselines.myopic import Myopic
from hub_cormab.baselines.null import Null
from hub_cormab.baselines.price_policy import PricePolicy
from hub_cormab.baselines.random_feasible import RandomFeasible
from hub_cormab.baselines.sampling import Sampling
from hub_cormab.baselines.whittle import Whittle, whittle_indices
from hub_cormab.fluid_bound import fluid_prices, price_bound, start_levels
from hub_cormab.lagrangian import move_chances, step_rewards
from hub_cormab.maximise import ReluNetwork
from hub_cormab.planner import Planner
from hub_envs.cormab import START_PROBABILITY, Problem, capacity_problem, interventions_problem, matching_problem, path_problem
from hypothesis import given, settings
from hypothesis import strategies as st

import hub
from hub.errors import ImpossiblePairing, UsageError
from hub.training import Training

AGENTS: tuple[type[Planner], ...] = (
    Null,
    RandomFeasible,
    Sampling,
    Myopic,
    IterativeMyopic,
    IterativeDQN,
    PricePolicy,
    Whittle,
)
LEARNERS = (IterativeDQN,)

PROBLEMS: dict[str, Callable[[int], Problem]] = {
    "matching": lambda instance: matching_problem(instance, 8, 3),
    "capacity": lambda instance: capacity_problem(instance, 8, 3),
    "path": lambda instance: path_problem(instance, 8, 3),
    "interventions": lambda instance: interventions_problem(instance, 12, 6, 3),
}
"""Small instances of each coupling, by number."""


def task_of(problem: Problem) -> hub.Task:
    return hub.Task(
        env_id="cormab/Matching-v0",
        observation_space=gym.spaces.MultiDiscrete([4] * problem.arms),
        action_space=gym.spaces.MultiBinary(problem.actions.size),
        model=problem,
        model_tag="hub_envs.cormab:Problem",
    )


def mean_step_rewards(agent: hub.Agent, problem: Problem, seeds: Sequence[int]) -> np.ndarray:
    """Play an episode for each seed and return each one's mean expected reward of a step."""
    slots = np.arange(len(seeds))
    agent.begin(slots.tolist(), seeds)
    uniforms = np.array([np.random.default_rng(seed).random((problem.horizon + 1, problem.arms)) for seed in seeds])
    levels = (uniforms[:, 0] < START_PROBABILITY).astype(np.int64)
    total = np.zeros(len(seeds))
    for step in range(problem.horizon):
        levels, _, expected = problem.step(levels, agent.act(levels, slots), uniforms[:, step + 1])
        total += expected
    return total / problem.horizon


def random_states(problem: Problem, n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4, size=(n, problem.arms))


@pytest.mark.parametrize("coupling", PROBLEMS)
@pytest.mark.parametrize("agent_class", AGENTS)
def test_actions_are_allowed_and_depend_on_episode_and_row_alone(agent_class: type[Planner], coupling: str) -> None:
    problem = PROBLEMS[coupling](3)
    task, states = task_of(problem), random_states(problem, 9)
    if problem.reach is not None and agent_class is Whittle:
        with pytest.raises(ImpossiblePairing, match="several action entries reach an arm"):
            agent_class(task)
        return
    together, apart = agent_class(task, seed=1), agent_class(task, seed=1)
    together.begin(range(9), range(100, 109))
    apart.begin([4, 2], [105, 107])
    for step in range(3):
        actions = together.act(states, np.arange(9))
        assert actions.shape == (9, problem.actions.size)
        assert problem.actions.is_feasible(actions).all()
        for slot, row in ((4, 5), (2, 7)):
            alone = apart.act(states[[row]], np.array([slot]))
            assert (alone[0] == actions[row]).all(), (step, row)


@pytest.mark.parametrize("agent_class", [agent for agent in AGENTS if agent not in LEARNERS])
def test_a_planner_has_no_weights_and_does_not_learn(agent_class: type[Planner]) -> None:
    agent = agent_class(task_of(matching_problem(0, 6, 2)))
    assert agent.weights() == {}
    assert agent.default_train_steps == 0


def test_an_environment_without_the_model_is_refused() -> None:
    problem = matching_problem(0, 6, 2)
    known = task_of(problem)
    task = hub.Task(env_id="elsewhere/Env-v0", observation_space=known.observation_space, action_space=known.action_space)
    with pytest.raises(ImpossiblePairing, match=r"Myopic cannot act in elsewhere/Env-v0.*hub_envs.cormab:Problem"):
        Myopic(task)


@pytest.mark.parametrize("coupling", PROBLEMS)
@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(0, 2**30))
def test_myopic_is_the_best_of_all_and_greedy_and_sampled_play_never_better(coupling: str, instance: int, seed: int) -> None:
    problem = PROBLEMS[coupling](instance)
    task, states, slots = task_of(problem), random_states(problem, 4, seed), np.arange(4)
    everything = problem.actions.enumerate(2**problem.actions.size)
    assert everything is not None
    best = np.array([problem.expected_reward(np.tile(state, (len(everything), 1)), everything).max() for state in states])

    def score(agent: hub.Agent) -> np.ndarray:
        agent.begin(range(4), range(seed, seed + 4))
        return problem.expected_reward(states, agent.act(states, slots))

    np.testing.assert_allclose(score(Myopic(task)), best)
    assert (score(IterativeMyopic(task)) <= best + 1e-9).all()
    assert (score(IterativeMyopic(task)) >= score(Null(task)) - 1e-9).all()
    few, many = score(Sampling(task, draws=2)), score(Sampling(task, draws=50))
    assert (many <= best + 1e-9).all()
    assert (few <= best + 1e-9).all()


def test_sampling_plays_the_best_of_exactly_its_own_draws() -> None:
    problem = matching_problem(5)
    task, states, slots = task_of(problem), random_states(problem, 3), np.arange(3)
    sampling, random = Sampling(task, draws=7), RandomFeasible(task)
    sampling.begin(range(3), [8, 9, 10])
    random.begin(range(3), [8, 9, 10])
    drawn = np.array([random.act(states, slots) for _ in range(7)])
    rewards = np.array([problem.expected_reward(states, actions) for actions in drawn])
    expected = drawn[rewards.argmax(axis=0), slots]
    assert (sampling.act(states, slots) == expected).all()
    with pytest.raises(UsageError, match="draws must be at least 1"):
        Sampling(task, draws=0)


@pytest.mark.parametrize("draw", [matching_problem, capacity_problem, path_problem, interventions_problem])
def test_null_loses_to_random_and_random_to_myopic(draw: Callable[[int], Problem]) -> None:
    problem = draw(1)
    task, seeds = task_of(problem), range(500, 530)
    idle, blind, greedy = (mean_step_rewards(agent(task), problem, seeds) for agent in (Null, RandomFeasible, Myopic))
    for worse, better in ((idle, blind), (blind, greedy)):
        gain = better - worse
        assert gain.mean() > 4 * gain.std(ddof=1) / np.sqrt(len(seeds))


@pytest.mark.parametrize("agent_class", [PricePolicy, Whittle])
def test_looking_ahead_beats_greed(agent_class: type[Planner]) -> None:
    problem = matching_problem(2)
    task, seeds = task_of(problem), range(30)
    gain = mean_step_rewards(agent_class(task), problem, seeds) - mean_step_rewards(Myopic(task), problem, seeds)
    assert gain.mean() > 4 * gain.std(ddof=1) / np.sqrt(len(seeds))


@pytest.mark.parametrize(
    ("draw", "share"), [(matching_problem, 0.95), (capacity_problem, 0.95), (path_problem, 0.9), (interventions_problem, 0.95)]
)
@pytest.mark.parametrize("instance", range(2))
def test_no_policy_exceeds_the_fluid_bound_and_planners_come_close(draw: Callable[[int], Problem], share: float, instance: int) -> None:
    problem, seeds = draw(instance), range(100)
    start = start_levels(problem, START_PROBABILITY)
    bound = price_bound(problem, start, fluid_prices(problem, start)) / problem.horizon
    for agent_class in (Myopic, *([] if problem.reach is not None else [Whittle]), PricePolicy):
        scores = mean_step_rewards(agent_class(task_of(problem)), problem, seeds)
        assert scores.mean() - 3 * scores.std(ddof=1) / np.sqrt(len(seeds)) <= bound
    assert scores.mean() > share * bound


def test_whittle_indices_are_the_prices_of_indifference() -> None:
    problem = matching_problem(1, 6, 2)
    before = np.geterr()
    indices = whittle_indices(problem)
    assert np.geterr() == before
    chances, rewards = move_chances(problem), step_rewards(problem)
    for arm in range(6):
        for level in range(4):
            values = np.zeros(4)
            for _ in range(4000):
                worth = rewards[arm] - indices[arm, level] * np.array([0.0, 1.0]) + problem.discount * chances[arm] @ values
                values = worth.max(axis=1)
            assert worth[level, 0] == pytest.approx(worth[level, 1], abs=1e-6)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(0, 2**30))
def test_iterative_dqn_adds_the_best_pull_until_none_helps(instance: int, seed: int) -> None:
    problem = matching_problem(instance, 8, 3)
    rng = np.random.default_rng(seed)
    network = ReluNetwork(
        weights=(rng.normal(size=(5, 16)), rng.normal(size=(1, 5))), biases=(rng.normal(size=5), rng.normal(size=1)), action_size=8
    )
    state = rng.integers(0, 4, size=8)

    def q(action: Any) -> float:
        return float(network.values(action[None], state[None])[0])

    action, value = build_action(network, problem.actions, state)
    assert value == pytest.approx(q(action))
    assert problem.actions.is_feasible(action[None])[0]
    plain = np.zeros(8, dtype=np.int8)
    while True:
        grown = [np.maximum(plain, unit) for unit in np.eye(8, dtype=np.int8)[plain == 0]]
        allowed = [candidate for candidate in grown if problem.actions.is_feasible(candidate[None])[0]]
        if not allowed or max(map(q, allowed)) <= q(plain):
            break
        plain = max(allowed, key=q)
    assert (action == plain).all()


def test_iterative_dqn_hands_its_weights_on() -> None:
    problem = matching_problem(0)
    task, states, slots = task_of(problem), random_states(problem, 6), np.arange(6)
    one, other = IterativeDQN(task, seed=1), IterativeDQN(task, seed=2)
    other.load_weights(one.weights())
    assert (one.act(states, slots) == other.act(states, slots)).all()
    with pytest.raises(UsageError, match="iterative-dqn: the checkpoint does not fit"):
        other.load_weights(IterativeDQN(task_of(matching_problem(0, 6, 2))).weights())


def test_iterative_dqn_learns_within_its_budget() -> None:
    problem = matching_problem(1, 6, 2)
    task = dataclasses.replace(task_of(problem), env_kwargs={"instance": 1, "arms": 6, "budget": 2})
    agent, untrained = IterativeDQN(task, seed=3), IterativeDQN(task, seed=3)
    training = Training(task, steps=1600, seed=3)
    torch.set_num_threads(1)
    agent.learn(training)
    assert training.remaining == 0
    seeds = range(40)
    scores = [mean_step_rewards(each, problem, seeds).mean() for each in (agent, untrained, RandomFeasible(task))]
    assert scores[0] > 1.1 * max(scores[1:])
