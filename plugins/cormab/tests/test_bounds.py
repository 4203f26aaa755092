"""The fluid bound: above every policy, equal to the optimum where nothing couples the arms."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hub_cormab.fluid_bound import coupling, fluid_bound, fluid_prices, price_bound, start_levels
from hub_cormab.lagrangian import arm_values
from hub_envs.cormab import (
    ActionSet,
    LinearConstraints,
    MatchingActions,
    MatchingEnv,
    Problem,
    capacity_problem,
    interventions_problem,
    matching_problem,
    path_problem,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

Draw = Callable[..., Problem]


def best_mean_reward(problem: Problem, start: np.ndarray) -> float:
    """Solve the whole bandit by backward induction over all joint levels and feasible actions."""
    states = np.array(list(itertools.product(range(4), repeat=problem.arms)))
    moves = np.array(list(itertools.product((False, True), repeat=problem.arms)))
    actions = problem.actions.enumerate(2**problem.actions.size)
    assert actions is not None
    place = 4 ** np.arange(problem.arms)[::-1]
    after = np.where(moves, np.minimum(states[:, None] + 1, 3), np.maximum(states[:, None] - 1, 0)) @ place
    values = np.zeros(len(states))
    for _ in range(problem.horizon):
        worth = []
        for action in actions:
            p = problem.up_prob(action[None])
            chances = np.where(moves, p, 1 - p).prod(axis=1)
            worth.append(problem.expected_reward(states, np.tile(action, (len(states), 1))) + values[after] @ chances)
        values = np.max(worth, axis=0)
    return float(start[np.arange(problem.arms), states].prod(axis=1) @ values) / problem.horizon


def bound_of(problem: Problem, chance: float) -> float:
    start = start_levels(problem, chance)
    return price_bound(problem, start, fluid_prices(problem, start)) / problem.horizon


TINY: dict[str, Draw] = {
    "matching": lambda instance, horizon: matching_problem(instance, 3, 1 + instance % 2, horizon),
    "capacity": lambda instance, horizon: capacity_problem(instance, 3, 1 + instance % 2, horizon),
    "path": lambda instance, horizon: path_problem(instance, 3, 1 + instance % 2, horizon),
    "interventions": lambda instance, horizon: interventions_problem(instance, 6, 2, 1, horizon),
}


@pytest.mark.parametrize("coupling", TINY)
@settings(max_examples=8)
@given(st.integers(0, 10_000), st.floats(0, 1), st.integers(1, 5))
def test_the_bound_is_above_the_optimum_of_coupled_arms(coupling: str, instance: int, chance: float, horizon: int) -> None:
    problem = TINY[coupling](instance, horizon)
    assert bound_of(problem, chance) >= best_mean_reward(problem, start_levels(problem, chance)) - 1e-9


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.floats(0, 1), st.integers(1, 5))
def test_the_bound_is_above_the_optimum_of_shared_entries(dosed: Draw, seed: int, chance: float, horizon: int) -> None:
    problem = dosed(seed, arms=3, size=4, budget=2, horizon=horizon)
    assert bound_of(problem, chance) >= best_mean_reward(problem, start_levels(problem, chance)) - 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_the_bound_is_the_optimum_of_one_arm_and_all_its_doses(dosed: Draw, seed: int) -> None:
    problem = dosed(seed, arms=1, size=3, budget=3)
    assert bound_of(problem, 0.3) == pytest.approx(best_mean_reward(problem, start_levels(problem, 0.3)), abs=1e-9)


def test_the_environment_says_how_arms_start() -> None:
    env = MatchingEnv(instance=2, arms=8, budget=2, start_probability=0.7)
    assert fluid_bound(env) == bound_of(env.unwrapped.model, 0.7) != bound_of(env.unwrapped.model, 0.2)


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.floats(0, 1), st.integers(1, 6))
def test_the_bound_is_the_optimum_where_nothing_couples_the_arms(instance: int, chance: float, horizon: int) -> None:
    drawn = matching_problem(instance, 3, 3, horizon)
    free = MatchingActions(np.ones((3, 5), dtype=bool), np.ones((3, 5), dtype=bool), budget=3)
    problem = Problem(budget=3, chances=drawn.chances, rewards=drawn.rewards, actions=free, horizon=horizon)
    assert bound_of(problem, chance) == pytest.approx(best_mean_reward(problem, start_levels(problem, chance)), abs=1e-9)


DRAWN: dict[str, Draw] = {
    "matching": lambda instance: matching_problem(instance, 8, 3, horizon=5),
    "capacity": lambda instance: capacity_problem(instance, 8, 3, horizon=5),
    "path": lambda instance: path_problem(instance, 8, 3, horizon=5),
    "interventions": lambda instance: interventions_problem(instance, 12, 6, 3, horizon=5),
}


@pytest.mark.parametrize("coupling", DRAWN)
@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(0, 2**30))
def test_any_prices_bound_and_the_programs_bound_best(coupling: str, instance: int, seed: int) -> None:
    problem = DRAWN[coupling](instance)
    start = start_levels(problem, 0.2)
    best = fluid_prices(problem, start)
    rng = np.random.default_rng(seed)
    tightest = price_bound(problem, start, best)
    for other in (np.zeros_like(best), rng.exponential(size=best.shape), best * rng.uniform(0, 2, size=best.shape)):
        assert price_bound(problem, start, other) >= tightest - 1e-6


class Meetings(MatchingActions):
    """The same actions, described with a column for each meeting."""

    @property
    def constraints(self) -> LinearConstraints:
        """Actions and meetings."""
        return self.assignment_constraints()


def test_auxiliary_columns_and_lower_bounds_of_rows_are_understood() -> None:
    problem = matching_problem(0, 8, 3, horizon=4)
    assert isinstance(problem.actions, MatchingActions)
    actions = Meetings(problem.actions.arm_slots, problem.actions.worker_slots, problem.actions.budget)
    long = Problem(budget=3, chances=problem.chances, rewards=problem.rewards, actions=actions, horizon=problem.horizon)
    start = start_levels(problem, 0.2)
    short_bound = price_bound(problem, start, fluid_prices(problem, start))
    long_bound = price_bound(long, start, fluid_prices(long, start))
    assert coupling(long).extras.shape[1] > 0
    # Fractions of a meeting are allowed here, and the halved, rounded Hall rows cut some of them off.
    assert long_bound >= short_bound - 1e-7
    idle = price_bound(problem, start, np.zeros((4, coupling(problem).doses.shape[0])))
    assert long_bound < idle


def test_rows_with_two_bounds_become_two() -> None:
    class TwoSided(MatchingActions):
        """Between none and two of three arms."""

        @property
        def constraints(self) -> LinearConstraints:
            """One row."""
            return LinearConstraints(
                matrix=sparse.csr_array(np.ones((1, 3))),
                row_lower=np.zeros(1),
                row_upper=np.full(1, 2.0),
                col_lower=np.zeros(3),
                col_upper=np.ones(3),
                integrality=np.ones(3, dtype=np.uint8),
                action_columns=np.arange(3),
            )

    drawn = matching_problem(0, 3, 2)
    actions: ActionSet = TwoSided(np.ones((3, 5), dtype=bool), np.ones((2, 5), dtype=bool), 2)
    rows = coupling(Problem(budget=2, chances=drawn.chances, rewards=drawn.rewards, actions=actions))
    assert rows.doses.toarray().tolist() == [[1, 1, 1], [-1, -1, -1]]
    assert rows.most.tolist() == [2, 0]


def test_values_at_no_price_are_those_of_arms_alone() -> None:
    problem = matching_problem(2, 4, 2, horizon=3)
    values = arm_values(problem, np.zeros((3, 4)))
    last = problem.expected_reward(np.zeros((1, 4), dtype=np.int64), np.ones((1, 4)))
    assert values.dosed[-1, :, 0, 1].sum() == pytest.approx(last[0])
    assert not values.best[-1].any()
    assert (values.best[:-1] == values.dosed.max(axis=3)).all()
    dear = arm_values(problem, np.full((3, 4), 1e6))
    assert (dear.best[:-1] == dear.dosed[..., 0]).all()
