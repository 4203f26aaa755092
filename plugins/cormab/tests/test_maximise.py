"""Every way of maximising finds the same proved maximum, and it is the true one."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from hub_cormab.maximise import GAP, LinearActionSet, ReluNetwork, TableBackend, backend, maximise, pyomo_model
from hub_cormab.maximise.ceilings import Ceilings
from hub_envs.cormab import (
    LinearConstraints,
    MatchingActions,
    Problem,
    capacity_problem,
    interventions_problem,
    matching_problem,
    path_problem,
)
from hub_envs.cormab.constraints import Cuts
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

WAYS: tuple[Any, ...] = ("table", "branch", "mip", "pyomo")


def random_network(rng: np.random.Generator, actions: int, states: int, hidden: tuple[int, ...] = (16, 32)) -> ReluNetwork:
    sizes = [actions + states, *hidden, 1]
    scale = rng.choice([0.5, 1.0, 3.0])
    weights = tuple(scale * rng.normal(size=(out, into)) / np.sqrt(into) for into, out in itertools.pairwise(sizes))
    return ReluNetwork(weights, tuple(0.5 * rng.normal(size=size) for size in sizes[1:]), actions)


def brute_force(network: ReluNetwork, actions: NDArray[np.int8] | None, state: NDArray[np.int64]) -> float:
    assert actions is not None
    inputs = np.hstack([actions, np.tile(state, (len(actions), 1))]).T
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        inputs = np.maximum(weight @ inputs + bias[:, None], 0.0)
    return float((network.weights[-1] @ inputs + network.biases[-1]).max())


def served_by_schedule(problem_actions: Any, action: NDArray[np.int8]) -> bool:
    """Feasibility by its definition: two meetings for each pulled arm, found by augmenting paths over (worker, slot) pairs."""
    places = np.argwhere(problem_actions.worker_slots)
    taken: dict[int, int] = {}

    def place(meeting: int, arm: Any, seen: set[int]) -> bool:
        for index, (_, slot) in enumerate(places):
            if index in seen or not problem_actions.arm_slots[arm, slot]:
                continue
            seen.add(index)
            if index not in taken or place(taken[index], meetings[taken[index]], seen):
                taken[index] = meeting
                return True
        return False

    meetings = [arm for arm in np.flatnonzero(action) for _ in range(2)]
    return int(action.sum()) <= problem_actions.budget and all(place(number, arm, set()) for number, arm in enumerate(meetings))


def knapsack(costs: NDArray[np.float64], room: float) -> LinearActionSet:
    """sum_j costs_j a_j <= room, with the rest of the room in a column of its own, placed before the actions."""
    size = len(costs)
    return LinearActionSet(
        LinearConstraints(
            matrix=sparse.csr_array(np.concatenate([[1.0], costs])[None]),
            row_lower=np.array([room]),
            row_upper=np.array([room]),
            col_lower=np.zeros(1 + size),
            col_upper=np.concatenate([[room], np.ones(size)]),
            integrality=np.concatenate([[0], np.ones(size)]).astype(np.uint8),
            action_columns=1 + np.arange(size),
        )
    )


class OnDemand(MatchingActions):
    """A matching whose Hall rows are given only when a point breaks them."""

    @property
    def relaxation(self) -> LinearConstraints:
        c = self.constraints
        few = slice(0, 1)
        return replace(c, matrix=c.matrix[few], row_lower=c.row_lower[few], row_upper=c.row_upper[few])

    def separate(self, point: NDArray[np.floating[Any]]) -> Cuts:
        c = self.constraints
        broken = c.matrix @ point > c.row_upper + 1e-6
        return Cuts(sparse.csr_array(-c.matrix[broken]), -c.row_upper[broken])


def draw_problem(domain: str, instance: int) -> Problem:
    rng = np.random.default_rng(instance)
    arms, budget = int(rng.integers(6, 11)), int(rng.integers(2, 4))
    if domain == "interventions":
        return interventions_problem(instance, arms=20, interventions=6 + int(rng.integers(0, 2)), budget=3)
    if domain == "capacity":
        return capacity_problem(instance, arms=arms, budget=budget)
    if domain == "path":
        return path_problem(instance, arms=arms, budget=budget)
    problem = matching_problem(instance, arms=arms, budget=budget)
    if domain == "on demand":
        a = problem.actions
        assert isinstance(a, MatchingActions)
        return replace(problem, actions=OnDemand(a.arm_slots, a.worker_slots, a.budget))
    return problem


@pytest.mark.parametrize("instance", range(6))
@pytest.mark.parametrize("domain", ["matching", "on demand", "capacity", "path", "interventions"])
def test_all_ways_and_brute_force_agree(domain: str, instance: int) -> None:
    rng = np.random.default_rng(instance)
    problem = draw_problem(domain, instance)
    every = problem.actions.enumerate(10**6)
    network = random_network(rng, problem.actions.size, problem.arms, (10, 12))
    states = rng.integers(0, 4, size=(2, problem.arms))
    truth = np.array([brute_force(network, every, state) for state in states])
    for method in ("table", "branch", "mip"):
        answer = maximise(network, problem.actions, states, method=method)
        np.testing.assert_allclose(answer.values, truth, atol=1e-5)
        np.testing.assert_allclose(answer.values, network.values(answer.actions, states), atol=1e-9)
        assert (answer.upper_bounds - answer.values <= GAP).all()
        assert (answer.upper_bounds >= truth - 1e-9).all()
        assert answer.proved.all()
        assert problem.actions.is_feasible(answer.actions).all()
        if isinstance(problem.actions, MatchingActions):
            assert all(served_by_schedule(problem.actions, action) for action in answer.actions)


@pytest.mark.parametrize("hidden", [(), (5,), (8, 8, 6)])
def test_any_depth_of_network_and_columns_besides_the_actions(hidden: tuple[int, ...]) -> None:
    rng = np.random.default_rng(len(hidden))
    costs, room = rng.integers(2, 7, size=6).astype(np.float64), 9.0
    actions = knapsack(costs, room)
    every = actions.enumerate(10**6)
    network = random_network(rng, 6, 3, hidden)
    states = rng.normal(size=(3, 3))
    truth = [brute_force(network, every, state) for state in states]
    for method in WAYS:
        answer = maximise(network, actions, states, method=method)
        np.testing.assert_allclose(answer.values, truth, atol=1e-5)
        assert answer.proved.all()
        assert (answer.actions @ costs <= room).all()


def test_a_set_of_linear_constraints_answers_as_its_list_does() -> None:
    rng = np.random.default_rng(0)
    costs, room = rng.integers(2, 7, size=6).astype(np.float64), 9.0
    actions = knapsack(costs, room)
    every = ((np.arange(64)[:, None] >> np.arange(6)) & 1).astype(np.int8)
    fitting = every[every @ costs <= room]
    assert actions.is_feasible(every).tolist() == (every @ costs <= room).tolist()
    assert not actions.is_feasible(np.full((1, 6), 2))[0]
    listed = actions.enumerate(64)
    assert listed is not None
    np.testing.assert_array_equal(listed, fitting)
    assert actions.enumerate(len(fitting) - 1) is None
    weights = rng.normal(size=(5, 6))
    np.testing.assert_allclose((weights * actions.maximise_linear(weights)).sum(axis=1), (weights @ fitting.T).max(axis=1))
    plain = matching_problem(1, arms=7, budget=2).actions
    own = LinearActionSet(plain.constraints)
    tried = rng.integers(0, 2, size=(40, 7))
    np.testing.assert_array_equal(own.is_feasible(tried), plain.is_feasible(tried))


def test_a_set_without_actions_or_with_fractions_for_actions_is_refused() -> None:
    c = knapsack(np.array([2.0, 3.0]), 4.0).constraints
    with pytest.raises(ValueError, match="allow no action"):
        LinearActionSet(replace(c, row_lower=np.array([20.0]), row_upper=np.array([20.0])))
    with pytest.raises(ValueError, match="integer column with bounds between 0 and 1"):
        LinearActionSet(replace(c, integrality=np.zeros(3, dtype=np.uint8)))


def test_ceilings_lie_above_every_action() -> None:
    rng = np.random.default_rng(5)
    for problem in (capacity_problem(3, arms=10, budget=3), matching_problem(3, arms=10, budget=3)):
        every = problem.actions.enumerate(10**6)
        assert every is not None
        ceilings = Ceilings(problem.actions.constraints)
        weights = rng.normal(size=(60, 10)) + rng.choice([0.0, 1.0])
        before = ceilings.bound(weights)
        ceilings.sharpen(np.abs(weights[0]))
        after = ceilings.bound(weights)
        truth = (weights @ every.T).max(axis=1)
        assert (truth <= after + 1e-12).all()
        assert (after <= before).all()
        assert (after < np.maximum(weights, 0.0).sum(axis=1)).any()


def test_a_pyomo_model_can_be_solved_and_extended_by_hand() -> None:
    rng = np.random.default_rng(7)
    problem = capacity_problem(0, arms=6, budget=2)
    network, state = random_network(rng, 6, 6, (6, 5)), rng.integers(0, 4, size=6)
    model = pyomo_model(network, problem.actions, state)
    columns = problem.actions.constraints.action_columns.tolist()
    model.never = pyo.Constraint(expr=model.x[columns[0]] == 0)
    pyo.SolverFactory("appsi_highs").solve(model)
    every = problem.actions.enumerate(10**4)
    assert every is not None
    truth = network.values_in(every[every[:, 0] == 0], state).max()
    assert pyo.value(model.value) == pytest.approx(truth, abs=1e-5)


def test_a_solver_that_is_not_there_is_named() -> None:
    problem = matching_problem(0, arms=6, budget=2)
    for solver, words in (("gurobi", "finds no solver 'gurobi' on this machine"), ("hghs", "knows no solver 'hghs'")):
        with pytest.raises(ValueError, match=words):
            backend(problem.actions, "pyomo", solver=solver)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 4000), scale=st.sampled_from([1e-3, 1.0, 1e4]))
def test_a_table_finds_the_exact_maximum_of_any_list(seed: int, size: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    actions = rng.integers(0, 2, size=(size, 10)).astype(np.int8)
    network = random_network(rng, 10, 4)
    network = ReluNetwork((scale * network.weights[0], *network.weights[1:]), network.biases, 10)
    state = rng.integers(0, 4, size=(1, 4))
    answer = TableBackend(actions).embed(network).maximise(state)
    values = network.values(actions, np.tile(state, (size, 1)))
    assert answer.values[0] == pytest.approx(values.max(), rel=1e-12, abs=1e-12)


def test_values_closer_than_single_precision_are_told_apart() -> None:
    actions = np.eye(3, dtype=np.int8)
    gains = np.array([[1.0, 1.0 + 1e-12, 1.0 - 1e-12]])
    network = ReluNetwork((np.hstack([gains, np.zeros((1, 1))]), np.ones((1, 1))), (np.array([1000.0]), np.zeros(1)), 3)
    answer = TableBackend(actions).embed(network).maximise(np.zeros((1, 1)))
    assert answer.actions.tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("method", WAYS)
def test_a_state_gets_the_same_bits_in_any_company(method: Any) -> None:
    rng = np.random.default_rng(3)
    problem = draw_problem("on demand", 4)
    embedding = backend(problem.actions, method).embed(random_network(rng, problem.arms, problem.arms))
    states = rng.integers(0, 4, size=(6, problem.arms))
    together = embedding.maximise(states)
    for row in range(6):
        alone = embedding.maximise(states[[row]])
        assert alone.values[0] == together.values[row]
        assert alone.upper_bounds[0] == together.upper_bounds[row]
        np.testing.assert_array_equal(alone.actions[0], together.actions[row])


@pytest.mark.parametrize("method", ["branch", "mip"])
def test_a_time_limit_leaves_a_feasible_action_and_a_valid_bound(method: Any) -> None:
    rng = np.random.default_rng(1)
    problem = matching_problem(0, arms=20, budget=5)
    network = random_network(rng, 20, 20)
    states = rng.integers(0, 4, size=(2, 20))
    hurried = maximise(network, problem.actions, states, method=method, time_limit=0.0)
    truth = maximise(network, problem.actions, states, method="table")
    assert set(hurried.status) == {"time limit"}
    assert not hurried.proved.any()
    assert problem.actions.is_feasible(hurried.actions).all()
    assert (hurried.values <= truth.values + 1e-9).all()
    assert (truth.values <= hurried.upper_bounds + 1e-9).all()


@pytest.mark.parametrize("method", ["branch", "mip", "pyomo"])
def test_a_permitted_gap_is_kept_and_reported(method: Any) -> None:
    rng = np.random.default_rng(2)
    problem = matching_problem(0, arms=12, budget=3)
    network = random_network(rng, 12, 12)
    states = rng.integers(0, 4, size=(6, 12))
    loose = maximise(network, problem.actions, states, method=method, gap=0.5)
    truth = maximise(network, problem.actions, states, method="table")
    assert "tolerance" in loose.status
    assert (truth.values <= loose.upper_bounds + 1e-9).all()
    assert (loose.upper_bounds - loose.values <= 0.5 * np.abs(loose.values) + GAP).all()


def test_no_states_get_no_answers() -> None:
    problem = matching_problem(0, arms=6, budget=2)
    answer = maximise(random_network(np.random.default_rng(0), 6, 6), problem.actions, np.zeros((0, 6)))
    assert answer.actions.shape == (0, 6)
    assert answer.values.shape == answer.upper_bounds.shape == answer.proved.shape == (0,)


def test_large_sets_are_left_to_a_search_unless_a_table_is_asked_for() -> None:
    problem = matching_problem(0, arms=8, budget=3)
    network = random_network(np.random.default_rng(0), 8, 8, (6, 5))
    states = np.zeros((1, 8), dtype=np.int64)
    assert maximise(network, problem.actions, states, table_limit=3).values == pytest.approx(
        maximise(network, problem.actions, states).values
    )
    with pytest.raises(ValueError, match="more than 3 actions"):
        maximise(network, problem.actions, states, method="table", table_limit=3)


def test_what_does_not_fit_is_refused_with_its_shape() -> None:
    rng = np.random.default_rng(0)
    problem = matching_problem(0, arms=6, budget=2)
    network = random_network(rng, 6, 6)
    with pytest.raises(ValueError, match=r"states must be \(n, 6\)"):
        maximise(network, problem.actions, np.zeros((2, 5)))
    for method in WAYS:
        with pytest.raises(ValueError, match="actions of length 7"):
            maximise(random_network(rng, 7, 6), problem.actions, np.zeros((1, 6)), method=method)
    with pytest.raises(ValueError, match="method must be"):
        maximise(network, problem.actions, np.zeros((1, 6)), method="guess")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one output"):
        ReluNetwork((np.zeros((2, 3)),), (np.zeros(2),), 1)
    with pytest.raises(ValueError, match="do not fit"):
        ReluNetwork((np.zeros((2, 3)), np.zeros((1, 4))), (np.zeros(2), np.zeros(1)), 1)
    with pytest.raises(ValueError, match="action_size"):
        ReluNetwork((np.zeros((1, 3)),), (np.zeros(1),), 4)
    with pytest.raises(ValueError, match="as many weights"):
        ReluNetwork((), (), 1)
    with pytest.raises(ValueError, match="at least one row"):
        TableBackend(np.zeros((0, 3), dtype=np.int8))
