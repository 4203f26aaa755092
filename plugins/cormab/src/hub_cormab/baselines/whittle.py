"""The Whittle index policy."""

from __future__ import annotations

import numpy as np
from hub_envs.cormab import Problem
from numpy.typing import NDArray

import hub
from hub.errors import ImpossiblePairing, MissingExtra
from hub_cormab.lagrangian import move_chances, step_rewards
from hub_cormab.planner import Planner


class Whittle(Planner):
    """Plays argmax over feasible a of sum_j W_j(s_j) a_j, exactly, with W_j(s) the discounted Whittle index of arm j in level s.

    W_j(s) is the price of a pull at which pulling and leaving arm j in level s are worth the same; the indices come from the package
    `markovianbandit-pkg` (Gast, Gaujal and Khun 2023). Pulls of index 0 or less are left out.

    Args:
        task: a coupled bandit whose arms are pulled by an entry of their own.
        seed: not used; the policy is deterministic.

    Raises:
        ImpossiblePairing: the arms know more than being pulled or left; an index compares only these two.
        MissingExtra: `markovianbandit-pkg` is not installed.
    """

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        if self.problem.reach is not None:
            raise ImpossiblePairing(
                f"whittle cannot act in {task.env_id}: an index compares pulling an arm with leaving it, and here several action entries"
                " reach an arm; it fits bandits with an entry for each arm, and price-policy and myopic fit here"
            )
        self._indices = whittle_indices(self.problem)
        self._arm = np.arange(self.problem.arms)

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the action of greatest total index of each row, (n, N)."""
        return self.problem.actions.maximise_linear(self._indices[self._arm, observations])


def whittle_indices(problem: Problem) -> NDArray[np.float64]:
    """Return the Whittle index of each arm and level under the problem's discount, (J, 4).

    Raises:
        MissingExtra: `markovianbandit-pkg` is not installed.
    """
    # The package sets numpy's error handling for the whole process when it is imported; errstate undoes that.
    with np.errstate():
        try:
            from markovianbandit import restless_bandit_from_P0P1_R0R1
        except ModuleNotFoundError as missing:
            raise MissingExtra('Whittle indices need a package more: pip install "gymhub-cormab[whittle]"') from missing
        chances, rewards = move_chances(problem), step_rewards(problem)
        return np.array(
            [
                restless_bandit_from_P0P1_R0R1(p[:, 0], p[:, 1], r[:, 0], r[:, 1]).whittle_indices(discount=problem.discount)
                for p, r in zip(chances, rewards, strict=True)
            ]
        )
