"""Pulls along a walk: what somebody can visit who starts at a station, takes so many tracks, and comes home."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from hub_envs.cormab.actions import Actions, LazyActionSet
from hub_envs.cormab.constraints import Cuts, LinearConstraints
from hub_envs.cormab.path import program, tours
from hub_envs.cormab.path.covers import broken_covers
from hub_envs.cormab.path.enumeration import Reach, visitable_sets
from hub_envs.cormab.path.insertion import insert_in_order
from hub_envs.cormab.path.network import Network
from hub_envs.cormab.path.search import find_tours

LISTED = 50_000
"""Most actions for which questions are answered from a list of all of them."""

TABLED_ARMS = 20
"""Most arms for which feasibility is looked up in a table of all 2^J actions."""

FEW_STATIONS, CORE = 5, 12
"""Arms up to which shortest tours are computed at once; and pulled arms, the first ones, from which `pack` rules others out."""


@dataclass(frozen=True, eq=False)
class PathActions(LazyActionSet):
    """At most `budget` pulls, all on one closed walk through the source of at most `length` edges. Standing still is free.

    Attributes:
        network: stations, one an arm, tracks and source.
        budget: B, most arms pulled.
        length: L, most edges of the walk, a track counted each time it is used.
    """

    network: Network
    budget: int
    length: int

    def __post_init__(self) -> None:
        if self.budget < 0 or self.length < 0:
            raise ValueError(f"budget and length must not be negative, and are {self.budget} and {self.length}")

    @property
    def size(self) -> int:
        """J, an entry an arm."""
        return self.network.arms

    @cached_property
    def relaxation(self) -> LinearConstraints:
        """Even multigraphs that need not hang together: columns a (J), d (J), x (E). `program.relaxation` says which rows."""
        return program.relaxation(self.network, self.budget, self.length)

    @cached_property
    def constraints(self) -> LinearConstraints:
        """The exact set: the relaxation, and a flow from the source to every pulled arm along used edges."""
        return program.with_flow(self.network, self.budget, self.relaxation)

    def separate(self, point: NDArray[np.floating[Any]]) -> Cuts:
        """Return connectivity cuts that `point` (C,) breaks, one for each arm at most: sum_{e leaves S} x_e >= 2 a_j, j in S.

        Where there are none, return cover cuts: of arms T that no walk serves together, at most |T| - 1 are pulled.
        """
        values: NDArray[np.float64] = np.asarray(point, dtype=np.float64)
        cuts = program.connectivity_cuts(self.network, values)
        if cuts.lower.size:
            return cuts
        covers = broken_covers(values[: self.size], self.is_feasible)
        rest = sparse.csr_array((len(covers), len(point) - self.size))
        return Cuts(sparse.csr_array(sparse.hstack([-covers.astype(np.float64), rest])), 1.0 - covers.sum(axis=1))

    @cached_property
    def _listed(self) -> Actions | None:
        return self.enumerate(LISTED)

    @cached_property
    def _table(self) -> NDArray[np.bool_] | None:
        if self.size > TABLED_ARMS or self._listed is None:
            return None
        table = np.zeros(1 << self.size, dtype=np.bool_)
        table[self._listed @ self._bits] = True
        return table

    @property
    def _bits(self) -> NDArray[np.int64]:
        bits: NDArray[np.int64] = 1 << np.arange(self.size)
        return bits

    def is_feasible(self, actions: NDArray[Any]) -> NDArray[np.bool_]:
        """Say for each row of `actions` (n, J) whether a closed walk serves it; (n,)."""
        pulled = np.asarray(actions) > 0
        if self._table is not None:
            known: NDArray[np.bool_] = self._table[pulled @ self._bits]
            return known
        feasible: NDArray[np.bool_] = pulled.sum(axis=1) <= self.budget
        rows = np.flatnonzero(feasible)
        feasible[rows] = self._walkable(self._stations(pulled[rows]))
        return feasible

    def _stations(self, pulled: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return source and pulled arms of each row, (n, 1 + most pulls), shorter rows filled up with the source."""
        counts = pulled.sum(axis=1)
        stations = np.full((len(pulled), 1 + counts.max(initial=0)), self.network.source)
        rows, arms = np.nonzero(pulled)
        stations[rows, 1 + np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)] = arms
        return stations

    def _walkable(self, stations: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say for each row of `stations` (n, m), source first, whether a walk of the allowed length visits all; (n,). Cheap tests first."""
        d = self.network.hops[stations[:, :, None], stations[:, None, :]]
        if stations.shape[1] <= 1 + FEW_STATIONS:
            short: NDArray[np.bool_] = tours.shortest_tours(d) <= self.length
            return short
        walkable = np.zeros(len(stations), dtype=np.bool_)
        rows = np.flatnonzero(tours.triangle_bounds(d) <= self.length)
        walkable[rows] = find_tours(d[rows], self.length)[1]
        return walkable

    def violation(self, action: NDArray[Any]) -> str | None:
        """Say why no closed walk serves `action` (J,); None when one does."""
        pulled = np.flatnonzero(action)
        if len(pulled) > self.budget:
            return f"it pulls {len(pulled)} arms, and {self.budget} are allowed"
        edges = self._tour(pulled)[1]
        if edges <= self.length:
            return None
        through = f"arm{'s' if len(pulled) > 1 else ''} {', '.join(map(str, pulled))}"
        return f"the shortest closed walk from arm {self.network.source} through {through} has {edges} edges, and {self.length} are allowed"

    def walk(self, action: NDArray[Any]) -> list[int]:
        """Return the stations of a closed walk of at most `length` edges that serves `action` (J,), the source first and last.

        Raises:
            ValueError: there is none.
        """
        broken = self.violation(action)
        if broken is not None:
            raise ValueError(f"no walk serves this action: {broken}")
        stops = [*self._tour(np.flatnonzero(action))[0].tolist(), self.network.source]
        return stops[:1] + [station for start, end in pairwise(stops) for station in self.network.way(start, end)]

    def _tour(self, pulled: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """Return the source and `pulled` in the order of a tour, and its edges: at most `length`, or the fewest possible."""
        stations = np.concatenate([[self.network.source], pulled])
        d = self.network.hops[np.ix_(stations, stations)][None]
        limit = max(self.length, int(tours.triangle_bounds(d)[0]))
        while True:
            order, found = find_tours(d, limit)
            if found[0]:
                return stations[order[0]], int(tours.tour_lengths(d, order)[0])
            limit += 1

    def pack(self, priorities: NDArray[np.floating[Any]]) -> Actions:
        """Add arms in falling order of priority, each as long as a walk still serves all; (n, J)."""
        order = np.argsort(-priorities, axis=1, kind="stable")
        packed = np.zeros(priorities.shape, dtype=np.int8)
        each = np.arange(len(priorities))
        if self._table is not None:
            for arm in order.T:
                packed[each, arm] = priorities[each, arm] > -np.inf
                packed[each, arm] &= self.is_feasible(packed)
            return packed
        return self._packed(order, priorities > -np.inf)

    def _packed(self, order: NDArray[np.int64], open_arms: NDArray[np.bool_]) -> Actions:
        """Pack without a table: rows move on arm by arm, and every pull closes the arms that do not go with the first CORE pulls."""
        stations = np.full((len(order), 1 + self.budget), self.network.source)
        pulls = np.zeros(len(order), dtype=np.int64)
        packed = np.zeros(order.shape, dtype=np.int8)
        open_arms = open_arms & self._open(stations[:, :1])
        while True:
            waiting = np.take_along_axis(open_arms, order, axis=1)
            rows = np.flatnonzero(waiting.any(axis=1) & (pulls < self.budget))
            if not rows.size:
                return packed
            arms = order[rows, waiting[rows].argmax(axis=1)]
            stations[rows, 1 + pulls[rows]] = arms
            open_arms[rows, arms] = False
            fits = pulls[rows] <= CORE
            fits[~fits] = self._walkable(stations[rows[~fits]])
            stations[rows[~fits], 1 + pulls[rows[~fits]]] = self.network.source
            rows, arms = rows[fits], arms[fits]
            packed[rows, arms] = 1
            pulls[rows] += 1
            for size in range(1, CORE + 1):
                of_size = rows[pulls[rows] == size]
                open_arms[of_size] &= self._open(stations[of_size, : 1 + size])

    def _open(self, stations: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say for each row of `stations` (n, m) which arms can join it on a walk of the allowed length, (n, J)."""
        hops = self.network.hops
        d = hops[stations[:, :, None], stations[:, None, :]]
        return tours.tours_with_another(d, hops[stations]) <= self.length

    def enumerate(self, limit: int) -> Actions | None:
        """Return every feasible action, (M, J), or None when there are more than `limit`; fewer pulls first."""
        sets = visitable_sets(Reach(self.network.hops, self.network.source, self.length), self.budget, limit)
        if sets is None:
            return None
        actions = [np.zeros((len(part), self.size), dtype=np.int8) for part in sets]
        for rows, part in zip(actions, sets, strict=True):
            np.put_along_axis(rows, part, 1, axis=1)
        return np.concatenate(actions)

    def maximise_linear(self, weights: NDArray[np.floating[Any]]) -> Actions:
        """Return for each row of `weights` (n, J) a feasible action of greatest total weight, exactly; arms of weight <= 0 stay out."""
        if self._listed is not None:
            # A product for each row: a batched one rounds a row differently in another batch, and ties would fall otherwise.
            gains = np.matmul(np.asarray(weights, dtype=np.float64)[:, None, :], self._listed.T.astype(np.float64))[:, 0]
            # Fewer pulls come first in the list, and argmax takes the first of equals.
            best: Actions = self._listed[gains.argmax(axis=1)]
            return best
        return np.array([self._solve(row) for row in weights], dtype=np.int8).reshape(-1, self.size)

    def approximate_linear(self, weights: NDArray[np.floating[Any]]) -> Actions:
        """Return the exact linear maxima where all actions are listed, else heaviest arms first, joined to a walk as they come; (n, J)."""
        if self._listed is not None:
            return self.maximise_linear(weights)
        wanted = np.asarray(weights) > 0
        order = np.argsort(-np.asarray(weights), axis=1, kind="stable")[:, : wanted.sum(axis=1).max(initial=0)]
        return insert_in_order(self.network, order, wanted, self.budget, self.length)

    def _solve(self, weights: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
        rows = self.relaxation
        cost, upper = np.zeros(len(rows.col_upper)), rows.col_upper.copy()
        cost[: self.size] = -weights
        upper[: self.size][weights <= 0] = 0.0
        point = program.best_point(rows, cost, optimize.Bounds(rows.col_lower, upper), self.separate)
        return point[: self.size].astype(np.int8)
