"""Good feasible actions quickly, without a proof: a start for the exact search, and its answer when time runs out first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_cormab.maximise.answer import ActionSet
from hub_cormab.maximise.network import ReluNetwork


def climb(network: ReluNetwork, actions: ActionSet, state: NDArray[Any], start: NDArray[np.int8], rounds: int = 20) -> NDArray[np.int8]:
    """Return a feasible action (N,) at least as good as `start` (N,), by maximising the network's linearisation again and again.

    Each round moves to the best feasible action of the tangent at the current one, and stops when that no longer helps.
    """
    best = start
    value = float(network.values_in(best[None], state)[0])
    for _ in range(rounds):
        step = actions.maximise_linear(network.gradient(best, state)[None])[0]
        reached = float(network.values_in(step[None], state)[0])
        if reached <= value:
            break
        best, value = step, reached
    return best
