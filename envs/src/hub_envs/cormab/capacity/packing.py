"""Who carries what: packing counts of equally dear arms into workers, as an integer program and its answers.

The program's whole-number columns are patterns: a worker of capacity b carries one maximal multiset of costs that fits b (Gilmore and
Gomory, "A linear programming approach to the cutting-stock problem", 1961). Workers of equal capacity then need no telling apart, which
is what makes the textbook form with a column for each worker and arm slow. Where patterns are too many, a column says how many arms of
one cost one worker carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from hub_envs.cormab.classes import RowClasses, group

PATTERNS = 5_000
"""Most fitting multisets, of one capacity, that are looked through for its patterns."""

INFEASIBLE = 2
"""What `scipy.optimize.milp` answers where there is no solution."""


@dataclass(frozen=True, eq=False)
class Packing:
    """Workers of `capacities` that carry `counts` arms of each of `costs`, where they can.

    Attributes:
        costs: (C,) different whole numbers, 1 or more, ascending.
        members: for each cost the arms that have it.
        capacities: (W,) whole numbers, 1 or more.
    """

    costs: NDArray[np.int64]
    members: tuple[NDArray[np.int64], ...]
    capacities: NDArray[np.int64]

    @cached_property
    def hosts(self) -> tuple[NDArray[np.int64], ...]:
        """Workers of equal capacity, by rising capacity."""
        return group(self.capacities[None])[1]

    @cached_property
    def patterns(self) -> tuple[NDArray[np.int64], ...] | None:
        """For each of `hosts` the maximal counts (P, C) that one of them can carry; None when they are too many to list."""
        listed = []
        for workers in self.hosts:
            one = RowClasses(self.members, self.costs[None], self.capacities[workers[:1]])
            found = one.maximal_counts(PATTERNS)
            if found is None:
                return None
            listed.append(found)
        return tuple(listed)

    @cached_property
    def program(self) -> tuple[NDArray[np.int64], sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """The program `use q <= most, q whole, 0 <= q <= upper`, in which q carries `carried q` arms of each cost.

        `carried` (C, Q), `use` (R, Q), `most` (R,), `upper` (Q,).
        """
        if self.patterns is not None:
            carried = np.concatenate(self.patterns).T
            host = np.repeat(np.arange(len(self.hosts)), [len(listed) for listed in self.patterns])
            use, most = np.ones(len(host)), np.array([len(workers) for workers in self.hosts])
            upper = most[host]
        else:
            workers, kinds = len(self.capacities), len(self.costs)
            carried = np.tile(np.eye(kinds, dtype=np.int64), workers)
            host = np.repeat(np.arange(workers), kinds)
            use, most = np.tile(self.costs, workers).astype(np.float64), self.capacities
            sizes = np.array([len(arms) for arms in self.members])
            upper = np.minimum(np.tile(sizes, workers), most[host] // np.tile(self.costs, workers))
        rows = sparse.csr_array((use, (host, np.arange(len(host)))), shape=(len(most), len(host)))
        return carried, rows, most.astype(np.float64), upper.astype(np.float64)

    def of(self, counts: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return how many arms of each cost each worker carries, (W, C), `counts` (C,) in all; None when that cannot be."""
        if (counts > [len(arms) for arms in self.members]).any() or counts @ self.costs > self.capacities.sum():
            return None
        packed = self._best_fit(counts)
        return self._solve(counts) if packed is None else packed

    def _best_fit(self, counts: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Put the dearest arms first, each where least room is left; fast, and often enough."""
        room = self.capacities.copy()
        packed = np.zeros((len(room), len(self.costs)), dtype=np.int64)
        for kind in np.repeat(np.arange(len(self.costs)), counts)[::-1]:
            wide = np.flatnonzero(room >= self.costs[kind])
            if not wide.size:
                return None
            worker = wide[room[wide].argmin()]
            room[worker] -= self.costs[kind]
            packed[worker, kind] += 1
        return packed

    def _solve(self, counts: NDArray[np.int64]) -> NDArray[np.int64] | None:
        carried, use, most, upper = self.program
        answer = optimize.milp(
            np.zeros(len(upper)),
            integrality=np.ones(len(upper)),
            bounds=optimize.Bounds(0.0, upper),
            constraints=[optimize.LinearConstraint(use, -np.inf, most), optimize.LinearConstraint(carried, counts, np.inf)],
        )
        if answer.status == INFEASIBLE:
            return None
        if answer.x is None:
            raise RuntimeError(f"HiGHS gave up on packing {counts.tolist()} arms of costs {self.costs.tolist()}: {answer.message}")
        return self._unpacked(np.rint(answer.x).astype(np.int64), counts)

    def _unpacked(self, q: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give each worker its part of `q`, and take away what is carried beyond `counts`."""
        carried, use, _, _ = self.program
        groups = self.hosts if self.patterns is not None else tuple(np.arange(len(self.capacities))[:, None])
        packed = np.zeros((len(self.capacities), len(self.costs)), dtype=np.int64)
        for host, workers in enumerate(groups):
            columns = use[[host]].indices
            units = np.repeat(columns, q[columns])
            for worker, part in zip(workers, np.array_split(units, len(workers)), strict=True):
                packed[worker] = carried[:, part].sum(axis=1)
        before = np.cumsum(packed, axis=0) - packed
        return np.clip(counts - before, 0, packed)
