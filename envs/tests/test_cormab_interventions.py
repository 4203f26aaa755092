"""Interventions bandits: who reaches whom, and how arms answer to it."""

import math

import gymnasium as gym
import numpy as np
import pytest
from hub_envs.cormab import BudgetActions, InterventionsEnv, InterventionsProblem, Problem, Sigmoids, interventions_problem
from hypothesis import assume, given, settings
from hypothesis import strategies as st


def drawn(instance: int, arms: int, interventions: int, budget: int) -> InterventionsProblem:
    """Return the instance, or skip sizes that have none."""
    weak = math.ceil(arms * budget / interventions)
    crews = [count // 3 + count % 3 for count in (budget, interventions - budget)]
    assume(3 * crews[0] <= arms - weak and 3 * crews[1] <= weak)
    return interventions_problem(instance, arms, interventions, budget)


sizes = st.tuples(st.integers(0, 10_000), st.integers(10, 60), st.integers(2, 16), st.integers(1, 8)).filter(lambda size: size[3] < size[2])


@settings(max_examples=80)
@given(sizes)
def test_each_kind_of_intervention_reaches_three_arms_of_its_kind_in_groups(size: tuple[int, int, int, int]) -> None:
    problem = drawn(*size)
    _, arms, interventions, budget = size
    reach, strong = problem.reach, problem.strong
    assert reach is not None
    assert reach.shape == (arms, interventions)
    assert strong.sum() == budget
    assert (reach.sum(axis=0) == 3).all()
    weak_arms = math.ceil(arms * budget / interventions)
    assert not reach[:weak_arms, strong].any()
    assert not reach[weak_arms:, ~strong].any()
    for kind in (strong, ~strong):
        degrees = reach[:, kind].sum(axis=1)
        count = int(kind.sum())
        assert (degrees == 3).sum() == 3 * (count // 3)
        assert (degrees == 1).sum() == 3 * (count % 3)
        assert set(degrees) <= {0, 1, 3}
    for arm in np.flatnonzero(reach.sum(axis=1) == 3):
        group = reach[:, reach[arm] == 1]
        assert (group == group[:, :1]).all()


@settings(max_examples=40)
@given(sizes)
def test_the_table_of_chances_is_the_formula_arm_by_arm(size: tuple[int, int, int, int]) -> None:
    problem = drawn(*size)
    sigmoids = problem.sigmoids
    assert problem.reach is not None
    assert problem.doses == problem.reach.sum(axis=1).max()
    for arm in range(problem.arms):
        a, b, x0 = sigmoids.ceiling[arm], sigmoids.slope[arm], sigmoids.threshold[arm]
        for dose in range(problem.doses + 1):
            p = 0.98 * (a / (1 + math.exp(-(b * 3 * dose - x0))) - a / (1 + math.exp(x0))) + 0.01
            assert problem.chances[arm, dose] == pytest.approx(p, abs=1e-12)
    assert (problem.chances[:, 0] == 0.01).all()
    assert (np.diff(problem.chances, axis=1) > 0).all()


@settings(max_examples=40)
@given(sizes)
def test_parameters_lie_where_the_paper_draws_them_and_repeat(size: tuple[int, int, int, int]) -> None:
    problem, again = drawn(*size), drawn(*size)
    _, arms, interventions, budget = size
    weak = math.ceil(arms * budget / interventions)
    for one, other in (
        (problem.chances, again.chances),
        (problem.reach, again.reach),
        (problem.rewards, again.rewards),
        (problem.strong, again.strong),
    ):
        assert one is not None
        assert (one == other).all()
    sigmoids = problem.sigmoids
    assert set(sigmoids.ceiling[:weak]) <= {0.2, 0.3, 0.4, 0.5}
    assert set(sigmoids.ceiling[weak:]) <= {0.7, 0.8, 0.9, 1.0}
    assert set(sigmoids.slope[:weak]) <= {1.0}
    assert set(sigmoids.slope[weak:]) <= {1.4, 1.5, 1.6, 1.7, 1.8, 1.9}
    assert set(sigmoids.threshold[:weak]) <= {1, 2}
    assert set(sigmoids.threshold[weak:]) <= {9, 10}
    assert set(problem.rewards[:budget, 3]) <= {4, 5, 6}
    assert set(problem.rewards[budget:, 3]) <= {1, 2, 3}


def test_one_intervention_does_nearly_nothing_for_strong_arms_and_most_of_it_for_weak_ones() -> None:
    chances = interventions_problem(0).chances
    assert (chances[10:, 1] < 0.05).all()
    assert (chances[10:, 3] > 0.65).all()
    assert (chances[:10, 1] > 0.6 * chances[:10, 3]).all()


def test_doses_add_up_over_the_interventions_chosen() -> None:
    problem = interventions_problem(3)
    action = problem.actions.sample_feasible(np.random.default_rng(0), 1)
    assert action.sum() == 5
    for arm in range(20):
        assert problem.reach is not None
        dose = sum(int(problem.reach[arm, entry]) for entry in np.flatnonzero(action[0]))
        assert problem.dose(action)[0, arm] == dose
        assert problem.up_prob(action)[0, arm] == problem.chances[arm, dose]


def test_chances_stay_within_zero_and_one_for_any_sigmoid() -> None:
    steep = Sigmoids(np.array([1.5, -1.0]), np.array([5.0, 5.0]), np.array([1.0, 1.0]))
    assert steep.chances(3).tolist() == np.clip(steep.chances(3), 0, 1).tolist()
    assert steep.chances(3)[0, 3] == 1.0
    assert steep.chances(3)[1, 3] == 0.0


def test_the_budget_is_told_in_words_and_as_one_row() -> None:
    actions = BudgetActions(4, 2)
    assert actions.violation(np.array([1, 1, 0, 0])) is None
    assert actions.violation(np.array([1, 1, 1, 0])) == "it chooses 3 entries, and the budget allows 2"
    assert actions.constraints.matrix.toarray().tolist() == [[1, 1, 1, 1]]
    assert actions.maximise_linear(np.array([[1.0, 3.0, -1.0, 2.0], [-1.0, 0.5, -2.0, 0.0]])).tolist() == [[0, 1, 0, 1], [0, 1, 0, 0]]
    with pytest.raises(ValueError, match="budget not negative"):
        BudgetActions(4, -1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budget": 11}, r"budget must not exceed the number of interventions \(10\), and is 11"),
        ({"budget": 10}, "10 strong interventions need 12 strong arms, and of 20 arms 0 are"),
        ({"arms": 12}, "5 weak interventions need 9 weak arms, and of 12 arms 6 are|5 strong interventions need 9 strong arms"),
        ({"interventions": 0}, "budget must not exceed the number of interventions"),
    ],
)
def test_impossible_sizes_say_what_would_be_right(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        InterventionsEnv(**settings)  # type: ignore[arg-type]


def test_actions_are_as_long_as_there_are_interventions() -> None:
    env = InterventionsEnv(arms=40, interventions=14, budget=6)
    assert env.action_space == gym.spaces.MultiBinary(14)
    assert env.observation_space == gym.spaces.MultiDiscrete([4] * 40)


def test_an_explicit_instance_needs_no_sigmoids() -> None:
    problem = Problem(
        budget=1,
        chances=np.array([[0.0, 1.0], [0.0, 1.0]]),
        rewards=np.array([[0.0, 1.0, 2.0, 3.0]] * 2),
        actions=BudgetActions(1, 1),
        reach=np.array([[1], [0]], dtype=np.int8),
        horizon=3,
    )
    env = InterventionsEnv(problem=problem, start_probability=0.0, render_mode="rgb_array")
    env.reset(seed=0)
    for level in (1, 2, 3):
        assert env.step(np.array([1], dtype=np.int8))[0].tolist() == [level, 0]
    assert env.render() is not None
