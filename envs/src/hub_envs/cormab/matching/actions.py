"""Schedules: workers serve arms in time slots; the allowed pulls as Hall rows.

Worker i and arm j can meet in slot s when both are available then, one arm for each worker and slot. A pulled arm needs two meetings.
So a set of pulled arms can be served exactly when, for every set T of slots, the pulled arms that are free in T alone do not need more
meetings than the workers offer in T (Hall's condition): 2 |{pulled j : slots(j) in T}| <= sum of n_s over s in T, with n_s the number of
workers available in s.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from hub_envs.cormab.classes import RowClasses
from hub_envs.cormab.constraints import LinearConstraints
from hub_envs.cormab.counted import CountedActions

MEETINGS = 2
"""Meetings that a pulled arm needs."""


@dataclass(frozen=True, eq=False)
class MatchingActions(CountedActions):
    """Pulls that a schedule can serve, at most `budget` of them.

    Attributes:
        arm_slots: (J, S) bool, when each arm is available.
        worker_slots: (W, S) bool, when each worker is available.
        budget: most arms pulled.
    """

    arm_slots: NDArray[np.bool_]
    worker_slots: NDArray[np.bool_]
    budget: int

    def __post_init__(self) -> None:
        if self.arm_slots.ndim != 2 or self.worker_slots.ndim != 2 or self.arm_slots.shape[1] != self.worker_slots.shape[1]:
            raise ValueError(f"arm_slots {self.arm_slots.shape} and worker_slots {self.worker_slots.shape} must be (J, S) and (W, S)")
        if self.budget < 0:
            raise ValueError(f"budget must not be negative, and is {self.budget}")

    @property
    def size(self) -> int:
        """J, an entry an arm."""
        return len(self.arm_slots)

    @cached_property
    def rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[str, ...]]:
        """The constraints `coefficients a <= most`, (R, J) and (R,), with words for the arms of each.

        First the budget, then the Hall rows that the budget does not imply. A Hall row's bound is halved and rounded down,
        which keeps the same actions and cuts off fractions.
        """
        offered = self.worker_slots.sum(axis=0)
        coefficients: list[NDArray[np.int64]] = [np.ones(self.size, dtype=np.int64)]
        most, words = [self.budget], ["arms"]
        slots = self.arm_slots.shape[1]
        for taken in range(1, slots + 1):
            for subset in combinations(range(slots), taken):
                inside = ~np.any(np.delete(self.arm_slots, subset, axis=1), axis=1)
                served = int(offered[list(subset)].sum()) // MEETINGS
                if min(int(inside.sum()), self.budget) > served:
                    coefficients.append(inside.astype(np.int64))
                    most.append(served)
                    words.append(f"arms that are free in slots {', '.join(map(str, subset))} only")
        return np.array(coefficients), np.array(most), tuple(words)

    @cached_property
    def constraints(self) -> LinearConstraints:
        """Budget and Hall rows over the J action columns; no auxiliary column."""
        coefficients, most, _ = self.rows
        return LinearConstraints(
            matrix=sparse.csr_array(coefficients.astype(np.float64)),
            row_lower=np.full(len(most), -np.inf),
            row_upper=most.astype(np.float64),
            col_lower=np.zeros(self.size),
            col_upper=np.ones(self.size),
            integrality=np.ones(self.size, dtype=np.uint8),
            action_columns=np.arange(self.size),
        )

    def violation(self, action: NDArray[Any]) -> str | None:
        """Name the first constraint that `action` (J,) breaks; None when it is feasible."""
        coefficients, most, words = self.rows
        activity = coefficients @ np.asarray(action, dtype=np.int64)
        broken = np.flatnonzero(activity > most)
        if not broken.size:
            return None
        row = broken[0]
        return f"it pulls {activity[row]} {words[row]}, and {most[row]} can be served"

    @cached_property
    def classes(self) -> RowClasses:
        """Arms grouped by availability; arms of one class can stand in for each other."""
        coefficients, most, _ = self.rows
        return RowClasses.of(coefficients, most)

    def schedule(self, action: NDArray[Any]) -> NDArray[np.int64]:
        """Return who meets whom when: rows (worker, arm, slot), two for each pulled arm, in the arms' order.

        Raises:
            ValueError: no schedule serves `action` (J,).
        """
        workers, slots = np.nonzero(self.worker_slots)
        asking = np.repeat(np.flatnonzero(action), MEETINGS)
        can_meet = sparse.csr_array(self.arm_slots[np.ix_(asking, slots)])
        meeting = csgraph.maximum_bipartite_matching(can_meet, perm_type="column") if asking.size else asking
        if (meeting < 0).any() or len(asking) > MEETINGS * self.budget:
            raise ValueError(f"no schedule serves this action: {self.violation(action)}")
        return np.column_stack([workers[meeting], asking, slots[meeting]]).astype(np.int64)

    def assignment_constraints(self) -> LinearConstraints:
        """Return the same set in its original form, with a column x_ijs for each possible meeting after the J action columns.

        sum_j x_ijs <= 1 for each worker and slot; sum_is x_ijs <= 2, >= 2 a_j and x_ijs <= a_j for each arm; sum_j a_j <= B.
        Far larger than `constraints`; for checking them and for comparing solvers.
        """
        meetings = np.argwhere(self.worker_slots[:, None, :] & self.arm_slots[None, :, :])
        worker, arm, slot = meetings.T
        arms, count, slots = self.size, len(meetings), self.arm_slots.shape[1]
        columns = arms + np.arange(count)
        ones = np.ones(count)

        def block(rows: NDArray[np.int64], height: int) -> sparse.csr_array:
            return sparse.csr_array((ones, (rows, columns)), shape=(height, arms + count))

        pulls = sparse.eye_array(arms, arms + count, format="csr")
        served = block(arm, arms)
        used = sparse.csr_array((ones, (np.arange(count), arm)), shape=(count, arms + count))
        busy = block(worker * slots + slot, len(self.worker_slots) * slots)
        matrix = sparse.vstack(
            [busy, served, MEETINGS * pulls - served, block(np.arange(count), count) - used, pulls.sum(axis=0)[None]], format="csr"
        )
        upper = np.concatenate([np.ones(busy.shape[0]), np.full(arms, MEETINGS), np.zeros(arms + count), [self.budget]])
        return LinearConstraints(
            matrix=sparse.csr_array(matrix),
            row_lower=np.full(len(upper), -np.inf),
            row_upper=upper.astype(np.float64),
            col_lower=np.zeros(arms + count),
            col_upper=np.ones(arms + count),
            integrality=np.ones(arms + count, dtype=np.uint8),
            action_columns=np.arange(arms),
        )
