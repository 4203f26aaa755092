"""Is there a tour no longer than a limit? Branch and bound on Held and Karp's 1-trees, for sets too large for their recursion.

A 1-tree is a spanning tree of all stations but the source, and the source's two shortest edges; every tour is one. A price on each
station that falls when the cheapest 1-tree uses it less than twice, and rises when more often, lifts that 1-tree's cost towards the
shortest tour. Where a gap remains, a station with three edges or more is split: an edge is forbidden, or required.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.path.tours import Table, short_tours, tour_lengths

ROUNDS, STRIDE, SHRINK = 20, 2.0, 0.9
"""Most changes of prices before a node is split, the size of the first, and how it shrinks where a change does not help."""

TOGETHER = 64
"""Nodes whose bounds are computed at once."""

LARGE = 1e5
"""What a forbidden edge costs more, and a required one less."""

Matrix = NDArray[np.float64]


class _Nodes(NamedTuple):
    """N open nodes: the set each belongs to (N,), its distances with forbidden and required edges (N, m, m), its prices (N, m)."""

    row: NDArray[np.int64]
    cost: Matrix
    price: Matrix

    def take(self, which: NDArray[np.generic] | slice) -> _Nodes:
        return _Nodes(self.row[which], self.cost[which], self.price[which])


def find_tours(d: Table, limit: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return for each set an order of visits (n, m), source first, and whether it is a tour of at most `limit`, (n,).

    Where it is not, there is none: the search is complete.
    """
    order, length = short_tours(d)
    found = length <= limit
    rows = np.flatnonzero(~found)
    if d.shape[1] < 4:  # of so few stations the only tour is at hand
        return order, found
    stack = _Nodes(rows, d[rows].astype(np.float64), np.zeros((len(rows), d.shape[1])))
    while len(stack.row):
        nodes, stack = stack.take(slice(-TOGETHER, None)), stack.take(slice(None, -TOGETHER))
        nodes, edges = _promising(nodes, limit)
        tried = short_tours(nodes.cost + nodes.price[:, :, None] + nodes.price[:, None, :])[0]
        for node in np.flatnonzero((_degrees(edges) == 2).all(axis=1)):
            tried[node] = _visits(edges[node])
        good = tour_lengths(d[nodes.row], tried) <= limit
        order[nodes.row[good]] = tried[good]
        found[nodes.row[good]] = True
        stack = stack.take(~found[stack.row])
        left = ~found[nodes.row]
        stack = _Nodes(*(np.concatenate(parts) for parts in zip(stack, _children(nodes.take(left), edges[left]), strict=True)))
    return order, found


def _promising(nodes: _Nodes, limit: int) -> tuple[_Nodes, NDArray[np.int64]]:
    """Return the nodes whose bounds stay within `limit` however prices are changed, and their last 1-trees' edges (N, m, 2)."""
    required = _required(nodes.cost).sum(axis=(1, 2)) // 2
    price = nodes.price.copy()
    edges = np.zeros((*price.shape, 2), dtype=np.int64)
    highest, stride = np.full(len(price), -np.inf), np.full(len(price), STRIDE)
    active = np.arange(len(price))
    within = np.ones(len(price), dtype=np.bool_)
    for _ in range(ROUNDS):
        cost, edges[active] = _one_trees(nodes.cost[active] + price[active, :, None] + price[active, None, :])
        bound = cost + LARGE * required[active] - 2 * price[active].sum(axis=1)
        within[active] = bound <= limit + 1e-6
        stride[active] *= np.where(bound > highest[active], 1.0, SHRINK)
        highest[active] = np.maximum(highest[active], bound)
        surplus = _degrees(edges[active]) - 2
        going = within[active] & surplus.any(axis=1)
        active, surplus, bound = active[going], surplus[going], bound[going]
        if not active.size:
            break
        step = stride[active] * (limit + 1 - bound) / (surplus**2).sum(axis=1)
        price[active] += step[:, None] * surplus
    return nodes._replace(price=price).take(within), edges[within]


def _degrees(edges: NDArray[np.int64]) -> NDArray[np.int64]:
    n, m, _ = edges.shape
    return np.bincount((edges + m * np.arange(n)[:, None, None]).ravel(), minlength=n * m).reshape(n, m)


def _visits(tour: NDArray[np.int64]) -> list[int]:
    """Return the order of visits, the source first, of a 1-tree (m, 2) that is a tour."""
    left, order = tour.tolist(), [0]
    while len(order) < len(tour):
        edge = next(edge for edge in left if order[-1] in edge)
        left.remove(edge)
        order.append(sum(edge) - order[-1])
    return order


def _one_trees(cost: Matrix) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return each row's cheapest 1-tree under `cost` (n, m, m): what it costs (n,) and its edges (n, m, 2). Prim's algorithm."""
    n, m, _ = cost.shape
    each = np.arange(n)
    edges = np.zeros((n, m, 2), dtype=np.int64)
    edges[:, :2, 1] = 1 + np.argpartition(cost[:, 0, 1:], 1, axis=1)[:, :2]
    total = np.take_along_axis(cost[:, 0], edges[:, :2, 1], axis=1).sum(axis=1)
    link, towards = cost[:, 1].copy(), np.ones((n, m), dtype=np.int64)
    outside = np.ones((n, m), dtype=np.bool_)
    outside[:, :2] = False
    for place in range(2, m):
        new = np.where(outside, link, np.inf).argmin(axis=1)
        total += link[each, new]
        edges[:, place, 0], edges[:, place, 1] = new, towards[each, new]
        outside[each, new] = False
        closer = cost[each, new] < link
        link = np.where(closer, cost[each, new], link)
        towards = np.where(closer, new[:, None], towards)
    return total, edges


def _children(nodes: _Nodes, edges: NDArray[np.int64]) -> _Nodes:
    """Split each node at the station where its 1-tree has most edges: a tour lacks one of them, or has the first two and no others."""
    rows, costs, prices = [], [], []
    for row, cost, price, tree in zip(*nodes, edges, strict=True):
        hub = int(np.bincount(tree.ravel()).argmax())
        ends = tree[(tree == hub).any(axis=1)].sum(axis=1) - hub
        required = _required(cost[hub])
        free = ends[~required[ends]][: 2 - required.sum()]
        base = cost
        for end in free:
            without = base.copy()
            without[hub, end] = without[end, hub] = LARGE
            costs.append(without)
            base = _requiring(base, hub, end)
        costs.append(base)
        rows += [row] * (len(free) + 1)
        prices += [price] * (len(free) + 1)
    m = nodes.price.shape[1]
    return _Nodes(np.array(rows, dtype=np.int64), np.array(costs).reshape(-1, m, m), np.array(prices).reshape(-1, m))


def _required(cost: Matrix) -> NDArray[np.bool_]:
    required: NDArray[np.bool_] = cost < -LARGE / 2
    return required


def _requiring(cost: Matrix, *ends: int) -> Matrix:
    """Return `cost` (m, m) with the edge between two stations required, and all others of a station that has its two edges forbidden."""
    changed = cost.copy()
    changed[ends] -= LARGE
    changed[ends[::-1]] -= LARGE
    for end in ends:
        required = _required(changed[end])
        if required.sum() == 2:
            changed[end, ~required] = changed[~required, end] = LARGE
    return changed
