"""The allowed actions of all closed bandits, and of matching ones: every way of asking about them agrees with what they stand for."""

import numpy as np
import pytest
from hub_envs.cormab import (
    ActionSet,
    BudgetActions,
    CapacityActions,
    LinearConstraints,
    MatchingActions,
    capacity_problem,
    matching_problem,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, sparse

instances = st.integers(0, 10_000)
coupled = st.sampled_from([matching_problem, capacity_problem])
small = st.one_of(
    st.builds(
        lambda make, instance, arms, budget: make(instance, arms, min(arms, budget)).actions,
        coupled,
        instances,
        st.integers(1, 9),
        st.integers(1, 5),
    ),
    st.builds(BudgetActions, st.integers(1, 9), st.integers(0, 5)),
)
schedules = st.builds(
    lambda instance, arms, budget: matching_problem(instance, arms, budget).actions,
    instances,
    st.integers(12, 30),
    st.integers(3, 12),
)
loads = st.builds(
    lambda instance, arms, budget: capacity_problem(instance, arms, budget).actions,
    instances,
    st.integers(12, 30),
    st.integers(3, 12),
)
medium = st.one_of(schedules, loads, st.builds(BudgetActions, st.integers(12, 30), st.integers(3, 12)))
seeds = st.integers(0, 2**32 - 1)


def every_action(size: int) -> np.ndarray:
    return ((np.arange(2**size)[:, None] >> np.arange(size)) & 1).astype(np.int8)


def completes(c: LinearConstraints, action: np.ndarray) -> bool:
    """Ask HiGHS whether the model's auxiliary columns can be set such that they go with the action."""
    lower, upper = c.col_lower.copy(), c.col_upper.copy()
    lower[c.action_columns] = upper[c.action_columns] = action
    answer = optimize.milp(
        np.zeros(len(lower)),
        integrality=c.integrality,
        bounds=optimize.Bounds(lower, upper),
        constraints=optimize.LinearConstraint(c.matrix, c.row_lower, c.row_upper),
    )
    return answer.x is not None


def probes(actions: ActionSet, seed: int) -> np.ndarray:
    """Mix random subsets near the edge of what is allowed: packed actions, and the same with a pull moved or added."""
    rng = np.random.default_rng(seed)
    inside = actions.sample_feasible(rng, 4)
    outside = inside.copy()
    for row in outside:
        row[rng.integers(actions.size)] ^= 1
        row[rng.integers(actions.size)] ^= 1
    return np.concatenate([inside, outside, (rng.random((4, actions.size)) < 0.2).astype(np.int8)])


@settings(max_examples=12)
@given(st.one_of(schedules, loads), seeds)
def test_feasibility_agrees_with_the_model_that_says_who_serves_whom(actions: MatchingActions | CapacityActions, seed: int) -> None:
    for action in probes(actions, seed):
        assert bool(actions.is_feasible(action[None])[0]) == completes(actions.assignment_constraints(), action)


@settings(max_examples=25)
@given(medium, seeds)
def test_constraints_agree_with_feasibility(actions: ActionSet, seed: int) -> None:
    for action in probes(actions, seed):
        assert bool(actions.is_feasible(action[None])[0]) == completes(actions.constraints, action)


@settings(max_examples=60)
@given(schedules, seeds)
def test_a_schedule_exists_exactly_for_feasible_actions_and_keeps_every_rule(actions: MatchingActions, seed: int) -> None:
    for action in probes(actions, seed):
        if actions.is_feasible(action[None])[0]:
            schedule = actions.schedule(action)
            workers, arms, slots = schedule.T
            assert actions.worker_slots[workers, slots].all()
            assert actions.arm_slots[arms, slots].all()
            assert len(np.unique(schedule[:, [0, 2]], axis=0)) == len(schedule)
            assert (np.bincount(arms, minlength=actions.size) == 2 * action).all()
            assert action.sum() <= actions.budget
        else:
            with pytest.raises(ValueError, match="no schedule serves this action"):
                actions.schedule(action)


@settings(max_examples=60)
@given(medium, seeds)
def test_violation_is_named_exactly_when_there_is_one(actions: ActionSet, seed: int) -> None:
    for action in probes(actions, seed):
        assert (actions.violation(action) is None) == actions.is_feasible(action[None])[0]


@settings(max_examples=60)
@given(small)
def test_enumeration_is_the_feasible_part_of_the_cube(actions: ActionSet) -> None:
    cube = every_action(actions.size)
    feasible = cube[actions.is_feasible(cube)]
    listed = actions.enumerate(len(feasible))
    assert listed is not None
    assert {row.tobytes() for row in listed} == {row.tobytes() for row in feasible}
    assert len(listed) == len(feasible)
    assert actions.enumerate(len(feasible) - 1) is None


@settings(max_examples=60)
@given(small, seeds)
def test_linear_maximum_equals_brute_force(actions: ActionSet, seed: int) -> None:
    weights = np.random.default_rng(seed).normal(size=(5, actions.size)).round(1)
    listed = actions.enumerate(2**actions.size)
    assert listed is not None
    best = actions.maximise_linear(weights)
    assert actions.is_feasible(best).all()
    np.testing.assert_allclose((weights * best).sum(axis=1), (weights @ listed.T).max(axis=1), atol=1e-12)
    assert not best[weights <= 0].any()


def test_linear_maximum_stays_exact_where_counts_are_too_many_to_list() -> None:
    weights = np.random.default_rng(0).normal(size=(1, 100))
    for make in (matching_problem, capacity_problem):
        actions = make(2, 100, 20).actions
        assert isinstance(actions, MatchingActions | CapacityActions)
        assert (actions.classes.maximal_counts(100_000) is None) == (make is matching_problem)
        best = actions.maximise_linear(weights)
        assert actions.is_feasible(best).all()
        for row, action in zip(weights, best, strict=True):
            c = actions.assignment_constraints()
            cost = np.zeros(len(c.col_lower))
            cost[c.action_columns] = -row
            answer = optimize.milp(
                cost,
                integrality=c.integrality,
                bounds=optimize.Bounds(c.col_lower, c.col_upper),
                constraints=optimize.LinearConstraint(c.matrix, c.row_lower, c.row_upper),
                options={"mip_rel_gap": 0.0},
            )
            assert row @ action == pytest.approx(-answer.fun, abs=1e-6)


def test_falling_weight_is_not_always_best_so_the_set_is_no_matroid() -> None:
    arm_slots = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], dtype=bool)
    actions = MatchingActions(arm_slots, np.ones((1, 4), dtype=bool), budget=3)
    weights = np.array([[2.0, 3.0, 2.0]])
    assert actions.pack(weights).tolist() == [[0, 1, 0]]
    assert actions.maximise_linear(weights).tolist() == [[1, 0, 1]]


@settings(max_examples=60)
@given(medium, seeds)
def test_packing_is_feasible_maximal_and_row_by_row(actions: ActionSet, seed: int) -> None:
    priorities = np.random.default_rng(seed).random((6, actions.size))
    packed = actions.pack(priorities)
    assert actions.is_feasible(packed).all()
    for row, priority in zip(packed, priorities, strict=True):
        assert (actions.pack(priority[None])[0] == row).all()
        grown = np.repeat(row[None], actions.size, axis=0)
        np.fill_diagonal(grown, 1)
        assert not actions.is_feasible(grown[row == 0]).any()


def test_packing_leaves_out_what_is_worth_minus_infinity_and_breaks_ties_by_index() -> None:
    actions = matching_problem(0, 10, 3).actions
    assert not actions.pack(np.full((2, 10), -np.inf)).any()
    first = actions.pack(np.zeros((1, 10)))[0]
    assert (first == actions.pack(-np.arange(10.0)[None])[0]).all()


def test_random_actions_reach_every_arm_and_need_exactly_their_uniforms() -> None:
    actions = matching_problem(3).actions
    rng, twin = np.random.default_rng(5), np.random.default_rng(5)
    drawn = actions.sample_feasible(rng, 400)
    twin.random((400, 20))
    assert rng.bit_generator.state == twin.bit_generator.state
    possible = actions.is_feasible(np.eye(20, dtype=np.int8))
    assert (drawn.any(axis=0) == possible).all()


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 10), seeds)
def test_instances_are_what_their_number_says(instance: int, arms: int, budget: int, seed: int) -> None:
    budget = min(arms, budget)
    problem, again = matching_problem(instance, arms, budget), matching_problem(instance, arms, budget)
    for name in ("passive", "active", "rewards"):
        assert (getattr(problem, name) == getattr(again, name)).all()
    assert ((problem.passive >= 0) & (problem.passive < 0.2)).all()
    assert ((problem.active >= 0.7) & (problem.active < 0.9)).all()
    assert set(problem.rewards[:budget, 3]) <= {4, 5, 6}
    assert set(problem.rewards[budget:, 3]) <= {1, 2, 3}
    actions = problem.actions
    assert isinstance(actions, MatchingActions)
    assert actions.arm_slots.shape == (arms, 5)
    assert (actions.arm_slots.sum(axis=1) == 2).all()
    assert actions.worker_slots.shape == (budget, 5)
    assert (actions.worker_slots.sum(axis=1) == 3).all()
    assert len(actions.constraints.row_upper) <= 32
    assert actions.is_feasible(np.zeros((1, arms))).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((-1, 5, 2), "instance"), ((0, 5, 6), "budget"), ((0, 5, 0), "budget"), ((0, 0, 0), "budget"), ((0, 5, 2, 0), "horizon")],
)
def test_impossible_instances_say_what_is_wrong(arguments: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        matching_problem(*arguments)


def test_availability_of_different_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="arm_slots"):
        MatchingActions(np.ones((3, 4), dtype=bool), np.ones((2, 5), dtype=bool), 1)
    with pytest.raises(ValueError, match="budget"):
        MatchingActions(np.ones((3, 5), dtype=bool), np.ones((2, 5), dtype=bool), -1)


def test_constraint_data_is_checked_and_evaluated() -> None:
    def build(**changes: object) -> LinearConstraints:
        fields: dict[str, object] = {
            "matrix": sparse.csr_array(np.array([[1.0, 1.0, 0.0]])),
            "row_lower": np.array([1.0]),
            "row_upper": np.array([2.0]),
            "col_lower": np.zeros(3),
            "col_upper": np.ones(3),
            "integrality": np.array([1, 1, 0], dtype=np.uint8),
            "action_columns": np.array([0, 1]),
        }
        return LinearConstraints(**{**fields, **changes})  # type: ignore[arg-type]

    points = np.array([[1, 0, 0.5], [0, 0, 0.5], [0.5, 0.5, 0], [1, 1, 2]])
    assert build().is_met(points).tolist() == [True, False, False, False]
    with pytest.raises(ValueError, match="row_upper has shape"):
        build(row_upper=np.zeros(2))
    with pytest.raises(ValueError, match="action_columns"):
        build(action_columns=np.array([3]))
