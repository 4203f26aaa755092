"""Closed walks as connected even multigraphs: linear constraints over integers, and cuts that connect.

How often a closed walk uses each edge, x_e, is even at every station, sum_{e at v} x_e = 2 d_v, and nothing is gained by using an edge
three times. The other way round, edges with even degrees are a closed walk when they hang together (Euler). So an action is feasible
exactly when integers x_e in {0, 1, 2} and d_v >= 0 exist with sum x_e <= L, a_v <= d_v (the source needs no visit to be pulled),
sum a_v <= B, and every pulled station joined to the source by used edges.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse
from scipy.sparse import csgraph

from hub_envs.cormab.constraints import TOLERANCE, Cuts, LinearConstraints
from hub_envs.cormab.path.network import Network, adjacency

BROKEN = 1e-4
"""A cut is worth its row when it is broken by more than this."""

SCALE = 1 << 20
"""Capacities are multiples of 1 / SCALE in the search for smallest cuts, which wants whole numbers."""


def incidence(network: Network) -> sparse.csr_array:
    """Return (J, E) ones where an edge ends in a station."""
    count = len(network.edges)
    rows, columns = network.edges.ravel(), np.repeat(np.arange(count), 2)
    return sparse.csr_array((np.ones(2 * count), (rows, columns)), shape=(network.arms, count))


def relaxation(network: Network, budget: int, length: int) -> LinearConstraints:
    """Return all but the connection: columns a (J), d (J), x (E).

    Rows: even degrees (J), visits a_v <= d_v for all but the source (J - 1), the source's visit a_v <= d_source (J - 1), length, budget,
    and for arms of which any two are too far apart, sum a <= 1. Columns of arms and edges that no walk of `length` reaches are zero.
    """
    arms, count, hops = network.arms, len(network.edges), network.hops
    eye = sparse.eye_array(arms, format="csr")
    others = eye[np.flatnonzero(np.arange(arms) != network.source)]
    home = sparse.csr_array(np.repeat(np.eye(arms)[[network.source]], arms - 1, axis=0))
    cliques = _cliques(network.hops[network.source][:, None] + hops + hops[network.source] > length)
    matrix = sparse.block_array(
        [
            [None, -2 * eye, incidence(network)],
            [others, -others, None],
            [others, -home, None],
            [None, None, sparse.csr_array(np.ones((1, count)))],
            [sparse.csr_array(np.ones((1, arms))), None, None],
            [sparse.csr_array(cliques.astype(np.float64)), None, None],
        ],
        format="csr",
    )
    upper = np.concatenate([np.zeros(arms + 2 * (arms - 1)), [length, budget], np.ones(len(cliques))])
    lower = np.full(len(upper), -np.inf)
    lower[:arms] = 0.0
    near = 2 * hops[network.source] <= length
    start, end = network.edges.T
    passable = hops[network.source, start] + 1 + hops[network.source, end] <= length
    tracks = np.bincount(network.edges.ravel(), minlength=arms)
    return LinearConstraints(
        matrix=matrix,
        row_lower=lower,
        row_upper=upper,
        col_lower=np.zeros(2 * arms + count),
        col_upper=np.concatenate([near, np.where(near, tracks, 0), 2 * passable]).astype(np.float64),
        integrality=np.ones(2 * arms + count, dtype=np.uint8),
        action_columns=np.arange(arms),
    )


def _cliques(conflict: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cover the pairs of `conflict` (J, J) by sets in which every pair conflicts, (K, J): fewer and stronger rows than a row a pair."""
    alone = conflict.diagonal()
    conflict = conflict & ~alone & ~alone[:, None]
    open_pairs, cliques = np.triu(conflict), []
    while open_pairs.any():
        first, second = (int(end) for end in np.argwhere(open_pairs)[0])
        clique = np.zeros(len(conflict), dtype=np.bool_)
        clique[[first, second]] = True
        common = conflict[first] & conflict[second]
        while common.any():
            # The station that settles most open pairs joins next.
            gain = np.where(common, 1 + (open_pairs | open_pairs.T)[:, clique].sum(axis=1), 0)
            new = int(gain.argmax())
            clique[new] = True
            common = common & conflict[new]
        open_pairs &= ~(clique & clique[:, None])
        cliques.append(clique)
    return np.array(cliques, dtype=np.bool_).reshape(-1, len(conflict))


def with_flow(network: Network, budget: int, base: LinearConstraints) -> LinearConstraints:
    """Return the relaxation `base` made exact by a flow along used edges: columns a (J), d (J), x (E), flow forth (E), flow back (E).

    The source sends a unit to each pulled arm. Half of it may go along the walk and half against it; then an edge carries at most half
    of all units each time that the walk uses it: flow forth + flow back <= x_e B / 2.
    """
    arms, count = network.arms, len(network.edges)
    columns = np.arange(count)
    forth = sparse.csr_array(
        (
            np.concatenate([-np.ones(count), np.ones(count)]),
            (network.edges.T.ravel(), np.concatenate([columns, columns])),
        ),
        shape=(arms, count),
    )
    others = np.flatnonzero(np.arange(arms) != network.source)
    eye = sparse.eye_array(count, format="csr")
    pulled = sparse.eye_array(arms, format="csr")[others]
    flow = sparse.block_array(
        [
            [-pulled, sparse.csr_array((arms - 1, arms + count)), forth[others], -forth[others]],
            [None, sparse.hstack([sparse.csr_array((count, arms)), -budget / 2 * eye]), eye, eye],
        ],
        format="csr",
    )
    wide = sparse.hstack([base.matrix, sparse.csr_array((base.matrix.shape[0], 2 * count))])
    return LinearConstraints(
        matrix=sparse.csr_array(sparse.vstack([wide, flow], format="csr")),
        row_lower=np.concatenate([base.row_lower, np.zeros(arms - 1), np.full(count, -np.inf)]),
        row_upper=np.concatenate([base.row_upper, np.zeros(arms - 1 + count)]),
        col_lower=np.concatenate([base.col_lower, np.zeros(2 * count)]),
        col_upper=np.concatenate([base.col_upper, np.full(2 * count, float(budget))]),
        integrality=np.concatenate([base.integrality, np.zeros(2 * count, dtype=np.uint8)]),
        action_columns=base.action_columns,
    )


def connectivity_cuts(network: Network, point: NDArray[np.floating]) -> Cuts:
    """Return cuts sum_{e leaves S} x_e >= 2 a_j, j in S, source not in S, that `point` (a, d, x) breaks; one for each arm j at most.

    Where used edges fall apart, S is a piece of them; else S comes from a smallest cut between source and arm.
    """
    arms = network.arms
    pulls, uses = point[:arms], np.maximum(point[2 * arms :], 0.0)
    start, end = network.edges.T
    used = uses > BROKEN
    graph = adjacency(network.edges[used], np.ones(used.sum()), arms)
    piece = csgraph.connected_components(graph, directed=False)[1]
    asking = np.flatnonzero((pulls > BROKEN) & (np.arange(arms) != network.source))
    outside = asking[piece[asking] != piece[network.source]]
    if outside.size:
        sides = piece[outside, None] == piece
        arms_cut = outside
    else:
        arms_cut, sides = _broken_sides(network, uses, pulls, asking)
    leaving = sides[:, start] != sides[:, end]
    broken = leaving @ uses < 2 * pulls[arms_cut] - BROKEN
    matrix = np.zeros((int(broken.sum()), len(point)))
    matrix[np.arange(len(matrix)), arms_cut[broken]] = -2.0
    matrix[:, 2 * arms :] = leaving[broken]
    return Cuts(sparse.csr_array(matrix), np.zeros(len(matrix)))


def _broken_sides(
    network: Network, uses: NDArray[np.floating], pulls: NDArray[np.floating], asking: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return arms of `asking` (K,) that a set without the source holds and too few uses reach, and those sets, (K, J).

    Sets come from smallest cuts between source and arm under capacities `uses` (E,), most pulled arms first; a set serves all arms in it.
    """
    graph = adjacency(network.edges, np.rint(uses * SCALE).astype(np.int32), network.arms)
    capacity = graph.toarray()
    waiting = asking[np.argsort(-pulls[asking], kind="stable")]
    arms, sides = [np.zeros(0, dtype=np.int64)], [np.zeros((0, network.arms), dtype=np.bool_)]
    while waiting.size:
        flow = csgraph.maximum_flow(graph, network.source, int(waiting[0]))
        side = ~_reached(capacity > flow.flow.toarray(), network.source)
        served = side[waiting] & (2 * pulls[waiting] > flow.flow_value / SCALE + BROKEN)
        arms.append(waiting[served])
        sides.append(np.repeat(side[None], served.sum(), axis=0))
        served[0] = True
        waiting = waiting[~served]
    return np.concatenate(arms), np.concatenate(sides)


def _reached(open_ways: NDArray[np.bool_], source: int) -> NDArray[np.bool_]:
    """Return which stations can be reached from `source` along `open_ways` (J, J), (J,)."""
    reached: NDArray[np.bool_] = np.arange(len(open_ways)) == source
    while True:
        wider: NDArray[np.bool_] = reached | open_ways[reached].any(axis=0)
        if (wider == reached).all():
            return reached
        reached = wider


def best_point(
    rows: LinearConstraints,
    cost: NDArray[np.float64],
    bounds: optimize.Bounds,
    separate: Callable[[NDArray[np.float64]], Cuts],
) -> NDArray[np.float64]:
    """Return the integral point of least `cost` (C,) that meets `rows`, `bounds` and every cut that `separate` knows, exactly.

    Cuts are collected over the linear program first, where they cost little, and then over the integer program.

    Raises:
        RuntimeError: the solver found nothing.
    """
    matrix, lower, upper = rows.matrix, rows.row_lower, rows.row_upper
    whole = np.zeros_like(rows.integrality)
    while True:
        constraints = optimize.LinearConstraint(matrix, lower, upper)
        answer = optimize.milp(cost, integrality=whole, bounds=bounds, constraints=constraints, options={"mip_rel_gap": 0.0})
        if answer.x is None:
            raise RuntimeError(f"HiGHS gave up on a closed walk: {answer.message}")
        point: NDArray[np.float64] = np.rint(answer.x) if whole.any() else answer.x
        cuts = separate(point)
        if cuts.lower.size:
            matrix = sparse.csr_array(sparse.vstack([matrix, cuts.matrix]))
            lower, upper = np.concatenate([lower, cuts.lower]), np.concatenate([upper, np.full(len(cuts.lower), np.inf)])
        elif np.abs(point - np.rint(point)).max() <= TOLERANCE:
            return np.rint(point)
        else:
            whole = rows.integrality
