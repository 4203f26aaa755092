"""Exact myopic play in an open population."""

from __future__ import annotations

import numpy as np
from hub_envs.cormab.open_population import Situation
from numpy.typing import NDArray

from hub_cormab.doses import dose_gains
from hub_cormab.generalise.agent import SituationAgent, best_pulls


class OpenMyopic(SituationAgent):
    """Plays argmax over feasible a of E[r | s, a], exactly: `myopic`, with the bandit read from the observation.

    Args:
        task: an open population.
        seed: not used; the policy is deterministic.
    """

    def choose(self, situation: Situation) -> NDArray[np.int8]:
        """Return the action of greatest expected next reward, (n,)."""
        return best_pulls(situation, dose_gains(situation.problem, situation.levels[None])[0, :, 1])
