"""The price policy: what a dose is worth later, priced by the fluid relaxation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hub_envs.cormab import START_PROBABILITY
from numpy.typing import NDArray

import hub
from hub_cormab.dose_maximum import DoseMaximum
from hub_cormab.fluid_bound import coupling, fluid_prices, start_levels
from hub_cormab.lagrangian import arm_values
from hub_cormab.planner import Planner


class PricePolicy(Planner):
    """Plays argmax over feasible a of sum_j Q_tj(s_j, dose_j(a)) - Q_tj(s_j, 0), exactly.

    Q_tj is arm j's own value at step t when future doses cost the prices that minimise the Lagrangian dual, one price for each constraint
    and step (`hub_cormab.fluid_bound`). The dose at hand is not charged: the action set itself limits it. Nothing is learned.

    Args:
        task: the task.
        seed: not used; the policy is deterministic.
    """

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        start = start_levels(self.problem, task.env_kwargs.get("start_probability", START_PROBABILITY))
        self._values = arm_values(self.problem, fluid_prices(self.problem, start) @ coupling(self.problem).doses)
        self._best = DoseMaximum(self.problem)
        self._arm = np.arange(self.problem.arms)
        self._step: dict[int, int] = {}

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Set the clocks of `slots` to step 0."""
        self._step.update((int(slot), 0) for slot in slots)

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the best action of each row at its episode's step, (n, N)."""
        steps = np.array([self._step[slot] for slot in slots.tolist()])
        self._step.update((slot, step + 1) for slot, step in zip(slots.tolist(), steps.tolist(), strict=True))
        return self._best(self._values.dosed[steps[:, None], self._arm, observations])
