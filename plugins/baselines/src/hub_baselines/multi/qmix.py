"""QMIX: players learn values of their own actions whose monotonic mixture is the team's.

Rashid et al., "QMIX: monotonic value function factorisation for deep multi-agent reinforcement learning", ICML 2018, with double
Q-learning as its authors' program (PyMARL) has it. The recurrent network is the one that the other agents here use (`networks`), shared
by all players.

Departures from PyMARL: sequences of a fixed length are replayed, from the memory that was stored with their first step (Kapturowski et
al., "Recurrent experience replay in distributed reinforcement learning", ICLR 2019), in place of whole episodes, so that games of any
length fit and many slots play without waiting; Adam in place of RMSprop; target networks follow slowly instead of by jumps; the state is
normalised before it is mixed. As for `ippo`, an end by time is worth 0 like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from torch import nn

import hub
from hub_baselines.multi.agent import PlayersAgent
from hub_baselines.multi.ippo import whole_game
from hub_baselines.multi.mixing import Mixer
from hub_baselines.multi.networks import Actor
from hub_baselines.multi.q_learning import QLearning, QSettings
from hub_baselines.settings import require_positive, require_shares

if TYPE_CHECKING:
    from hub.training import Training


class QMIX(PlayersAgent):
    """QMIX: values of each player's actions, mixed by the state of the whole game; for players that earn together.

    Args:
        task: a parallel environment whose players have equal spaces, floating-point observations and Discrete actions, with PettingZoo's
            `state()` and a `state_space`.
        seed: of the networks' first weights; training is seeded by the run.
        n_envs: games at once.
        n_steps: steps in each for an update; the length of replayed sequences.
        learning_rate: Adam's.
        gamma: discount.
        epsilon: share of random actions that exploration ends with, from 1 on.
        epsilon_steps: environment steps until then.
        capacity: most sequences to remember.
        batch: sequences of a gradient step.
        updates: gradient steps after each rollout.
        target_rate: share of the way that target networks follow in a gradient step.
        max_grad_norm: gradient clipping.
        restart_every: updates after which all episodes begin anew and the training can be saved; times `n_steps`, many episodes long.
    """

    name: ClassVar[str] = "qmix"
    default_train_steps: ClassVar[int] = 100_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        n_envs: int = 32,
        n_steps: int = 45,
        learning_rate: float = 5e-4,
        gamma: float = 0.99,
        epsilon: float = 0.05,
        epsilon_steps: int = 20_000,
        capacity: int = 1000,
        batch: int = 32,
        updates: int = 8,
        target_rate: float = 0.01,
        max_grad_norm: float = 10.0,
        restart_every: int = 20,
    ) -> None:
        require_positive(
            self.name, learning_rate=learning_rate, epsilon_steps=epsilon_steps, capacity=capacity, batch=batch, updates=updates
        )
        require_positive(self.name, max_grad_norm=max_grad_norm, target_rate=target_rate)
        require_shares(self.name, gamma=gamma, epsilon=epsilon, target_rate=target_rate)
        self.q = QSettings(
            learning_rate=learning_rate,
            gamma=gamma,
            epsilon=epsilon,
            epsilon_steps=epsilon_steps,
            capacity=capacity,
            batch=batch,
            updates=updates,
            target_rate=target_rate,
            max_grad_norm=max_grad_norm,
        )
        super().__init__(task, seed=seed, n_envs=n_envs, n_steps=n_steps, restart_every=restart_every)

    def build(self) -> dict[str, nn.Module]:
        """Return the players' values and their mixture."""
        state = whole_game(self, "the team's values")
        return {"actor": Actor(1, self.inputs.size, self.game.actions, gain=1.0), "mixer": Mixer(len(self.game.players), state)}

    def algorithm(self, training: Training, rng: np.random.Generator) -> QLearning:
        """Return recurrent Q-learning."""
        mixer = self.networks["mixer"]
        assert isinstance(mixer, Mixer)
        return QLearning(self.actor, mixer, self.q, rng, training)
