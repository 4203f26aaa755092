"""One price for a changing population: Lagrangian values of single arms, and the price at which they claim just what there is.

Let a pull of arm j cost lambda u_j, with u_j the units it takes of what the arms share, and V_j(lambda) be what arm j is then worth alone
until the end, or until it leaves. With U units a step, of which the arms present today can claim a share that shrinks as they leave,

    D(lambda) = sum_j V_j(lambda) + lambda U sum_{t < T} (1 - leave)^t

is the Lagrangian dual of their problem: newcomers claim the rest. Its minimiser prices future pulls. The pull at hand is not charged; it is
worth Q_j(s_j, 1) - Q_j(s_j, 0), and the action set itself limits it.

One price stands for all constraints and all later steps, so that a decision takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from hub_envs.cormab import CapacityActions, Problem
from hub_envs.cormab.open_population import Situation
from numpy.typing import NDArray

from hub_cormab.generalise.agent import best_pulls

PRICES = np.concatenate([[0.0], np.geomspace(0.05, 16.0, 40)])
"""Prices of a unit that are compared, (K,). At the highest nothing is worth its price: no arm gains more by a pull."""


class PricedValues(NamedTuple):
    """Values of n arms in their levels, at K prices of their pulls.

    Attributes:
        leave: (K, n) Q(s, 0).
        pull: (K, n) Q(s, 1), the price not taken off.
    """

    leave: NDArray[np.floating]
    pull: NDArray[np.floating]


Valuation = Callable[[Situation, NDArray[np.float64]], PricedValues]
"""Says what the arms of a situation are worth at prices (K, n) of their pulls."""


def pull_units(problem: Problem) -> NDArray[np.float64]:
    """Return what a pull of each arm takes of what all share, (n,): its cost where workers have capacities, else 1."""
    actions = problem.actions
    return actions.costs.astype(np.float64) if isinstance(actions, CapacityActions) else np.ones(problem.arms)


class Dual(NamedTuple):
    """D(lambda) at the `PRICES`, and what it was made from.

    Attributes:
        total: (K,) D(lambda): where nobody leaves or arrives, no policy's expected reward until the end is greater.
        values: of the arms.
    """

    total: NDArray[np.floating]
    values: PricedValues


def dual(situation: Situation, valuation: Valuation) -> Dual:
    """Return the dual of a situation under a valuation of its arms."""
    units = pull_units(situation.problem)
    supply = units @ best_pulls(situation, units)
    claims = ((1.0 - situation.leave) ** np.arange(situation.problem.horizon)).sum()
    prices = PRICES[:, None] * units
    values = valuation(situation, prices)
    return Dual(np.maximum(values.leave, values.pull - prices).sum(axis=1) + PRICES * supply * claims, values)


def pull_worth(situation: Situation, valuation: Valuation) -> NDArray[np.floating]:
    """Return what pulling each arm is worth now, (n,), when later pulls have the price that minimises the dual."""
    total, values = dual(situation, valuation)
    best = int(total.argmin())
    worth: NDArray[np.floating] = values.pull[best] - values.leave[best]
    return worth
