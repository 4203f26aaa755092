"""The price policy in an open population."""

from __future__ import annotations

import numpy as np
from hub_envs.cormab.arms import move_values
from hub_envs.cormab.open_population import Situation
from numpy.typing import NDArray

from hub_cormab.generalise.agent import SituationAgent, best_pulls
from hub_cormab.generalise.pricing import PricedValues, pull_worth


class OpenPrice(SituationAgent):
    """Plays argmax over feasible a of sum_j (Q_j(s_j, 1) - Q_j(s_j, 0)) a_j, with Q_j by backward induction at the best single price.

    The reference for learners: it reads the chances and rewards of every arm from the observation, knows how arms move, and solves each
    decision's instance anew (`hub_cormab.generalise.pricing`). It learns nothing.

    Args:
        task: an open population.
        seed: not used; the policy is deterministic.
    """

    def choose(self, situation: Situation) -> NDArray[np.int8]:
        """Return the best action at the arms' exact values, (n,)."""
        return best_pulls(situation, pull_worth(situation, exact_values))


def exact_values(situation: Situation, prices: NDArray[np.float64]) -> PricedValues:
    """Return the arms' values until the end of the episode when their pulls cost `prices` (K, n), by backward induction.

    An arm that leaves is worth nothing from then on.
    """
    problem = situation.problem
    later = np.zeros((*prices.shape, problem.rewards.shape[1]))
    for _ in range(problem.horizon):
        up, down = move_values((problem.rewards + (1.0 - situation.leave) * later).reshape(-1, problem.rewards.shape[1]))
        up, down = up.reshape(later.shape), down.reshape(later.shape)
        leave = down + problem.passive[:, None] * (up - down)
        pull = down + problem.active[:, None] * (up - down)
        later = np.maximum(leave, pull - prices[..., None])
    level = np.arange(problem.arms), situation.levels
    return PricedValues(leave[:, *level], pull[:, *level])
