"""Instances of the interventions bandit, drawn by number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.arms import check_sizes, draw_rewards
from hub_envs.cormab.interventions.actions import BudgetActions
from hub_envs.cormab.interventions.sigmoids import Sigmoids
from hub_envs.cormab.problem import Problem

TOGETHER = 3
"""Interventions that share their arms."""

REACHED = 3
"""Arms that an intervention reaches."""


@dataclass(frozen=True, eq=False, kw_only=True)
class InterventionsProblem(Problem):
    """A drawn instance, with what its chances were computed from.

    Attributes:
        sigmoids: how the arms answer; `chances` is their table.
        strong: (N,) bool, the interventions that reach arms with a threshold of several interventions.
    """

    sigmoids: Sigmoids
    strong: NDArray[np.bool_]


def draw_sigmoids(rng: np.random.Generator, arms: int, weak: int) -> Sigmoids:
    """Draw the sigmoids of `arms` arms: the first `weak` are done with one intervention, the others need two or three."""
    ceiling = np.concatenate([rng.uniform(0.2, 0.5, weak), rng.uniform(0.7, 1.0, arms - weak)]).round(1)
    slope = np.concatenate([np.ones(weak), rng.uniform(1.4, 1.9, arms - weak).round(1)])
    threshold = np.concatenate([rng.integers(1, 3, weak), rng.integers(9, 11, arms - weak)]).astype(np.float64)
    return Sigmoids(ceiling, slope, threshold)


def draw_reach(
    rng: np.random.Generator, reach: NDArray[np.int8], interventions: NDArray[np.int64], arms: NDArray[np.int64], name: str
) -> None:
    """Let `interventions` reach `arms`, in place: threes share three arms that no other reaches, left-over ones have three of their own.

    Args:
        rng: picks the arms.
        reach: (J, N) zeros where `arms` and `interventions` meet; ones are written there.
        interventions: of one kind, ascending.
        arms: of the same kind.
        name: of the kind, for the error.

    Raises:
        ValueError: there are too few arms.
    """
    shared = len(interventions) // TOGETHER * TOGETHER
    crews = [*interventions[:shared].reshape(-1, TOGETHER), *interventions[shared:, None]]
    if REACHED * len(crews) > len(arms):
        raise ValueError(
            f"{len(interventions)} {name} interventions need {REACHED * len(crews)} {name} arms, and of {len(reach)} arms {len(arms)} are; "
            "take more arms or fewer interventions"
        )
    for crew, reached in zip(crews, rng.permutation(arms)[: REACHED * len(crews)].reshape(-1, REACHED), strict=True):
        reach[np.ix_(reached, crew)] = 1


def interventions_problem(
    instance: int = 0, arms: int = 20, interventions: int = 10, budget: int = 5, horizon: int = 20
) -> InterventionsProblem:
    """Return instance number `instance`: `arms` arms and `interventions` interventions, at most `budget` of them a step.

    The first k = ceil(J B / N) arms are weak: A in {0.2, ..., 0.5}, b = 1, x0 in {1, 2}. The others are strong: A in {0.7, ..., 1.0}, b in
    {1.4, ..., 1.9}, x0 in {9, 10}. B interventions are strong and reach strong arms alone, the others are weak and reach weak arms alone.
    Within a kind, three interventions at a time (by number) share three arms; each left-over one has three arms of its own.

    Drawn in this order from `numpy.random.default_rng(instance)`: top rewards of the B good arms (0, ..., B - 1) from {4, 5, 6}, of the
    others from {1, 2, 3}; A of the weak arms ~ U[0.2, 0.5) and of the strong ones ~ U[0.7, 1), rounded to a tenth; b of the strong arms
    ~ U[1.4, 1.9), rounded to a tenth; x0 of the weak arms from {1, 2}, of the strong ones from {9, 10}; the strong interventions, B of N
    without replacement; the strong arms in random order, which the strong interventions take from the front; the weak arms likewise.

    Raises:
        ValueError: for a negative instance, unless 1 <= budget <= arms and budget <= interventions, and when there are too few arms of a
            kind for its interventions.
    """
    check_sizes(instance, arms, budget)
    if budget > interventions:
        raise ValueError(f"budget must not exceed the number of interventions ({interventions}), and is {budget}")
    rng = np.random.default_rng(instance)
    rewards = draw_rewards(rng, arms, budget)
    weak = -(-arms * budget // interventions)
    sigmoids = draw_sigmoids(rng, arms, weak)
    strong = np.zeros(interventions, dtype=np.bool_)
    strong[rng.choice(interventions, size=budget, replace=False)] = True
    reach = np.zeros((arms, interventions), dtype=np.int8)
    draw_reach(rng, reach, np.flatnonzero(strong), np.arange(weak, arms), "strong")
    draw_reach(rng, reach, np.flatnonzero(~strong), np.arange(weak), "weak")
    return InterventionsProblem(
        budget=budget,
        chances=sigmoids.chances(int(reach.sum(axis=1).max())),
        rewards=rewards,
        actions=BudgetActions(interventions, budget),
        reach=reach,
        horizon=horizon,
        sigmoids=sigmoids,
        strong=strong,
    )
