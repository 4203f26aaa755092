"""Recurrent PPO for several learners at once, as MAPPO's authors run it and iPLAN's took over.

Yu et al., "The surprising effectiveness of PPO in cooperative multi-agent games", NeurIPS 2022. Memories are stored with the rollout and
go in as inputs: a gradient reaches back one step, not further ("sequences of length 1"). Every learner is trained as if it were alone:
losses, advantages and gradient norms are its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from hub_baselines.advantages import advantages
from hub_baselines.episodes import drawn_categories
from hub_baselines.multi.batch import Moment
from hub_baselines.multi.networks import WIDTH, Actor, Critic
from hub_baselines.multi.rollout import Rollout
from hub_baselines.multi.stacked import by_learner, by_player, clip_each_learner
from hub_baselines.resuming import Arrays, joined, load_optimiser, optimiser_arrays, part_of

_HUBER_DELTA = 10.0
_VALUE_WEIGHT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PPOSettings:
    """What an update depends on; the agent's docstring says what each means."""

    learning_rate: float
    epochs: int
    minibatches: int
    gamma: float
    gae_lambda: float
    clip: float
    entropy: float
    max_grad_norm: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """A rollout, a row for each step of each game and learner: (learners, rows, ...) tensors."""

    inputs: torch.Tensor
    hidden: torch.Tensor
    views: torch.Tensor
    critic_hidden: torch.Tensor
    actions: torch.Tensor
    log_probabilities: torch.Tensor
    advantages: torch.Tensor
    values: torch.Tensor
    targets: torch.Tensor
    counted: torch.Tensor

    def chosen(self, rows: torch.Tensor) -> _Rows:
        """Return some of the rows."""
        return _Rows(*(getattr(self, name).index_select(1, rows) for name in self.__slots__))


class PPO:
    """Acts in training, and updates policies and values from rollouts.

    Args:
        actor: of all learners.
        critic: of all learners.
        settings: everything else.
        rng: draws actions and mini-batches.
        players: of a game; one learner each, or one for all.
        central: whether values are read from the state of the whole game and the player's number, else from what the policy reads.
    """

    def __init__(
        self, actor: Actor, critic: Critic, settings: PPOSettings, rng: np.random.Generator, *, players: int, central: bool
    ) -> None:
        self._actor, self._critic, self._settings, self._rng = actor, critic, settings, rng
        self._players, self._central = players, central
        self._actor_optimiser = _adam(actor, settings.learning_rate)
        self._critic_optimiser = _adam(critic, settings.learning_rate)
        self._numbers = torch.eye(players)
        self._hidden = self._critic_hidden = torch.zeros(0)

    def act(self, inputs: torch.Tensor, moment: Moment) -> tuple[NDArray[np.int64], dict[str, torch.Tensor]]:
        """Draw an action (n, P) from each player's policy; notes are memories, values and log-probabilities."""
        hidden, critic_hidden = remembered(self._hidden, moment), remembered(self._critic_hidden, moment)
        logits, self._hidden = act_together(self._actor, inputs, hidden)
        values, self._critic_hidden = self._values(self._view(inputs, moment.state), critic_hidden)
        chances = logits.log_softmax(-1)
        flat = chances.flatten(0, 1)
        actions = drawn_categories(flat.exp().numpy(), self._rng.random(len(flat))).reshape(moment.in_game.shape)
        log_probabilities = _of(chances, torch.from_numpy(actions))
        return actions, {"hidden": hidden, "critic_hidden": critic_hidden, "values": values, "log_probabilities": log_probabilities}

    def update(self, rollout: Rollout) -> None:
        """Take `epochs` passes over a rollout, in `minibatches` pieces each."""
        rows = self._rows(rollout)
        self._critic.head.renew(rows.targets, rows.counted)
        useful = np.flatnonzero(rows.counted.any(0).numpy())
        for _ in range(self._settings.epochs):
            for piece in np.array_split(self._rng.permutation(useful), self._settings.minibatches):
                chosen = rows.chosen(torch.from_numpy(piece))
                self._move_policy(chosen)
                self._move_value(chosen)

    def arrays(self) -> Arrays:
        """Return what later updates depend on besides networks and random numbers, as named arrays."""
        return joined(actor=optimiser_arrays(self._actor_optimiser), critic=optimiser_arrays(self._critic_optimiser))

    def load_arrays(self, arrays: Arrays) -> None:
        """Take over what `arrays` of an equally built object returned."""
        load_optimiser(self._actor_optimiser, part_of(arrays, "actor"))
        load_optimiser(self._critic_optimiser, part_of(arrays, "critic"))

    def _values(self, views: torch.Tensor, hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return values (n, P), on the scale of returns, and what critics remember."""
        learners = self._actor.learners
        with torch.no_grad():
            normalised, hidden = self._critic(by_learner(views, learners), by_learner(hidden, learners))
            values = self._critic.head.denormalised(normalised)
        return by_player(values, self._players), by_player(hidden, self._players)

    def _view(self, inputs: torch.Tensor, states: NDArray[np.float32] | None) -> torch.Tensor:
        """Return what critics read, (..., P, numbers), where policies read `inputs` (..., P, size) and games are in `states` (..., S)."""
        if not self._central:
            return inputs
        assert states is not None
        whole = torch.from_numpy(states)[..., None, :].expand(*inputs.shape[:-1], -1)
        return torch.cat([whole, self._numbers.expand(*inputs.shape[:-1], -1)], dim=-1)

    def _rows(self, rollout: Rollout) -> _Rows:
        following = rollout.following
        last, _ = self._values(self._view(rollout.following_inputs, following.state), remembered(self._critic_hidden, following))
        values = rollout.notes["values"]
        gained = advantages(
            rollout.rewards.reshape(len(values), -1),
            values.flatten(1).numpy(),
            last.flatten().numpy(),
            rollout.left.reshape(len(values), -1),
            gamma=self._settings.gamma,
            gae_lambda=self._settings.gae_lambda,
        )
        gains = self._by_learner(torch.from_numpy(gained.astype(np.float32)).reshape(values.shape))
        counted = self._by_learner(torch.from_numpy(rollout.in_game.astype(np.float32)))
        before = self._by_learner(values)
        return _Rows(
            inputs=self._by_learner(rollout.inputs),
            hidden=self._by_learner(rollout.notes["hidden"]),
            views=self._by_learner(self._view(rollout.inputs, rollout.states)),
            critic_hidden=self._by_learner(rollout.notes["critic_hidden"]),
            actions=self._by_learner(torch.from_numpy(rollout.actions)),
            log_probabilities=self._by_learner(rollout.notes["log_probabilities"]),
            advantages=_standardised(gains, counted),
            values=before,
            targets=before + gains,
            counted=counted,
        )

    def _by_learner(self, values: torch.Tensor) -> torch.Tensor:
        """Return values (T, n, P, ...) as (learners, rows, ...)."""
        return by_learner(values.flatten(0, 1), self._actor.learners)

    def _move_policy(self, rows: _Rows) -> None:
        clip = self._settings.clip
        logits, _ = self._actor(rows.inputs, rows.hidden)
        chances = logits.log_softmax(-1)
        ratio = (_of(chances, rows.actions) - rows.log_probabilities).exp()
        surrogate = torch.min(ratio * rows.advantages, ratio.clamp(1 - clip, 1 + clip) * rows.advantages)
        entropy = -(chances.exp() * chances).sum(-1)
        self._step(self._actor, self._actor_optimiser, -_mean(surrogate + self._settings.entropy * entropy, rows.counted))

    def _move_value(self, rows: _Rows) -> None:
        values, _ = self._critic(rows.views, rows.critic_hidden)
        head = self._critic.head
        before, targets = head.normalised(rows.values), head.normalised(rows.targets)
        clipped = before + (values - before).clamp(-self._settings.clip, self._settings.clip)
        loss = torch.max(_huber(values, targets), _huber(clipped, targets))
        self._step(self._critic, self._critic_optimiser, _VALUE_WEIGHT * _mean(loss, rows.counted))

    def _step(self, network: nn.Module, optimiser: torch.optim.Optimizer, losses: torch.Tensor) -> None:
        optimiser.zero_grad()
        # Learners share no weight, so the gradient of the sum holds each one's own.
        losses.sum().backward()  # type: ignore[no-untyped-call]
        clip_each_learner(network.parameters(), self._settings.max_grad_norm)
        optimiser.step()


def remembered(hidden: torch.Tensor, moment: Moment) -> torch.Tensor:
    """Return what each player remembers (n, P, 64): `hidden`, but nothing where an episode begins or the player is out of the game."""
    if not hidden.numel():
        return torch.zeros(*moment.in_game.shape, WIDTH)
    return hidden * torch.from_numpy(moment.in_game & ~moment.begun[:, None])[..., None]


def act_together(actor: Actor, inputs: torch.Tensor, hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return scores (n, P, actions) and what is remembered (n, P, 64), from inputs (n, P, size) and what was, without gradients."""
    with torch.no_grad():
        scores, hidden = actor(by_learner(inputs, actor.learners), by_learner(hidden, actor.learners))
    return by_player(scores, inputs.shape[1]), by_player(hidden, inputs.shape[1])


def _adam(network: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    moved = [parameter for parameter in network.parameters() if parameter.requires_grad]
    return torch.optim.Adam(moved, lr=learning_rate, eps=1e-5, fused=True)


def _of(chances: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    """Return from log-probabilities (..., actions) those of the actions (...) taken."""
    return chances.gather(-1, actions[..., None])[..., 0]


def _mean(values: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Return each learner's mean (learners,) over the rows that count; 0 for one with none."""
    return (values * counted).sum(1) / counted.sum(1).clamp(min=1)


def _standardised(values: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Return values (learners, rows) with mean 0 and standard deviation 1 over each learner's rows that count."""
    centred = values - _mean(values, counted)[:, None]
    return centred / (_mean(centred.square(), counted).sqrt()[:, None] + 1e-5)


def _huber(values: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return functional.huber_loss(values, targets, reduction="none", delta=_HUBER_DELTA)
