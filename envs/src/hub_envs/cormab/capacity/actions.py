"""Capacities: workers carry arms whole; the allowed pulls, told by how many arms of each cost are pulled.

A pulled arm is given to one worker, and the costs of a worker's arms must not exceed the worker's capacity. So a set of pulled arms is
allowed when its costs can be packed into the capacities, whichever arms of equal cost they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hub_envs.cormab.capacity.classes import CapacityClasses
from hub_envs.cormab.capacity.packing import Packing
from hub_envs.cormab.classes import group
from hub_envs.cormab.constraints import LinearConstraints
from hub_envs.cormab.counted import CountedActions


@dataclass(frozen=True, eq=False)
class CapacityActions(CountedActions):
    """Pulls that the workers can carry.

    Attributes:
        costs: (J,) what an arm takes of its worker's capacity; whole numbers, 1 or more.
        capacities: (W,) of the workers; whole numbers, 1 or more.
    """

    costs: NDArray[np.int64]
    capacities: NDArray[np.int64]

    def __post_init__(self) -> None:
        for name, shape in (("costs", "(J,)"), ("capacities", "(W,)")):
            given = getattr(self, name)
            if given.ndim != 1 or not given.size or not np.issubdtype(given.dtype, np.integer) or given.min() < 1:
                raise ValueError(f"{name} must be whole numbers of 1 or more, {shape}, and are {given.tolist()}")

    @property
    def size(self) -> int:
        """J, an entry an arm."""
        return len(self.costs)

    @cached_property
    def packing(self) -> Packing:
        """How counts of arms of each cost are packed into the workers."""
        kinds, members = group(self.costs[None].astype(np.int64))
        return Packing(kinds[0], members, self.capacities.astype(np.int64))

    @cached_property
    def classes(self) -> CapacityClasses:
        """Arms grouped by cost, cheapest first."""
        return CapacityClasses(self.packing.members, self.packing)

    @cached_property
    def constraints(self) -> LinearConstraints:
        """Pattern form: after the J action columns one for each pattern of costs that a worker of some capacity can carry.

        The patterns that workers of capacity b carry are no more than these workers; the arms pulled of a cost are no more than the
        patterns hold. Far smaller than `assignment_constraints`, and its relaxation far tighter. Where patterns are too many to list, the
        further columns say how many arms of each cost each worker carries.
        """
        carried, use, most, upper = self.packing.program
        pulls = sparse.csr_array(self.classes.membership.T.astype(np.float64))
        matrix = sparse.block_array([[None, use], [pulls, sparse.csr_array(-carried.astype(np.float64))]], format="csr")
        columns = self.size + len(upper)
        return LinearConstraints(
            matrix=sparse.csr_array(matrix),
            row_lower=np.full(matrix.shape[0], -np.inf),
            row_upper=np.concatenate([most, np.zeros(len(carried))]),
            col_lower=np.zeros(columns),
            col_upper=np.concatenate([np.ones(self.size), upper]),
            integrality=np.ones(columns, dtype=np.uint8),
            action_columns=np.arange(self.size),
        )

    def violation(self, action: NDArray[Any]) -> str | None:
        """Say what of `action` (J,) the workers cannot carry, the dearest arms first; None when it is feasible."""
        if self.is_feasible(np.asarray(action)[None])[0]:
            return None
        counts = self.classes.membership.T.astype(np.int64) @ np.asarray(action, dtype=np.int64)
        capacities = ", ".join(map(str, np.sort(self.capacities)[::-1]))
        cost, room = counts @ self.packing.costs, self.capacities.sum()
        if cost > room:
            return f"its arms cost {cost}, and the workers carry {room} at most ({capacities})"
        dearest = len(counts) - 1
        while self.packing.of(np.where(np.arange(len(counts)) < dearest, 0, counts)) is not None:
            dearest -= 1
        arms = " + ".join(f"{counts[kind]} of cost {self.packing.costs[kind]}" for kind in range(dearest, len(counts)) if counts[kind])
        return f"its dearest arms do not fit the workers: {arms} into capacities {capacities}"

    def loads(self, action: NDArray[Any]) -> NDArray[np.int64]:
        """Return who carries whom: rows (worker, arm), one for each pulled arm, in the workers' order.

        Args:
            action: (J,) zeros and ones.

        Raises:
            ValueError: the action is infeasible.
        """
        chosen = np.asarray(action).astype(np.bool_)
        packed = self.packing.of(self.classes.membership.T.astype(np.int64) @ chosen)
        if packed is None:
            raise ValueError(f"no loads carry this action: {self.violation(action)}")
        rows = []
        for kind, arms in enumerate(self.packing.members):
            workers = np.repeat(np.arange(len(packed)), packed[:, kind])
            rows.append(np.column_stack([workers, arms[chosen[arms]]]))
        loads: NDArray[np.int64] = np.concatenate(rows).astype(np.int64)
        return loads[np.lexsort(loads.T[::-1])]

    def assignment_constraints(self) -> LinearConstraints:
        """Return the same set in its original form, with a column x_ij for each worker and arm after the J action columns.

        sum_j c_j x_ij <= b_i for each worker; a_j <= sum_i x_ij <= 1 for each arm. Far larger than `constraints`; for checking them and for
        comparing solvers.
        """
        workers, arms = len(self.capacities), self.size
        pairs = workers * arms
        loads = sparse.kron(sparse.eye_array(workers), self.costs[None].astype(np.float64))
        given = sparse.kron(np.ones((1, workers)), sparse.eye_array(arms))
        matrix = sparse.block_array([[None, loads], [sparse.eye_array(arms), -given], [None, given]], format="csr")
        return LinearConstraints(
            matrix=sparse.csr_array(matrix),
            row_lower=np.full(workers + 2 * arms, -np.inf),
            row_upper=np.concatenate([self.capacities, np.zeros(arms), np.ones(arms)]).astype(np.float64),
            col_lower=np.zeros(arms + pairs),
            col_upper=np.ones(arms + pairs),
            integrality=np.ones(arms + pairs, dtype=np.uint8),
            action_columns=np.arange(arms),
        )
