"""A coupled restless bandit as data: the arms, what they pay, and which pulls go together. What a planning agent may know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.actions import ActionSet
from hub_envs.cormab.arms import LEVELS, move_values


class Step(NamedTuple):
    """One step of n bandits.

    Attributes:
        levels: (n, J) after the move.
        rewards: (n,) what the levels reached pay.
        expected: (n,) the reward's expectation before the move.
    """

    levels: NDArray[np.int64]
    rewards: NDArray[np.float64]
    expected: NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """J arms, each with its own chain, coupled by the set of allowed actions.

    An arm answers to its dose alone: how many of the chosen action entries reach it. Where every arm is pulled by an entry of its own
    (`reach` is None), the dose is 0 or 1.

    Attributes:
        budget: B, the size parameter of the instance.
        horizon: H, steps of an episode.
        discount: gamma that learners use; scores are undiscounted.
        chances: (J, K + 1) probability that an arm moves up at dose 0, 1, ..., K.
        rewards: (J, 4) what an arm pays for being in each level after its move.
        actions: the allowed joint actions.
        reach: (J, N) 1 where an action entry reaches an arm, with at most K ones a row; None when N = J and entry j reaches arm j.
    """

    budget: int
    chances: NDArray[np.float64]
    rewards: NDArray[np.float64]
    actions: ActionSet
    reach: NDArray[np.int8] | None = None
    horizon: int = 20
    discount: float = 0.99

    def __post_init__(self) -> None:
        if self.chances.ndim != 2 or self.chances.shape[1] < 2 or self.rewards.shape != (self.arms, LEVELS):
            raise ValueError(
                f"chances and rewards must have shapes (J, K + 1) with K >= 1 and (J, {LEVELS}), not {self.chances.shape} and "
                f"{self.rewards.shape}"
            )
        if not ((self.chances >= 0) & (self.chances <= 1)).all():
            raise ValueError("chances must hold probabilities between 0 and 1")
        if self.horizon < 1:
            raise ValueError(f"horizon must be at least 1, not {self.horizon}")
        self._check_reach()

    def _check_reach(self) -> None:
        size = self.actions.size
        if self.reach is None:
            if size != self.arms or self.doses != 1:
                raise ValueError(
                    f"without reach every arm has an action entry and two chances; here are {self.arms} arms, {size} entries and "
                    f"{self.doses + 1} chances an arm"
                )
            return
        if self.reach.shape != (self.arms, size) or not np.isin(self.reach, (0, 1)).all():
            raise ValueError(f"reach must hold zeros and ones of shape {(self.arms, size)}, not {self.reach.shape}")
        most = int(self.reach.sum(axis=1).max())
        if most > self.doses:
            raise ValueError(f"{most} action entries reach one arm, but chances stop at dose {self.doses}")

    @property
    def arms(self) -> int:
        """J, the number of arms."""
        return len(self.chances)

    @property
    def doses(self) -> int:
        """K, the largest dose."""
        return int(self.chances.shape[1]) - 1

    @property
    def passive(self) -> NDArray[np.float64]:
        """Each arm's probability of moving up when nothing reaches it, (J,)."""
        return self.chances[:, 0]

    @property
    def active(self) -> NDArray[np.float64]:
        """Each arm's probability of moving up at dose 1, (J,)."""
        return self.chances[:, 1]

    def dose(self, actions: NDArray[Any]) -> NDArray[np.int64]:
        """Return how many chosen entries of `actions` (n, N) reach each arm, (n, J)."""
        chosen = np.asarray(actions, dtype=np.int64)
        return chosen if self.reach is None else chosen @ self.reach.T.astype(np.int64)

    def up_prob(self, actions: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each arm's moving up, (n, J), under actions (n, N)."""
        if self.reach is None:
            return np.where(np.asarray(actions) > 0, self.active, self.passive)
        return self.chances[np.arange(self.arms), self.dose(actions)]

    def expected_reward(self, states: NDArray[np.integer[Any]], actions: NDArray[Any]) -> NDArray[np.float64]:
        """Return the expected reward of one step, (n,): sum_j p_j R[j, min(s_j + 1, 3)] + (1 - p_j) R[j, max(s_j - 1, 0)].

        Args:
            states: (n, J) levels.
            actions: (n, N).
        """
        return _expectation(self.up_prob(actions), *self.move_values(states))

    def step(self, states: NDArray[np.int64], actions: NDArray[Any], uniforms: NDArray[np.float64]) -> Step:
        """Move every arm once: up where its uniform is below its probability. A pure function, row by row.

        Args:
            states: (n, J) levels.
            actions: (n, N) feasible actions.
            uniforms: (n, J) drawn from [0, 1).
        """
        probability = self.up_prob(actions)
        up, down = self.move_values(states)
        rises = uniforms < probability
        return Step(
            levels=np.clip(states + np.where(rises, 1, -1), 0, LEVELS - 1),
            rewards=np.where(rises, up, down).sum(axis=1),
            expected=_expectation(probability, up, down),
        )

    def move_values(self, states: NDArray[np.integer[Any]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what each arm pays if it moves up and if it moves down from `states` (n, J); both (n, J)."""
        arm, up, down = self._move_table
        return up[arm, states], down[arm, states]

    @cached_property
    def _move_table(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        return np.arange(self.arms), *move_values(self.rewards)


def _expectation(probability: NDArray[np.float64], up: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    expected: NDArray[np.float64] = (down + probability * (up - down)).sum(axis=1)
    return expected
