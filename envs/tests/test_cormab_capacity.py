"""Capacity bandits: counting arms by cost agrees with packing them one by one, however odd costs and capacities are."""

import itertools
from unittest import mock

import numpy as np
import pytest
from hub_envs.cormab import CapacityActions, CapacityEnv, Problem, capacity_problem
from hub_envs.cormab.capacity import classes as tables
from hub_envs.cormab.capacity import packing as packings
from hypothesis import given, settings
from hypothesis import strategies as st

odd = st.builds(
    lambda costs, capacities: CapacityActions(np.array(costs), np.array(capacities)),
    st.lists(st.integers(1, 12), min_size=1, max_size=7),
    st.lists(st.integers(1, 15), min_size=1, max_size=4),
)
drawn = st.builds(
    lambda instance, arms, budget: capacity_problem(instance, arms, min(arms, budget)).actions,
    st.integers(0, 10_000),
    st.integers(1, 40),
    st.integers(1, 10),
)
seeds = st.integers(0, 2**32 - 1)


def packs(costs: tuple[int, ...], capacities: tuple[int, ...]) -> bool:
    """Try every way of giving the arms to the workers."""
    if not costs:
        return True
    rest = {
        tuple(sorted((*capacities[:i], room - costs[0], *capacities[i + 1 :]))) for i, room in enumerate(capacities) if room >= costs[0]
    }
    return any(packs(costs[1:], left) for left in rest)


def every_action(size: int) -> np.ndarray:
    return np.array(list(itertools.product((0, 1), repeat=size)), dtype=np.int8)


def without_table(actions: CapacityActions, patterns: int = packings.PATTERNS) -> CapacityActions:
    """Return the same set, which answers by packing counts one by one; with few `patterns` allowed, by the program without patterns."""
    twin = CapacityActions(actions.costs, actions.capacities)
    with mock.patch.object(tables, "TABLE_WORK", 0), mock.patch.object(packings, "PATTERNS", patterns):
        assert twin.classes.table is None
        assert (twin.packing.patterns is None) == (patterns == 0)
    return twin


@settings(max_examples=60)
@given(odd)
def test_feasible_is_what_can_be_packed(actions: CapacityActions) -> None:
    cube = every_action(actions.size)
    capacities = tuple(actions.capacities.tolist())
    expected = [packs(tuple(actions.costs[row > 0].tolist()), capacities) for row in cube]
    assert actions.is_feasible(cube).tolist() == expected


@settings(max_examples=25)
@given(odd, st.sampled_from([0, packings.PATTERNS]))
def test_sets_too_large_for_a_table_answer_alike(actions: CapacityActions, patterns: int) -> None:
    cube = every_action(actions.size)[::3]
    twin = without_table(actions, patterns)
    assert twin.is_feasible(cube).tolist() == actions.is_feasible(cube).tolist()
    weights = np.random.default_rng(actions.size).normal(size=(2, actions.size))
    best, again = actions.maximise_linear(weights), twin.maximise_linear(weights)
    assert twin.is_feasible(again).all()
    np.testing.assert_allclose((weights * best).sum(axis=1), (weights * again).sum(axis=1), atol=1e-9)


@settings(max_examples=60)
@given(drawn)
def test_maximal_counts_are_the_feasible_ones_that_nothing_can_join(actions: CapacityActions) -> None:
    fast = actions.classes.maximal_counts(10**6)
    slow = super(tables.CapacityClasses, actions.classes).maximal_counts(50_000)
    assert fast is not None
    if slow is not None:
        assert {tuple(row) for row in fast.tolist()} == {tuple(row) for row in slow.tolist()}
        assert len(fast) == len(slow)
    assert actions.classes.maximal_counts(len(fast) - 1) is None


@settings(max_examples=40)
@given(drawn, seeds, st.booleans())
def test_loads_give_each_pulled_arm_to_one_worker_within_capacity(actions: CapacityActions, seed: int, program: bool) -> None:
    for action in actions.sample_feasible(np.random.default_rng(seed), 2 if program else 6):
        if program:
            with mock.patch.object(packings.Packing, "_best_fit", return_value=None):
                loads = actions.loads(action)
        else:
            loads = actions.loads(action)
        workers, arms = loads.T
        assert sorted(arms) == np.flatnonzero(action).tolist()
        carried = np.bincount(workers, weights=actions.costs[arms], minlength=len(actions.capacities))
        assert (carried <= actions.capacities).all()
        assert (np.diff(workers) >= 0).all()


def test_loads_are_found_where_patterns_are_too_many_and_best_fit_fails() -> None:
    actions = without_table(CapacityActions(np.array([5, 4, 4, 3, 2, 2]), np.array([10, 10])), patterns=0)
    assert actions.packing._best_fit(np.array([2, 1, 2, 1])) is None
    workers, arms = actions.loads(np.ones(6, dtype=np.int8)).T
    assert sorted(arms) == list(range(6))
    assert np.bincount(workers, weights=actions.costs[arms]).tolist() == [10, 10]


def test_more_patterns_than_can_be_listed_still_make_a_usable_set() -> None:
    rng = np.random.default_rng(0)
    actions = CapacityActions(rng.integers(1, 60, size=60), rng.integers(100, 300, size=3))
    assert actions.packing.patterns is None
    action = actions.sample_feasible(rng, 1)[0]
    assert action.any()
    assert actions.violation(action) is None
    assert actions.violation(np.ones(60, dtype=np.int8)) is not None
    weights = rng.random((1, 60))
    best = actions.maximise_linear(weights)
    assert actions.is_feasible(best).all()
    assert weights[0] @ best[0] >= weights[0] @ actions.pack(weights)[0]


@pytest.mark.parametrize(("arms", "workers"), [(100, 20), (200, 40)])
def test_large_instances_have_a_table_that_packs_agree_with(arms: int, workers: int) -> None:
    actions = capacity_problem(1, arms, workers).actions
    assert isinstance(actions, CapacityActions)
    assert actions.classes.table is not None
    rng = np.random.default_rng(0)
    edge = actions.sample_feasible(rng, 8)
    edge[np.arange(8), rng.integers(arms, size=8)] ^= 1
    counts = edge @ actions.classes.membership
    assert actions.is_feasible(edge).tolist() == [actions.packing.of(row.astype(np.int64)) is not None for row in counts]


def test_violations_name_what_cannot_be_carried() -> None:
    actions = CapacityActions(np.array([2, 4, 4, 4, 6, 8]), np.array([7, 7, 2]))
    assert actions.violation(np.array([1, 1, 1, 0, 0, 0])) is None
    assert actions.violation(np.array([1, 1, 1, 1, 1, 0])) == "its arms cost 20, and the workers carry 16 at most (7, 7, 2)"
    assert actions.violation(np.array([1, 0, 0, 0, 0, 1])) == "its dearest arms do not fit the workers: 1 of cost 8 into capacities 7, 7, 2"
    words = "its dearest arms do not fit the workers: 2 of cost 4 + 1 of cost 6 into capacities 7, 7, 2"
    assert actions.violation(np.array([1, 1, 0, 1, 1, 0])) == words
    with pytest.raises(ValueError, match="no loads carry this action: its dearest arms"):
        actions.loads(np.array([1, 1, 0, 1, 1, 0]))


def test_a_greater_number_of_arms_can_be_allowed_where_a_smaller_is_not() -> None:
    actions = CapacityActions(np.array([2, 2, 2, 5, 5]), np.array([6, 4]))
    assert actions.is_feasible(np.array([[1, 1, 1, 0, 0], [0, 0, 0, 1, 1]])).tolist() == [True, False]


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 10))
def test_instances_are_what_their_number_says(instance: int, arms: int, budget: int) -> None:
    budget = min(arms, budget)
    problem, again = capacity_problem(instance, arms, budget), capacity_problem(instance, arms, budget)
    first, second = problem.actions, again.actions
    assert isinstance(first, CapacityActions)
    assert isinstance(second, CapacityActions)
    for one, other in ((first.costs, second.costs), (first.capacities, second.capacities), (problem.chances, again.chances)):
        assert (one == other).all()
    assert set(first.costs) <= set(range(2, 7))
    assert set(first.capacities) <= set(range(2, 8))
    assert (len(first.costs), len(first.capacities)) == (arms, budget)
    assert set(problem.rewards[:budget, 3]) <= {4, 5, 6}
    assert set(problem.rewards[budget:, 3]) <= {1, 2, 3}


def test_draws_cover_all_costs_and_capacities() -> None:
    sets = [capacity_problem(instance, 20, 20).actions for instance in range(20)]
    assert set(np.concatenate([actions.costs for actions in sets if isinstance(actions, CapacityActions)])) == {2, 3, 4, 5, 6}
    assert set(np.concatenate([actions.capacities for actions in sets if isinstance(actions, CapacityActions)])) == {2, 3, 4, 5, 6, 7}


@pytest.mark.parametrize(
    ("costs", "capacities", "message"),
    [([0, 2], [3], "costs"), ([1.5], [3], "costs"), ([2], [], "capacities"), ([2], [[3]], "capacities"), ([2], [-1], "capacities")],
)
def test_impossible_costs_and_capacities_are_named(costs: list[float], capacities: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=f"{message} must be whole numbers of 1 or more"):
        CapacityActions(np.array(costs), np.array(capacities))


def test_an_explicit_instance_plays() -> None:
    drawn = capacity_problem(0, 3, 1)
    problem = Problem(
        budget=1, chances=drawn.chances, rewards=drawn.rewards, actions=CapacityActions(np.array([5, 900, 40]), np.array([940])), horizon=2
    )
    env = CapacityEnv(problem=problem, infeasible="error")
    env.reset(seed=0)
    env.step(np.array([0, 1, 1], dtype=np.int8))
    with pytest.raises(ValueError, match="its arms cost 945, and the workers carry 940 at most"):
        env.step(np.array([1, 1, 1], dtype=np.int8))
