"""SEQUOIA's warm start: before it learns what follows, the network learns what a step pays, on states and actions chosen to be telling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from hub_cormab.qnetwork import QNetwork, inputs_of
from hub_cormab.settings import Settings

if TYPE_CHECKING:
    from hub_envs.cormab import Problem

TOP = 3
"""The level at which an arm pays."""

DRAWN = 2000
"""Most random feasible actions that are made for the states to draw from: where a walk must serve an action, making one is work."""

RANDOM_ACTIONS = 10
STATES_A_STEP = 50
"""Random states of the warm start, for each step of the horizon."""

Samples = tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.float64]]
"""States (n, J), actions (n, N) and expected rewards (n,)."""


def strategic_data(problem: Problem, rng: np.random.Generator, fresh: int = 0) -> Samples:
    """Return the warm start's states, actions and expected rewards; actions need not be feasible.

    States: all arms in level 0, all in 1, each single arm in 1, all but each; and 50 H random ones with B random arms in the top level.
    Actions in each: none, all, each alone, all but each, and 10 random ones; in a random state also the pull of the B arms raised there;
    and `fresh` random feasible ones, drawn with replacement from `DRAWN`.
    """
    arms, size, count = problem.arms, problem.actions.size, STATES_A_STEP * problem.horizon
    shared = np.concatenate([problem.actions.sample_feasible(rng, RANDOM_ACTIONS), _corners(size)])
    raised = rng.permuted(np.tile(np.arange(arms) < problem.budget, (count, 1)), axis=1)
    scattered = np.where(raised, TOP, rng.integers(0, TOP + 1, size=(count, arms))).astype(np.int8)
    states = np.concatenate([_corners(arms), scattered])
    wanted = fresh * len(states)
    drawn = problem.actions.sample_feasible(rng, min(wanted, DRAWN))[rng.integers(0, min(wanted, DRAWN) or 1, wanted)]
    every_state = np.concatenate([np.repeat(states, len(shared), axis=0), np.repeat(states, fresh, axis=0)])
    every_action = np.concatenate([np.tile(shared, (len(states), 1)), drawn])
    if size == arms:
        every_state, every_action = np.concatenate([every_state, scattered]), np.concatenate([every_action, raised.astype(np.int8)])
    return every_state, every_action, problem.expected_reward(every_state, every_action)


def _corners(size: int) -> NDArray[np.int8]:
    """Return all zeros, all ones, each unit vector and each one's complement; (2 size + 2, size)."""
    low = np.concatenate([np.zeros((1, size), dtype=np.int8), np.eye(size, dtype=np.int8)])
    return np.concatenate([low, 1 - low])


def warm_start(network: QNetwork, samples: Samples, settings: Settings, rng: np.random.Generator) -> float:
    """Fit the network to expected one-step rewards: the myopic network. Return the last epoch's mean squared error."""
    states, actions, rewards = samples
    inputs, targets = inputs_of(actions, states), torch.from_numpy((settings.reward_scale * rewards).astype(np.float32))
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.pretrain_rate, eps=1.5e-4, amsgrad=True)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, settings.pretrain_decay)
    loss = 0.0
    for _ in range(settings.pretrain_epochs):
        squares = 0.0
        for drawn in torch.from_numpy(rng.permutation(len(targets))).split(settings.pretrain_batch):  # type: ignore[no-untyped-call]
            error = torch.nn.functional.mse_loss(network(inputs[drawn]), targets[drawn])
            optimiser.zero_grad()
            error.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            squares += error.item() * len(drawn)
        schedule.step()
        loss = squares / len(targets)
    return loss
