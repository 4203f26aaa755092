"""The learner: one network that says what any arm is worth, trained once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from hub_baselines.determinism import repeatable
from hub_baselines.tiles import Tiles
from hub_envs.cormab.open_population import Situation
from numpy.typing import NDArray

import hub
from hub.errors import UsageError
from hub_cormab.generalise.agent import SituationAgent, best_pulls
from hub_cormab.generalise.arm_network import ArmNetwork
from hub_cormab.generalise.fitting import collect, fit
from hub_cormab.generalise.pricing import PricedValues, pull_worth

if TYPE_CHECKING:
    from hub.training import Training

TILE = 512
"""Rows of a forward pass."""


class SharedIndex(SituationAgent):
    """Plays argmax over feasible a of sum_j (Q(x_j, s_j, 1) - Q(x_j, s_j, 0)) a_j, with one network Q for all arms of all instances.

    Q takes what is known about an arm (its chances and rewards), its level, the steps left and a price of its pulls, and nothing about
    other arms; the price at which the arms present claim just what there is joins them (`hub_cormab.generalise.pricing`). So instances of
    any size, and arms that were not there before, need no training of their own.

    It learns from the moves that arms make in training episodes under blind play (`hub_cormab.generalise.fitting`). It is told: which arms
    are there, their chances and rewards as numbers, the chance of leaving, the action set. It is not told how chances move an arm. It
    takes for granted that arms move by their own pulls alone, the same way at every step and price.

    After the idea of one pretrained network with a price as input: Zhao et al., "Towards a pretrained model for restless bandits via
    multi-arm generalization", IJCAI 2024 (PreFeRMAB). Theirs trains an actor by policy gradient and predicts the price by a second
    network; here values are fitted off-policy and the price minimises the dual.

    Args:
        task: an open population.
        seed: of the initial weights, the training's play and its samples.
        updates: gradient steps of the training.
    """

    default_train_steps: ClassVar[int] = 2560

    def __init__(self, task: hub.Task, *, seed: int = 0, updates: int = 4000) -> None:
        super().__init__(task, seed=seed)
        if updates < 1:
            raise UsageError(f"shared-index: updates must be at least 1, and is {updates}")
        self._updates = updates
        with repeatable(seed):
            self._take(ArmNetwork())

    def _take(self, network: ArmNetwork) -> None:
        self._network = network
        self._tiles = Tiles(network, rows=TILE)

    def learn(self, training: Training) -> None:
        """Play the whole budget, then fit the network to the moves seen."""
        rng = np.random.default_rng(self.seed)
        with repeatable(self.seed):
            moves = collect(training, self.reader, rng, training.remaining)
            fit(self._network, moves, training, horizon=self.reader.family.horizon, updates=self._updates, rng=rng)
        self._take(self._network)

    def choose(self, situation: Situation) -> NDArray[np.int8]:
        """Return the best action at the learned values, (n,)."""
        return best_pulls(situation, pull_worth(situation, self.learned_values))

    def learned_values(self, situation: Situation, prices: NDArray[np.float64]) -> PricedValues:
        """Return what the network says of the arms' values at `prices` (K, n)."""
        problem = situation.problem
        arms = np.column_stack([problem.chances, problem.rewards, np.full(problem.arms, problem.horizon)])
        inputs = np.concatenate([np.broadcast_to(arms, (len(prices), *arms.shape)), prices[..., None]], axis=2)
        leave, pull = self._tiles(inputs.reshape(-1, inputs.shape[2]).astype(np.float32))
        row = np.arange(prices.size), np.tile(situation.levels, len(prices))
        return PricedValues(leave[row].reshape(prices.shape), pull[row].reshape(prices.shape))

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return the network's parameters."""
        return dict(self._network.arrays())

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take over a network's parameters; those of a training on other sizes fit as well.

        Raises:
            UsageError: they are not those of such a network.
        """
        try:
            self._network.load_arrays(weights)
        except ValueError as error:
            raise UsageError(f"shared-index: the checkpoint does not fit: {error}") from error
        self._take(self._network)
