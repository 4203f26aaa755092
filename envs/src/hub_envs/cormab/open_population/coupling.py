"""What a way of coupling arms tells an open population: the arms' traits, the supply they share, and which pulls fit it."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.actions import ActionSet


class Coupling(abc.ABC):
    """A way of coupling arms. Stateless: traits and supply are arrays, so that observations can carry them.

    Attributes:
        traits: F, numbers that say how one arm takes part.
        most_trait: the largest value of such a number; the smallest is 0.
        supply: S, numbers that say what the arms share; each lies between 0 and the number of workers.
    """

    traits: int
    most_trait: float
    supply: int

    @abc.abstractmethod
    def draw(self, rng: np.random.Generator, arms: int, workers: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Draw traits (arms, F) and the supply (S,) of `workers`, as the numbered instances of the closed bandit are drawn."""

    @abc.abstractmethod
    def action_set(self, traits: NDArray[np.float64], supply: NDArray[np.float64], budget: int) -> ActionSet:
        """Return the allowed pulls of arms with `traits` (n, F) under `supply` (S,)."""

    @abc.abstractmethod
    def fits(
        self, pulls: NDArray[np.int8], traits: NDArray[np.float64], supply: NDArray[np.float64], budgets: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Say row by row whether pulls (n, P) of arms with traits (n, P, F) fit supplies (n, S) and budgets (n,).

        The same answer as `action_set(...).is_feasible`, without building a set for every row.
        """

    @abc.abstractmethod
    def describe(self, supply: NDArray[np.float64]) -> str:
        """Say what the supply (S,) is, in a few words for a picture."""

    @abc.abstractmethod
    def describe_arm(self, traits: NDArray[Any]) -> str:
        """Say what an arm's traits (F,) are, in a few words for a picture."""
