"""Arms that answer to doses: planners and bound against plain enumeration, where several entries reach one arm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from hub_cormab.baselines.iterative_myopic import IterativeMyopic
from hub_cormab.baselines.myopic import Myopic
from hub_cormab.baselines.price_policy import PricePolicy
from hub_cormab.baselines.sampling import Sampling
from hub_cormab.baselines.whittle import Whittle
from hub_cormab.dose_maximum import DoseMaximum
from hub_cormab.doses import dose_gains, dose_rows, possible_doses
from hub_cormab.fluid_bound import coupling, fluid_prices, start_levels
from hub_cormab.lagrangian import arm_values
from hub_envs.cormab import BudgetActions, Problem
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import hub
from hub.errors import ImpossiblePairing

Draw = Callable[..., Problem]


def task_of(problem: Problem) -> hub.Task:
    return hub.Task(
        env_id="elsewhere/Dosed-v0",
        observation_space=gym.spaces.MultiDiscrete([4] * problem.arms),
        action_space=gym.spaces.MultiBinary(problem.actions.size),
        model=problem,
        model_tag="hub_envs.cormab:Problem",
    )


def everything(problem: Problem) -> NDArray[np.int8]:
    actions = problem.actions.enumerate(2**problem.actions.size)
    assert actions is not None
    return actions


SEEDS = st.integers(0, 2**30)


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 6), st.integers(1, 6), st.integers(0, 6))
def test_table_and_integer_program_find_the_best_doses(dosed: Draw, seed: int, arms: int, size: int, budget: int) -> None:
    problem = dosed(seed, arms, size, min(size, budget))
    gains = np.random.default_rng(seed).normal(size=(3, arms, 4))
    actions = everything(problem)
    doses = problem.dose(actions)
    totals = np.array([[sum(gain[j, dose[j]] for j in range(arms)) for dose in doses] for gain in gains])
    for tabled in (1000, 0):
        chosen = DoseMaximum(problem, tabled=tabled)(gains)
        assert problem.actions.is_feasible(chosen).all()
        reached = [sum(gain[j, dose[j]] for j in range(arms)) for gain, dose in zip(gains, problem.dose(chosen), strict=True)]
        np.testing.assert_allclose(reached, totals.max(axis=1), atol=1e-6)


@settings(max_examples=25)
@given(SEEDS)
def test_gains_are_what_the_expected_reward_grows_by(dosed: Draw, seed: int) -> None:
    problem = dosed(seed)
    actions = everything(problem)
    states = np.random.default_rng(seed).integers(0, 4, size=(len(actions), problem.arms))
    gains = dose_gains(problem, states)
    grown = gains[np.arange(len(actions))[:, None], np.arange(problem.arms), problem.dose(actions)].sum(axis=1)
    idle = problem.expected_reward(states, np.zeros_like(actions))
    np.testing.assert_allclose(idle + grown, problem.expected_reward(states, actions))


@settings(max_examples=25)
@given(SEEDS)
def test_myopic_is_the_best_of_all_and_the_greedy_action_grows_by_the_best_increment(dosed: Draw, seed: int) -> None:
    problem = dosed(seed)
    task, slots = task_of(problem), np.arange(3)
    states = np.random.default_rng(seed).integers(0, 4, size=(3, problem.arms))

    def reward(state: NDArray[Any], actions: NDArray[Any]) -> NDArray[np.float64]:
        return problem.expected_reward(np.tile(state, (len(actions), 1)), actions)

    exact, greedy = Myopic(task).act(states, slots), IterativeMyopic(task).act(states, slots)
    for row, state in enumerate(states):
        assert reward(state, exact[[row]])[0] == pytest.approx(reward(state, everything(problem)).max())
        plain = np.zeros((1, problem.actions.size), dtype=np.int8)
        while True:
            grown = np.maximum(plain, np.eye(problem.actions.size, dtype=np.int8)[plain[0] == 0])
            grown = grown[problem.actions.is_feasible(grown)]
            if not len(grown) or reward(state, grown).max() <= reward(state, plain)[0] + 1e-12:
                break
            plain = grown[[reward(state, grown).argmax()]]
        assert reward(state, greedy[[row]])[0] == pytest.approx(reward(state, plain)[0])
    sampling = Sampling(task, draws=20)
    sampling.begin(range(3), range(3))
    assert (problem.expected_reward(states, sampling.act(states, slots)) <= problem.expected_reward(states, exact) + 1e-9).all()


def test_rows_do_not_depend_on_the_batch(dosed: Draw) -> None:
    problem = dosed(3, arms=6, size=8, budget=4)
    task, slots = task_of(problem), np.arange(64)
    states = np.random.default_rng(0).integers(0, 4, size=(64, 6))
    for agent in (Myopic(task), IterativeMyopic(task), PricePolicy(task)):
        agent.begin(range(64), range(64))
        together = agent.act(states, slots)
        agent.begin(range(64), range(64))
        alone = np.concatenate([agent.act(states[[row]], slots[[row]]) for row in range(64)])
        assert (together == alone).all()


def test_doses_that_cannot_reach_an_arm_earn_it_nothing() -> None:
    problem = Problem(
        budget=2,
        chances=np.array([[0.1, 0.5, 1.0], [0.1, 0.5, 1.0]]),
        rewards=np.tile(np.arange(4.0), (2, 1)),
        actions=BudgetActions(2, 2),
        reach=np.array([[1, 1], [0, 1]], dtype=np.int8),
        horizon=2,
    )
    assert possible_doses(problem).tolist() == [[True, True, True], [True, True, False]]
    assert dose_rows(problem).toarray().tolist() == [[1, 1], [0, 1]]
    values = arm_values(problem, np.zeros((2, 2)))
    np.testing.assert_allclose(values.best[0, 0], values.dosed[0, 0, :, 2])
    np.testing.assert_allclose(values.best[0, 1], values.dosed[0, 1, :, 1])


def test_the_price_policy_takes_the_doses_of_best_advantage(dosed: Draw) -> None:
    problem = dosed(5, arms=4, size=5, budget=2)
    task = task_of(problem)
    agent = PricePolicy(task)
    start = start_levels(problem, 0.2)
    values = arm_values(problem, fluid_prices(problem, start) @ coupling(problem).doses)
    states = np.random.default_rng(1).integers(0, 4, size=(6, 4))
    agent.begin(range(6), range(6))
    actions = everything(problem)
    for step in range(problem.horizon):
        chosen = agent.act(states, np.arange(6))
        for state, action in zip(states, chosen, strict=True):
            worth = values.dosed[step, np.arange(4), state]
            totals = worth[np.arange(4), problem.dose(actions)].sum(axis=1)
            assert worth[np.arange(4), problem.dose(action[None])[0]].sum() == pytest.approx(totals.max())


def test_whittle_indices_are_refused_with_the_reason_and_what_fits(dosed: Draw) -> None:
    with pytest.raises(ImpossiblePairing, match=r"whittle cannot act in elsewhere/Dosed-v0: .*several action entries.*price-policy"):
        Whittle(task_of(dosed(0)))
