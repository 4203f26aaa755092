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


class _Tables(NamedTuple):
    """What a step looks up, laid flat. An arm's numbers start at `first` (J,) times the length of what belongs to a level.

    For each arm and level, by dose: `chances` and `expected` rewards. For each arm and level, by whether it falls or rises: the `levels`
    that follow and the `rewards` of these.
    """

    first: NDArray[np.int64]
    chances: NDArray[np.float64]
    expected: NDArray[np.float64]
    levels: NDArray[np.int64]
    rewards: NDArray[np.float64]


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
        if self.reach is None:
            return np.asarray(actions, dtype=np.int64)
        # float32 holds such small counts exactly, and multiplies far faster than integers do. Some of its kernels report invalid values
        # from lanes beyond the arrays.
        with np.errstate(invalid="ignore"):
            doses: NDArray[np.int64] = (np.asarray(actions, dtype=np.float32) @ self._reached).astype(np.int64)
        return doses

    def up_prob(self, actions: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each arm's moving up, (n, J), under actions (n, N)."""
        return self.chances[np.arange(self.arms), self.dose(actions)]

    def expected_reward(self, states: NDArray[np.integer[Any]], actions: NDArray[Any]) -> NDArray[np.float64]:
        """Return the expected reward of one step, (n,): sum_j p_j R[j, min(s_j + 1, 3)] + (1 - p_j) R[j, max(s_j - 1, 0)].

        Args:
            states: (n, J) levels.
            actions: (n, N).
        """
        tables = self._tables
        expected: NDArray[np.float64] = tables.expected.take(self._cells(states + tables.first, actions)).sum(axis=1)
        return expected

    def step(self, states: NDArray[np.int64], actions: NDArray[Any], uniforms: NDArray[np.float64]) -> Step:
        """Move every arm once: up where its uniform is below its probability. A pure function, row by row.

        Args:
            states: (n, J) levels.
            actions: (n, N) feasible actions.
            uniforms: (n, J) drawn from [0, 1).
        """
        tables = self._tables
        place = states + tables.first
        cell = self._cells(place, actions)
        move = 2 * place + (uniforms < tables.chances.take(cell))
        return Step(
            levels=tables.levels.take(move),
            rewards=tables.rewards.take(move).sum(axis=1),
            expected=tables.expected.take(cell).sum(axis=1),
        )

    def move_values(self, states: NDArray[np.integer[Any]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what each arm pays if it moves up and if it moves down from `states` (n, J); both (n, J)."""
        move = 2 * (states + self._tables.first)
        return self._tables.rewards.take(move + 1), self._tables.rewards.take(move)

    def _cells(self, places: NDArray[np.integer[Any]], actions: NDArray[Any]) -> NDArray[np.int64]:
        """Return where the tables by dose hold what goes with `places` (n, J), an arm's level each, and actions (n, N)."""
        cells: NDArray[np.int64] = (self.doses + 1) * places + self.dose(actions)
        return cells

    @cached_property
    def _reached(self) -> NDArray[np.float32]:
        assert self.reach is not None
        return np.ascontiguousarray(self.reach.T, dtype=np.float32)

    @cached_property
    def _tables(self) -> _Tables:
        up, down = move_values(self.rewards)
        chances = np.repeat(self.chances[:, None, :], LEVELS, axis=1)
        level = np.arange(LEVELS)
        after = np.stack([np.maximum(level - 1, 0), np.minimum(level + 1, LEVELS - 1)], axis=1)
        return _Tables(
            first=np.arange(self.arms) * LEVELS,
            chances=chances.ravel(),
            expected=(down[..., None] + chances * (up - down)[..., None]).ravel(),
            levels=np.tile(after.ravel(), self.arms),
            rewards=np.stack([down, up], axis=2).ravel(),
        )
