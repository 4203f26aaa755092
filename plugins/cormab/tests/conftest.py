"""Bandits that several tests here take."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hub_envs.cormab import BudgetActions, Problem


@pytest.fixture(scope="session")
def dosed() -> Callable[..., Problem]:
    """Return a function that draws a bandit whose arms answer to up to three of its entries, in no particular shape."""

    def draw(seed: int, arms: int = 4, size: int = 5, budget: int = 3, horizon: int = 4) -> Problem:
        rng = np.random.default_rng(seed)
        reach = np.zeros((arms, size), dtype=np.int8)
        for row in reach:
            row[rng.choice(size, size=rng.integers(0, min(3, size) + 1), replace=False)] = 1
        return Problem(
            budget=budget,
            chances=rng.random((arms, 4)),
            rewards=rng.exponential(size=(arms, 4)),
            actions=BudgetActions(size, budget),
            reach=reach,
            horizon=horizon,
        )

    return draw
