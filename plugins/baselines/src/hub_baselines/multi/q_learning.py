"""Recurrent Q-learning of a team: each player's values, mixed to the team's, learned from replayed sequences."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from hub_baselines.multi.batch import Moment
from hub_baselines.multi.mixing import Mixer
from hub_baselines.multi.networks import Actor
from hub_baselines.multi.ppo import act_together, remembered
from hub_baselines.multi.replay import Replay
from hub_baselines.multi.rollout import Rollout
from hub_baselines.multi.stacked import by_learner, by_player
from hub_baselines.resuming import Arrays, joined, load_optimiser, optimiser_arrays, part_of
from hub_baselines.weights import load_weights, weights_of

if TYPE_CHECKING:
    from hub.training import Training

Sequences = dict[str, torch.Tensor]
"""B sequences of T steps: `inputs` (B, T + 1, P, size), `states` (B, T + 1, S), `in_game` (B, T + 1, P), `begun` (B, T + 1), `actions`
(B, T, P), `rewards` (B, T), `ended` (B, T), and `hidden` (B, P, 64), what was remembered before the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QSettings:
    """What an update depends on; the agent's docstring says what each means."""

    learning_rate: float
    gamma: float
    epsilon: float
    epsilon_steps: int
    capacity: int
    batch: int
    updates: int
    target_rate: float
    max_grad_norm: float


class QLearning:
    """Acts in training, and updates players' values and their mixture from replayed sequences.

    Args:
        actor: scores each player's actions, one network for all.
        mixer: mixes the scores of the actions taken.
        settings: everything else.
        rng: draws exploration and sequences.
        training: its steps lower exploration.
    """

    def __init__(self, actor: Actor, mixer: Mixer, settings: QSettings, rng: np.random.Generator, training: Training) -> None:
        self._networks = nn.ModuleDict({"actor": actor, "mixer": mixer})
        self._targets = copy.deepcopy(self._networks).requires_grad_(False)
        self._settings, self._rng, self._training = settings, rng, training
        self._replay = Replay(settings.capacity)
        self._optimiser = torch.optim.Adam(self._networks.parameters(), lr=settings.learning_rate, eps=1e-5, fused=True)
        self._hidden = torch.zeros(0)

    @property
    def epsilon(self) -> float:
        """The share of actions drawn at random: from 1 down to the setting, in a line over the first `epsilon_steps` steps."""
        done = min(1.0, self._training.done / self._settings.epsilon_steps)
        return 1 + done * (self._settings.epsilon - 1)

    def act(self, inputs: torch.Tensor, moment: Moment) -> tuple[NDArray[np.int64], dict[str, torch.Tensor]]:
        """Take each player's best action (n, P), or one at random; notes are memories."""
        hidden = remembered(self._hidden, moment)
        scores, self._hidden = act_together(self._actor, inputs, hidden)
        random = self._rng.integers(scores.shape[-1], size=moment.in_game.shape)
        explores = self._rng.random(moment.in_game.shape) < self.epsilon
        return np.where(explores, random, scores.argmax(-1).numpy()), {"hidden": hidden}

    def update(self, rollout: Rollout) -> None:
        """Remember a rollout, and take `updates` gradient steps on sequences drawn from all that are remembered."""
        self._replay.add(sequences(rollout))
        for _ in range(self._settings.updates):
            self._learn(self._replay.drawn(self._settings.batch, self._rng))

    def arrays(self) -> Arrays:
        """Return what later updates depend on besides networks and random numbers, as named arrays."""
        return joined(targets=weights_of(self._targets), optimiser=optimiser_arrays(self._optimiser), replay=self._replay.arrays())

    def load_arrays(self, arrays: Arrays) -> None:
        """Take over what `arrays` of an equally built object returned."""
        load_weights(self._targets, part_of(arrays, "targets"), "the target networks")
        load_optimiser(self._optimiser, part_of(arrays, "optimiser"))
        self._replay.load_arrays(part_of(arrays, "replay"))

    @property
    def _actor(self) -> Actor:
        actor = self._networks["actor"]
        assert isinstance(actor, Actor)
        return actor

    def _learn(self, drawn: Sequences) -> None:
        """Move values towards r + gamma Q'(s', best of Q) where `Q'` are the target networks (double Q-learning)."""
        settings, in_game = self._settings, drawn["in_game"]
        scores = unrolled(self._actor, drawn)
        taken = scores[:, :-1].gather(-1, drawn["actions"][..., None])[..., 0] * in_game[:, :-1]
        values = self._networks["mixer"](taken, drawn["states"][:, :-1])
        with torch.no_grad():
            best = scores[:, 1:].argmax(-1, keepdim=True)
            target_actor = self._targets["actor"]
            assert isinstance(target_actor, Actor)
            following = unrolled(target_actor, drawn)[:, 1:].gather(-1, best)[..., 0] * in_game[:, 1:]
            joint = self._targets["mixer"](following, drawn["states"][:, 1:])
            targets = drawn["rewards"] + settings.gamma * (1 - drawn["ended"]) * joint
        loss = (values - targets).square().mean()
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._networks.parameters(), settings.max_grad_norm)
        self._optimiser.step()
        with torch.no_grad():
            for target, network in zip(self._targets.parameters(), self._networks.parameters(), strict=True):
                target.lerp_(network, settings.target_rate)


def unrolled(actor: Actor, drawn: Sequences) -> torch.Tensor:
    """Return the scores (B, T + 1, P, actions) along sequences, with gradients through time; an episode's beginning forgets."""
    players = drawn["inputs"].shape[2]
    goes_on = (drawn["in_game"] * (1 - drawn["begun"][..., None]))[..., None]
    hidden, scores = drawn["hidden"], []
    for step in range(drawn["inputs"].shape[1]):
        inputs = by_learner(drawn["inputs"][:, step], actor.learners)
        scored, after = actor(inputs, by_learner(hidden * goes_on[:, step], actor.learners))
        hidden = by_player(after, players)
        scores.append(by_player(scored, players))
    return torch.stack(scores, dim=1)


def sequences(rollout: Rollout) -> Sequences:
    """Return a rollout as sequences, one for each game; the team earns the players' mean reward."""
    assert rollout.states is not None
    following = rollout.following
    assert following.state is not None
    with_following = {
        "inputs": torch.cat([rollout.inputs, rollout.following_inputs[None]]),
        "states": torch.from_numpy(np.concatenate([rollout.states, following.state[None]])),
        "in_game": _floats(np.concatenate([rollout.in_game, following.in_game[None]])),
        "begun": _floats(np.concatenate([rollout.begun, following.begun[None]])),
        "actions": torch.from_numpy(rollout.actions),
        "rewards": _floats(rollout.rewards.mean(axis=-1)),
        "ended": _floats(rollout.ended),
    }
    return {"hidden": rollout.notes["hidden"][0], **{name: values.transpose(0, 1) for name, values in with_following.items()}}


def _floats(values: NDArray[np.bool_] | NDArray[np.float64]) -> torch.Tensor:
    return torch.from_numpy(values.astype(np.float32))
