"""What an open population shows, and how to read it back: an observation holds all that a policy needs in an instance it never saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from hub_envs.cormab.arms import LEVELS
from hub_envs.cormab.open_population.family import CHANCES, REWARDS, TRAITS, Family
from hub_envs.cormab.problem import Problem

Observation = dict[str, NDArray[np.float64]]
"""`"arms"` (P, 11 + F) and `"shared"` (4 + S); in a batch both with a leading axis."""

PRESENT = 0
"""Column of `"arms"` that says whether an arm is in the place."""
LEVEL = slice(1, 1 + LEVELS)
"""Its level, one-hot."""
FACTS = slice(1 + LEVELS, None)
"""Its chances, rewards and traits."""

BUDGET, STEPS_LEFT, LEAVE, ARRIVE = range(4)
"""Entries of `"shared"`, before the supply."""
SUPPLY = slice(4, None)
"""What the arms share."""


class Situation(NamedTuple):
    """One observation as a planner wants it.

    Attributes:
        problem: the closed bandit of the n arms present, entry k of an action pulling arm k. Its horizon is the number of steps left
            (1 in an episode's last observation, where none is).
        levels: (n,) their levels.
        places: (n,) their places, ascending.
        leave: chance that an arm leaves after a step.
        arrive: chance that a newcomer takes an empty place after a step.
    """

    problem: Problem
    levels: NDArray[np.int64]
    places: NDArray[np.int64]
    leave: float
    arrive: float


class Reader:
    """Knows how a family's observations are laid out. It is the environments' `model`: what a policy may know before it sees an instance.

    Attributes:
        family: sizes, chances and coupling that all episodes have in common.
        space: the observations' space.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        most = float(family.places)
        lowest = {"arms": np.zeros((family.places, 1 + LEVELS + family.facts)), "shared": np.zeros(4 + family.coupling.supply)}
        highest = {name: np.ones_like(low) for name, low in lowest.items()}
        facts = highest["arms"][:, FACTS]
        facts[:, REWARDS], facts[:, TRAITS] = 6.0, family.coupling.most_trait
        highest["shared"][[BUDGET, STEPS_LEFT]] = most, family.horizon
        highest["shared"][SUPPLY] = most
        self.space = spaces.Dict({name: spaces.Box(lowest[name], highest[name], dtype=np.float64) for name in lowest})

    def write(
        self,
        levels: NDArray[np.int64],
        facts: NDArray[np.float64],
        present: NDArray[np.bool_],
        shared: NDArray[np.float64],
    ) -> Observation:
        """Return stacked observations of levels (n, P), facts (n, P, 6 + F), presence (n, P) and the shared numbers (n, 4 + S)."""
        one_hot = (levels[..., None] == np.arange(LEVELS)) & present[..., None]
        return {"arms": np.concatenate([present[..., None], one_hot, facts], axis=-1, dtype=np.float64), "shared": shared}

    def read(self, observation: Mapping[str, NDArray[Any]]) -> Situation:
        """Read one observation.

        Args:
            observation: `"arms"` (P, 11 + F) and `"shared"` (4 + S,), as an environment of the family gives them.
        """
        shared = observation["shared"]
        places = np.flatnonzero(observation["arms"][:, PRESENT])
        arms = observation["arms"][places]
        facts = arms[:, FACTS]
        budget = int(shared[BUDGET])
        problem = Problem(
            budget=budget,
            chances=facts[:, CHANCES],
            rewards=facts[:, REWARDS],
            actions=self.family.coupling.action_set(facts[:, TRAITS], shared[SUPPLY], budget),
            horizon=max(1, int(shared[STEPS_LEFT])),
        )
        return Situation(problem, arms[:, LEVEL].argmax(axis=1), places, float(shared[LEAVE]), float(shared[ARRIVE]))

    def pack(self, observations: Mapping[str, NDArray[Any]], priorities: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
        """Add present arms in falling order of priority (ties: lower place first), each one as long as the action stays feasible.

        What `ActionSet.pack` does, for many instances at once and without building their action sets.

        Args:
            observations: stacked, `"arms"` (n, P, 11 + F) and `"shared"` (n, 4 + S).
            priorities: (n, P).

        Returns:
            (n, P) feasible actions.
        """
        present = observations["arms"][..., PRESENT] > 0
        traits, supply = observations["arms"][..., FACTS][..., TRAITS], observations["shared"][:, SUPPLY]
        budgets = observations["shared"][:, BUDGET].astype(np.int64)
        each = np.arange(len(present))
        actions = np.zeros(present.shape, dtype=np.int8)
        open_to = present.copy()
        for place in np.argsort(-np.where(present, priorities, -np.inf), axis=1, kind="stable").T:
            asked = np.flatnonzero(open_to[each, place])
            actions[asked, place[asked]] = 1
            fits = self.family.coupling.fits(actions[asked], traits[asked], supply[asked], budgets[asked])
            refused = asked[~fits]
            actions[refused, place[refused]] = 0
            # What does not fit now never will, nor will arms that take part alike.
            alike = (traits[refused] == traits[refused, place[refused]][:, None]).all(axis=2)
            open_to[refused] &= ~alike
        return actions
