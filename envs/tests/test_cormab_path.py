"""The path bandit's actions: pulls are allowed exactly when a closed walk serves them, by every way of asking."""

from collections import deque
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hub_envs.cormab import (
    Cuts,
    LinearConstraints,
    Network,
    PathActions,
    path_problem,
)
from hub_envs.cormab.path import actions as actions_module
from hub_envs.cormab.path.covers import broken_covers
from hub_envs.cormab.path.instances import draw_network
from hub_envs.cormab.path.search import find_tours
from hub_envs.cormab.path.tours import shortest_tours, tour_lengths, tours_with_another
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, sparse

seeds = st.integers(0, 2**32 - 1)


def random_network(rng: np.random.Generator, arms: int) -> Network:
    """A random tree with some edges more, whatever the generator of instances would draw."""
    order = rng.permutation(arms)
    edges = {tuple(sorted((int(order[i]), int(order[rng.integers(i)])))) for i in range(1, arms)}
    for _ in range(rng.integers(arms)):
        start, end = rng.integers(arms, size=2).tolist()
        if start != end:
            edges.add((min(start, end), max(start, end)))
    return Network.of(sorted(edges), arms, int(rng.integers(arms)))


@st.composite
def small_sets(draw: st.DrawFn, most_arms: int = 8) -> PathActions:
    rng = np.random.default_rng(draw(seeds))
    arms = draw(st.integers(1, most_arms))
    return PathActions(random_network(rng, arms), draw(st.integers(0, arms)), draw(st.integers(0, 12)))


def every_action(size: int) -> np.ndarray:
    return ((np.arange(2**size)[:, None] >> np.arange(size)) & 1).astype(np.int8)


def walked(actions: PathActions) -> np.ndarray:
    """All feasible actions of the cube by the definition: a breadth-first search over (station, stations seen), step by step."""
    network, cube = actions.network, every_action(actions.size)
    neighbours: list[list[int]] = [[] for _ in range(network.arms)]
    for start, end in network.edges.tolist():
        neighbours[start].append(end)
        neighbours[end].append(start)
    seen = {(network.source, 1 << network.source): 0}
    queue = deque(seen)
    while queue:
        here, visited = state = queue.popleft()
        if seen[state] < actions.length:
            for there in neighbours[here]:
                following = there, visited | 1 << there
                if following not in seen:
                    seen[following] = seen[state] + 1
                    queue.append(following)
    home = np.array([visited for here, visited in seen if here == network.source])
    masks = cube.astype(np.int64) @ (1 << np.arange(actions.size))
    return (cube.sum(axis=1) <= actions.budget) & ((masks[:, None] & ~home) == 0).any(axis=1)


def solve(c: LinearConstraints, cost: np.ndarray, action: np.ndarray | None = None, cuts: Cuts | None = None) -> Any:
    lower, upper = c.col_lower.copy(), c.col_upper.copy()
    if action is not None:
        lower[c.action_columns], upper[c.action_columns] = action, np.minimum(action, upper[c.action_columns])
        if (lower > upper).any():
            return None
    rows = [optimize.LinearConstraint(c.matrix, c.row_lower, c.row_upper)]
    if cuts is not None and cuts.lower.size:
        rows.append(optimize.LinearConstraint(cuts.matrix, cuts.lower, np.inf))
    answer = optimize.milp(cost, integrality=c.integrality, bounds=optimize.Bounds(lower, upper), constraints=rows)
    return answer.x


def completed_with_cuts(actions: PathActions, action: np.ndarray) -> bool:
    """Complete the action in the relaxation, with cuts until none is broken."""
    c = actions.relaxation
    cuts = Cuts(sparse.csr_array((0, len(c.col_lower))), np.empty(0))
    while True:
        point = solve(c, np.zeros(len(c.col_lower)), action, cuts)
        if point is None:
            return False
        more = actions.separate(np.rint(point))
        assert (more.matrix @ np.rint(point) < more.lower).all()
        if not more.lower.size:
            return True
        cuts = Cuts(sparse.csr_array(sparse.vstack([cuts.matrix, more.matrix])), np.concatenate([cuts.lower, more.lower]))


def point_of(actions: PathActions, action: np.ndarray) -> np.ndarray:
    """The relaxation's columns for an action and the walk that serves it; an edge walked three times is walked once as well."""
    uses = np.zeros((actions.size, actions.size), dtype=np.int64)
    for start, end in pairwise(actions.walk(action)):
        uses[min(start, end), max(start, end)] += 1
    uses = np.where(uses > 2, 2 - uses % 2, uses)
    visits = (uses.sum(axis=0) + uses.sum(axis=1)) // 2
    start, end = np.sort(actions.network.edges, axis=1).T
    return np.concatenate([action, visits, uses[start, end]])


@settings(max_examples=60)
@given(small_sets())
def test_feasible_is_what_a_search_over_walks_finds(actions: PathActions) -> None:
    expected, cube = walked(actions), every_action(actions.size)
    assert (actions.is_feasible(cube) == expected).all()
    assert (untabled(actions).is_feasible(cube) == expected).all()


def untabled(actions: PathActions) -> PathActions:
    """The same set as if it were too large to list."""
    large = PathActions(actions.network, actions.budget, actions.length)
    large.__dict__["_listed"] = None
    return large


@settings(max_examples=60)
@given(small_sets())
def test_enumeration_is_the_feasible_part_of_the_cube(actions: PathActions) -> None:
    feasible = every_action(actions.size)[walked(actions)]
    listed = actions.enumerate(len(feasible))
    assert listed is not None
    assert len(listed) == len(feasible)
    assert {row.tobytes() for row in listed} == {row.tobytes() for row in feasible}
    assert actions.enumerate(len(feasible) - 1) is None


@settings(max_examples=40)
@given(small_sets(6))
def test_a_violation_is_named_or_a_walk_shown(actions: PathActions) -> None:
    edges = {frozenset(edge) for edge in actions.network.edges.tolist()}
    for action, feasible in zip(every_action(actions.size), walked(actions), strict=True):
        assert (actions.violation(action) is None) == feasible
        if not feasible:
            with pytest.raises(ValueError, match="no walk serves this action"):
                actions.walk(action)
            continue
        walk = actions.walk(action)
        assert walk[0] == walk[-1] == actions.network.source
        assert all(frozenset(step) in edges for step in pairwise(walk))
        assert len(walk) - 1 <= actions.length
        assert set(np.flatnonzero(action)) <= set(walk)


@settings(max_examples=20)
@given(small_sets(6))
def test_flow_constraints_and_relaxation_with_cuts_agree_with_the_walk(actions: PathActions) -> None:
    cube, feasible = every_action(actions.size), walked(actions)
    rng = np.random.default_rng(actions.length)
    for probe in rng.choice(len(cube), size=min(6, len(cube)), replace=False):
        c = actions.constraints
        assert (solve(c, np.zeros(len(c.col_lower)), cube[probe]) is not None) == feasible[probe]
        assert completed_with_cuts(actions, cube[probe]) == feasible[probe]


@settings(max_examples=25)
@given(small_sets(), seeds)
def test_cuts_of_fractional_points_are_broken_there_and_hold_for_every_feasible_action(actions: PathActions, seed: int) -> None:
    c = actions.relaxation
    feasible = every_action(actions.size)[walked(actions)]
    points = np.array([point_of(actions, action) for action in feasible])
    assert c.is_met(points).all()
    cost = np.zeros(len(c.col_lower))
    cost[: actions.size] = -np.random.default_rng(seed).random(actions.size)
    matrix, lower, upper = c.matrix, c.row_lower, c.row_upper
    for _ in range(60):
        point = optimize.milp(
            cost, bounds=optimize.Bounds(c.col_lower, c.col_upper), constraints=optimize.LinearConstraint(matrix, lower, upper)
        ).x
        cuts = actions.separate(point)
        assert (cuts.matrix @ point < cuts.lower).all()
        held = (cuts.matrix @ points.T).T - cuts.lower
        assert (held >= 0).all()
        if not cuts.lower.size:
            return
        matrix = sparse.csr_array(sparse.vstack([matrix, cuts.matrix]))
        lower, upper = np.concatenate([lower, cuts.lower]), np.concatenate([upper, np.full(len(cuts.lower), np.inf)])
    pytest.fail("sixty rounds of cuts did not end")


@settings(max_examples=60)
@given(small_sets(), seeds)
def test_covers_are_broken_forbidden_and_not_larger_than_needed(actions: PathActions, seed: int) -> None:
    pulls = np.random.default_rng(seed).random(actions.size) ** 0.2
    covers = broken_covers(pulls, actions.is_feasible)
    assert len(np.unique(covers, axis=0)) == len(covers)
    assert (covers @ pulls > covers.sum(axis=1) - 1).all()
    assert not actions.is_feasible(covers).any()
    for cover in covers:
        smaller = cover & ~np.eye(actions.size, dtype=bool)[cover]
        assert actions.is_feasible(smaller).all()


def test_the_released_program_lets_loops_stand_for_visits_and_ours_does_not() -> None:
    """Arcs and loops f_jkt in time, at most one real arc a step, a_j <= sum_kt f_kjt: loops f_jj cost nothing and need no walk."""
    line = Network.of([[arm, arm + 1] for arm in range(5)], 6)
    actions = PathActions(line, budget=2, length=4)
    arcs = np.array([*line.edges, *line.edges[:, ::-1], *((arm, arm) for arm in range(6))])
    steps, count, arms = 4, len(arcs), 6
    columns = arms + steps * count
    rows, lower, upper = [], [], []

    def add(coefficients: dict[int, float], low: float, high: float) -> None:
        row = np.zeros(columns)
        for column, value in coefficients.items():
            row[column] += value
        rows.append(row)
        lower.append(low)
        upper.append(high)

    def at(step: int, chosen: np.ndarray, value: float = 1.0) -> dict[int, float]:
        return {arms + step * count + int(arc): value for arc in np.flatnonzero(chosen)}

    tail, head = arcs.T
    for step in range(steps):
        add(at(step, tail != head), 0, 1)
    for step, arm in np.ndindex(steps - 1, arms):
        add({**at(step, head == arm), **at(step + 1, tail == arm, -1.0)}, 0, 0)
    add(at(0, tail == 0), 1, 1)
    add(at(steps - 1, head == 0), 1, 1)
    for arm in range(arms):
        add({arm: -1.0, **{column: 1.0 for step in range(steps) for column in at(step, head == arm)}}, 0, np.inf)
    add(dict.fromkeys(range(arms), 1.0), 0, 2)
    released = LinearConstraints(
        matrix=sparse.csr_array(np.array(rows)),
        row_lower=np.array(lower),
        row_upper=np.array(upper),
        col_lower=np.zeros(columns),
        col_upper=np.ones(columns),
        integrality=np.ones(columns, dtype=np.uint8),
        action_columns=np.arange(arms),
    )
    far = np.array([0, 0, 0, 0, 1, 1], dtype=np.int8)
    assert solve(released, np.zeros(columns), far) is not None
    assert not actions.is_feasible(far[None])[0]
    assert actions.violation(far) == "the shortest closed walk from arm 0 through arms 4, 5 has 10 edges, and 4 are allowed"


@settings(max_examples=25)
@given(small_sets(), seeds)
def test_linear_maximum_equals_brute_force(actions: PathActions, seed: int) -> None:
    weights = np.random.default_rng(seed).normal(size=(3, actions.size)).round(1)
    feasible = every_action(actions.size)[walked(actions)]
    for one in (actions, untabled(actions)):
        best = one.maximise_linear(weights)
        assert actions.is_feasible(best).all()
        np.testing.assert_allclose((weights * best).sum(axis=1), (weights @ feasible.T).max(axis=1), atol=1e-9)
        assert not best[weights <= 0].any()


@settings(max_examples=40)
@given(small_sets(), seeds)
def test_packing_adds_whatever_fits_in_falling_order(actions: PathActions, seed: int) -> None:
    priorities = np.random.default_rng(seed).random((4, actions.size)).round(1)
    priorities[0, 0] = -np.inf
    feasible = dict(zip(map(bytes, every_action(actions.size)), walked(actions), strict=True))
    for one in (actions, untabled(actions)):
        for row, packed in zip(priorities, one.pack(priorities), strict=True):
            expected = np.zeros(actions.size, dtype=np.int8)
            for arm in np.argsort(-row, kind="stable"):
                expected[arm] = row[arm] > -np.inf
                expected[arm] = feasible[bytes(expected)] and expected[arm]
            assert (packed == expected).all()


def test_packing_is_the_same_where_the_first_pulls_no_longer_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    priorities = np.random.default_rng(0).random((6, 24))
    actions = untabled(path_problem(3, 24, 8).actions)  # type: ignore[arg-type]
    expected = actions.pack(priorities)
    monkeypatch.setattr(actions_module, "CORE", 3)
    assert (actions.pack(priorities) == expected).all()


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(3, 9), seeds)
def test_branch_and_bound_the_recursion_and_its_extension_agree(instance: int, pulls: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    hops = draw_network(np.random.default_rng(instance), 30).hops
    stations = np.array([rng.permutation(30)[: pulls + 1] for _ in range(8)])
    d = hops[stations[:, :, None], stations[:, None, :]]
    shortest = shortest_tours(d)
    for limit in np.unique(shortest):
        order, found = find_tours(d, int(limit))
        assert (found == (shortest <= limit)).all()
        assert (np.sort(order, axis=1) == np.arange(pulls + 1)).all()
        assert (tour_lengths(d, order)[found] <= limit).all()
    fewer = stations[:, :-1]
    joined = tours_with_another(d[:, :-1, :-1], hops[fewer])
    assert (joined[np.arange(8), stations[:, -1]] == shortest).all()


def test_branching_decides_where_bounds_and_short_tours_leave_a_gap() -> None:
    """Two triangles joined by three ways of two edges: the bound is 9 and the shortest tour 10."""
    edges = [[0, 1], [1, 2], [0, 2], [3, 4], [4, 5], [3, 5], [0, 6], [6, 3], [1, 7], [7, 4], [2, 8], [8, 5]]
    network = Network.of(edges, 9)
    d = network.hops[None]
    shortest = int(shortest_tours(d)[0])
    assert shortest == 10
    assert [bool(find_tours(d, limit)[1][0]) for limit in (8, 9, 10)] == [False, False, True]


@pytest.mark.parametrize(("arms", "budget"), [(40, 10), (100, 20)])
def test_large_sets_answer_consistently(arms: int, budget: int) -> None:
    actions = path_problem(1, arms, budget).actions
    assert isinstance(actions, PathActions)
    assert actions.enumerate(5_000) is None
    packed = actions.sample_feasible(np.random.default_rng(0), 2)
    assert actions.is_feasible(packed).all()
    relaxed = actions.relaxation
    for action in packed:
        walk = actions.walk(action)
        assert len(walk) - 1 <= actions.length
        assert set(np.flatnonzero(action)) <= set(walk)
        point = point_of(actions, action)
        assert relaxed.is_met(point[None])[0]
        assert not actions.separate(point).lower.size
        grown = np.repeat(action[None], arms, axis=0)
        np.fill_diagonal(grown, 1)
        assert not actions.is_feasible(grown[action == 0]).any()
    network, rng = actions.network, np.random.default_rng(1)
    stations = np.array([[network.source, *rng.permutation(arms)[:8]] for _ in range(40)])
    eight = np.zeros((40, arms), dtype=np.int8)
    np.put_along_axis(eight, stations[:, 1:], 1, axis=1)
    lengths = shortest_tours(network.hops[stations[:, :, None], stations[:, None, :]])
    assert 0 < (lengths <= actions.length).sum() < 40
    assert (actions.is_feasible(eight) == (lengths <= actions.length)).all()


def test_the_linear_maximum_of_a_large_set_is_no_pack_and_solves_the_flow_program() -> None:
    actions = path_problem(1, 30, 4).actions
    assert isinstance(actions, PathActions)
    weights = np.random.default_rng(1).normal(size=30)
    best = untabled(actions).maximise_linear(weights[None])[0]
    listed = actions.enumerate(200_000)
    assert listed is not None
    assert weights @ best == pytest.approx((listed @ weights).max())


def test_random_actions_need_exactly_their_uniforms() -> None:
    actions = path_problem(3).actions
    rng, twin = np.random.default_rng(5), np.random.default_rng(5)
    drawn = actions.sample_feasible(rng, 400)
    twin.random((400, 20))
    assert rng.bit_generator.state == twin.bit_generator.state
    possible = actions.is_feasible(np.eye(20, dtype=np.int8))
    assert (drawn.any(axis=0) == possible).all()
