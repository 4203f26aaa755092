"""Matching in an open population: arms and workers meet in slots."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.matching.actions import MEETINGS, MatchingActions
from hub_envs.cormab.matching.instances import SLOTS, draw_schedules
from hub_envs.cormab.open_population.coupling import Coupling

_SETS = np.arange(2**SLOTS)
_BITS = 1 << np.arange(SLOTS)
_HOLDS = ((_SETS[:, None] & _BITS) > 0).astype(np.int64)
"""(32, 5) which slots a set of slots holds."""
_WITHIN = ((_SETS[:, None] & ~_SETS) == 0).astype(np.int64)
"""(32, 32) whether the row's set lies within the column's."""


class Schedules(Coupling):
    """Traits: the five slots, 1 where the arm is available. Supply: how many workers are available in each slot.

    By Hall's condition (see `MatchingActions`) the numbers of workers decide what can be served; which worker is there does not matter.
    """

    traits = SLOTS
    most_trait = 1.0
    supply = SLOTS

    def draw(self, rng: np.random.Generator, arms: int, workers: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Draw the arms' slots (arms, 5) and the workers in each slot (5,)."""
        arm_slots, worker_slots = draw_schedules(rng, arms, workers)
        return arm_slots.astype(np.float64), worker_slots.sum(axis=0).astype(np.float64)

    def action_set(self, traits: NDArray[np.float64], supply: NDArray[np.float64], budget: int) -> MatchingActions:
        """Return the allowed pulls; its workers are interchangeable ones that make up the supply, worker i in slot s when i < n_s."""
        workers = np.arange(int(supply.max()))[:, None] < supply
        return MatchingActions(traits > 0, workers, budget)

    def fits(
        self, pulls: NDArray[np.int8], traits: NDArray[np.float64], supply: NDArray[np.float64], budgets: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Say whether the budget and all of Hall's rows hold."""
        n = len(pulls)
        # Count the pulled arms of each availability, then those whose slots lie within each set of slots.
        row, place = np.nonzero(pulls)
        availability = traits[row, place].astype(np.int64) @ _BITS
        counts = np.bincount(row * len(_SETS) + availability, minlength=n * len(_SETS)).reshape(n, len(_SETS))
        served = supply.astype(np.int64) @ _HOLDS.T // MEETINGS
        met: NDArray[np.bool_] = (counts @ _WITHIN <= served).all(axis=1) & (counts.sum(axis=1) <= budgets)
        return met

    def describe(self, supply: NDArray[np.float64]) -> str:
        """Say how many workers are there in each slot."""
        return "workers " + "  ".join(f"s{slot}: {int(count)}" for slot, count in enumerate(supply))

    def describe_arm(self, traits: NDArray[Any]) -> str:
        """Name the arm's slots."""
        return " ".join(f"s{slot}" for slot in np.flatnonzero(traits))
