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

    Attributes:
        budget: B, the size parameter of the instance.
        horizon: H, steps of an episode.
        discount: gamma that learners use; scores are undiscounted.
        passive: (J,) probability that an arm moves up when it is left alone.
        active: (J,) probability that it moves up when it is pulled.
        rewards: (J, 4) what an arm pays for being in each level after its move.
        actions: the allowed joint pulls.
    """

    budget: int
    passive: NDArray[np.float64]
    active: NDArray[np.float64]
    rewards: NDArray[np.float64]
    actions: ActionSet
    horizon: int = 20
    discount: float = 0.99

    def __post_init__(self) -> None:
        if self.rewards.shape != (self.arms, LEVELS) or self.active.shape != (self.arms,):
            raise ValueError(
                f"passive, active and rewards must have shapes (J,), (J,) and (J, {LEVELS}), "
                f"not {self.passive.shape}, {self.active.shape} and {self.rewards.shape}"
            )
        for name, probabilities in (("passive", self.passive), ("active", self.active)):
            if not ((probabilities >= 0) & (probabilities <= 1)).all():
                raise ValueError(f"{name} must hold probabilities between 0 and 1")
        if self.horizon < 1:
            raise ValueError(f"horizon must be at least 1, not {self.horizon}")

    @property
    def arms(self) -> int:
        """J, the number of arms."""
        return len(self.passive)

    def up_prob(self, actions: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each arm's moving up, (n, J), under actions (n, N)."""
        return np.where(np.asarray(actions) > 0, self.active, self.passive)

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
