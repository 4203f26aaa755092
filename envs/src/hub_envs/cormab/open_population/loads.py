"""Capacity in an open population: workers carry arms whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.capacity.actions import CapacityActions
from hub_envs.cormab.capacity.instances import CAPACITIES, COSTS
from hub_envs.cormab.open_population.coupling import Coupling

_SIZES = np.arange(CAPACITIES[0], CAPACITIES[1] + 1)


class Loads(Coupling):
    """Trait: the arm's cost. Supply: how many workers there are of each capacity, 2 to 7.

    The budget sets the number of workers and nothing else: what can be pulled is a matter of capacities.
    """

    traits = 1
    most_trait = float(COSTS[1])
    supply = len(_SIZES)

    def draw(self, rng: np.random.Generator, arms: int, workers: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Draw the arms' costs (arms, 1) and the workers of each capacity (6,)."""
        costs = rng.integers(*COSTS, size=arms, endpoint=True)
        capacities = rng.integers(*CAPACITIES, size=workers, endpoint=True)
        return costs[:, None].astype(np.float64), (capacities[:, None] == _SIZES).sum(axis=0).astype(np.float64)

    def action_set(self, traits: NDArray[np.float64], supply: NDArray[np.float64], budget: int) -> CapacityActions:
        """Return the allowed pulls, the workers by rising capacity."""
        return CapacityActions(traits[:, 0].astype(np.int64), np.repeat(_SIZES, supply.astype(np.int64)))

    def fits(
        self, pulls: NDArray[np.int8], traits: NDArray[np.float64], supply: NDArray[np.float64], budgets: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Say whether the pulled arms can be packed."""
        met = np.ones(len(pulls), dtype=np.bool_)
        for row in np.flatnonzero(pulls.any(axis=1)).tolist():
            pulled = self.action_set(traits[row, pulls[row] > 0], supply[row], int(budgets[row]))
            met[row] = pulled.packing.of(np.array([len(arms) for arms in pulled.packing.members])) is not None
        return met

    def describe(self, supply: NDArray[np.float64]) -> str:
        """Say how many workers there are of each capacity."""
        return "workers " + "  ".join(f"of capacity {size}: {int(count)}" for size, count in zip(_SIZES, supply, strict=True))

    def describe_arm(self, traits: NDArray[Any]) -> str:
        """Say what the arm costs."""
        return f"costs {int(traits[0])}"
