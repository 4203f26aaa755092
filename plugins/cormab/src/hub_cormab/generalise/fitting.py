"""Fitted Q iteration on the moves of single arms, for all prices and horizons at once.

An arm's move tells what happens at any price and with any number of steps left, since neither changes how arms move. So each sample gets
a price and a number of steps of its own, drawn anew every time, and

    Q(s, a; T, p) <- R[s'] + [T > 1] (1 - leave) max(Q'(s', 0; T - 1, p), Q'(s', 1; T - 1, p) - p)

with Q' a copy of the network that follows it from time to time.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from hub_envs.cormab.open_population import Reader
from hub_envs.cormab.open_population.family import CHANCES, REWARDS
from hub_envs.cormab.open_population.reading import FACTS, LEAVE, LEVEL, PRESENT
from numpy.typing import NDArray

from hub_cormab.generalise.arm_network import ArmNetwork
from hub_cormab.generalise.pricing import PRICES

if TYPE_CHECKING:
    from hub.training import Training

SLOTS = 16
"""Episodes played side by side."""
BATCH = 1024
"""Moves of an update."""
RATE = 2e-3
"""Learning rate at the start; it falls to zero in a straight line."""
FOLLOW = 50
"""Updates after which the target becomes the network."""
MARGIN = 0.2
"""Errors count in units of 1 + MARGIN * (steps left), because values grow with the steps left."""


class Moves(NamedTuple):
    """Moves of m arms that stayed; who left is not seen any more.

    Attributes:
        facts: (m, 6) chances and rewards.
        level: (m,) before.
        pulled: (m,) 0 or 1.
        reached: (m,) level after.
        leave: (m,) chance of leaving after a step.
    """

    facts: torch.Tensor
    level: torch.Tensor
    pulled: torch.Tensor
    reached: torch.Tensor
    leave: torch.Tensor


def collect(training: Training, reader: Reader, rng: np.random.Generator, steps: int) -> Moves:
    """Play whole episodes, blindly but within the rules, until `steps` steps are taken, and return what arms did in them."""
    env = training.make_vec(SLOTS, AutoresetMode.DISABLED)
    rows: list[NDArray[np.float32]] = []
    stop = training.done + steps
    while training.done < stop:
        before, _ = env.reset()
        for _ in range(reader.family.horizon):
            actions = reader.pack(before, rng.random((SLOTS, reader.family.places)))
            after = env.step(actions)[0]
            rows.append(_moves(before, actions, after))
            before = after
    env.close()
    table = torch.from_numpy(np.concatenate(rows))
    level, pulled, reached = table[:, 6:9].long().unbind(1)
    return Moves(table[:, :6], level, pulled, reached, table[:, 9])


def _moves(before: dict[str, NDArray[Any]], actions: NDArray[np.int8], after: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    """Return a row for each arm that was there before and after; a place that was left stays empty for a step, so it is the same arm."""
    stayed = (before["arms"][..., PRESENT] > 0) & (after["arms"][..., PRESENT] > 0)
    arms = before["arms"][stayed]
    facts = arms[:, FACTS]
    return np.column_stack(
        [
            facts[:, CHANCES],
            facts[:, REWARDS],
            arms[:, LEVEL].argmax(axis=1),
            actions[stayed],
            after["arms"][stayed][:, LEVEL].argmax(axis=1),
            np.repeat(before["shared"][:, LEAVE], stayed.sum(axis=1)),
        ]
    ).astype(np.float32)


def fit(network: ArmNetwork, moves: Moves, training: Training, *, horizon: int, updates: int, rng: np.random.Generator) -> None:
    """Fit `network` in place.

    Args:
        network: to be fitted.
        moves: what is known of arms.
        training: is told the loss.
        horizon: most steps left.
        updates: gradient steps.
        rng: draws samples, their steps left and their prices.
    """
    target = copy.deepcopy(network)
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 1e-3, total_iters=updates)
    for update in range(1, updates + 1):
        drawn = torch.from_numpy(rng.integers(len(moves.level), size=BATCH))
        sample = Moves(*(column[drawn] for column in moves))
        left = torch.from_numpy(rng.integers(1, horizon + 1, size=BATCH).astype(np.float32))
        # Most decisions fall at low prices, so these are drawn more often.
        price = torch.from_numpy((PRICES[-1] * rng.random(BATCH) ** 2).astype(np.float32))
        loss = _loss(network, target, sample, left, price)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if update % FOLLOW == 0 or update == updates:
            target.load_state_dict(network.state_dict())
            training.report(loss=loss.item())


def _loss(network: ArmNetwork, target: ArmNetwork, sample: Moves, left: torch.Tensor, price: torch.Tensor) -> torch.Tensor:
    each = torch.arange(len(left))
    with torch.no_grad():
        leave, pull = target(torch.column_stack([sample.facts, left - 1, price]))
        later = torch.maximum(leave[each, sample.reached], pull[each, sample.reached] - price)
        paid = sample.facts[:, REWARDS][each, sample.reached]
        goal = paid + (left > 1) * (1.0 - sample.leave) * later
    leave, pull = network(torch.column_stack([sample.facts, left, price]))
    value = torch.where(sample.pulled > 0, pull[each, sample.level], leave[each, sample.level])
    return (((value - goal) / (1.0 + MARGIN * left)) ** 2).mean()
