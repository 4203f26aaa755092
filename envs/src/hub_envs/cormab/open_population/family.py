"""A family of coupled bandits with an open population, and the draw of one episode from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.arms import LEVELS, draw_chances, draw_rewards
from hub_envs.cormab.open_population.coupling import Coupling

CHANCES = slice(0, 2)
"""Columns of an arm's facts: chance of moving up when left alone, and when pulled."""
REWARDS = slice(2, 2 + LEVELS)
"""What the arm pays in each level."""
TRAITS = slice(2 + LEVELS, None)
"""How the arm takes part in the coupling."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """What the episodes of an open population have in common.

    Attributes:
        coupling: what couples the arms.
        min_arms: fewest arms that an episode starts with.
        max_arms: most.
        places: P, the length of actions.
        budget_share: budget per arm at the start; B = max(1, round(share * J)).
        leave: chance that an arm leaves after a step.
        arrive: chance that a newcomer takes an empty place after a step.
        horizon: H, steps of an episode.
        start_probability: chance that an arm starts in level 1 rather than 0.
    """

    coupling: Coupling
    min_arms: int
    max_arms: int
    places: int
    budget_share: float
    leave: float
    arrive: float
    horizon: int
    start_probability: float

    def __post_init__(self) -> None:
        if not 1 <= self.min_arms <= self.max_arms <= self.places:
            raise ValueError(
                f"1 <= min_arms <= max_arms <= places must hold, and they are {self.min_arms}, {self.max_arms} and {self.places}"
            )
        if self.horizon < 1:
            raise ValueError(f"horizon must be at least 1, and is {self.horizon}")
        for name in ("leave", "arrive", "start_probability"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, and is {getattr(self, name)}")
        if not 0 < self.budget_share <= 1:
            raise ValueError(f"budget_share must be greater than 0 and at most 1, and is {self.budget_share}")

    @property
    def facts(self) -> int:
        """Numbers that describe an arm for good: two chances, four rewards, the coupling's traits."""
        return 2 + LEVELS + self.coupling.traits

    def budget(self, arms: int) -> int:
        """Return B of an episode that starts with `arms` arms."""
        return max(1, round(self.budget_share * arms))


@dataclass(frozen=True, eq=False, kw_only=True)
class Script:
    """All that chance decides in one episode, whatever is played. M arms appear in it, newcomers included.

    Attributes:
        budget: B.
        who: (H + 1, P) the arm in each place at each step, a row of the next two; -1 (their last row) where there is none.
        facts: (M + 1, 6 + F) each arm's chances, rewards and traits; the last row, nobody's, is zero.
        first: (M + 1,) the level each arm arrives in.
        supply: (S,) what the arms share.
        uniforms: (H, P) an arm moves up at a step when its place's uniform is below its chance.
    """

    budget: int
    who: NDArray[np.int64]
    facts: NDArray[np.float64]
    first: NDArray[np.int64]
    supply: NDArray[np.float64]
    uniforms: NDArray[np.float64]


def draw_script(rng: np.random.Generator, family: Family) -> Script:
    """Draw an episode, in the order that the environments' docstrings state."""
    arms = int(rng.integers(family.min_arms, family.max_arms + 1))
    budget = family.budget(arms)
    who = draw_presence(rng, arms, family)
    everybody = int(who.max()) + 1
    chances = draw_chances(rng, everybody)
    rewards = np.concatenate([draw_rewards(rng, arms, budget), _newcomers_rewards(rng, everybody - arms, budget / arms)])
    traits, supply = family.coupling.draw(rng, everybody, budget)
    first = (rng.random(everybody) < family.start_probability).astype(np.int64)
    uniforms = np.zeros((family.horizon, family.places))
    uniforms[:, :arms] = rng.random((family.horizon, arms))
    return Script(
        budget=budget,
        who=who,
        facts=np.concatenate([np.concatenate([chances, rewards, traits], axis=1), np.zeros((1, family.facts))]),
        first=np.append(first, 0),
        supply=supply,
        uniforms=uniforms,
    )


def draw_presence(rng: np.random.Generator, arms: int, family: Family) -> NDArray[np.int64]:
    """Draw who is in each place at each step, (H + 1, P): arms 0..J-1 at first, then newcomers, numbered as they come.

    One uniform for each step and place; a place that an arm left can be taken from the next step on. Where everybody would be gone, all
    stay, so that there is always a bandit to play.
    """
    who = np.full((family.horizon + 1, family.places), -1)
    who[0, :arms] = np.arange(arms)
    following = arms
    for step, draws in enumerate(rng.random((family.horizon, arms)), start=1):
        before = who[step - 1, :arms]
        comes = (before < 0) & (draws < family.arrive)
        now = np.where((before >= 0) & (draws < family.leave), -1, before)
        now[comes] = following + np.arange(comes.sum())
        following += int(comes.sum())
        who[step, :arms] = now if (now >= 0).any() else before
    return who


def _newcomers_rewards(rng: np.random.Generator, arms: int, good: float) -> NDArray[np.float64]:
    """Draw reward tables (arms, 4) of arms each of which is a good one with chance `good`."""
    is_good = rng.random(arms) < good
    rewards = np.empty((arms, LEVELS))
    rewards[np.argsort(~is_good, kind="stable")] = draw_rewards(rng, arms, int(is_good.sum()))
    return rewards
