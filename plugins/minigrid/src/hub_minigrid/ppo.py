"""PPO as the paper runs it: separate networks and optimisers for policy and value, clipping in both losses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from hub_baselines.advantages import advantages
from hub_baselines.resuming import Arrays, joined, load_optimiser, optimiser_arrays, part_of
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from hub_minigrid.rapid import Transitions
from hub_minigrid.rollout import Rollout


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
    value: float
    max_grad_norm: float


class PPO:
    """Updates a policy network and a value network, from rollouts and from demonstrations.

    Args:
        actor: gives logits of actions.
        critic: gives a value.
        settings: everything else.
        rng: draws mini-batches.
    """

    def __init__(self, actor: nn.Module, critic: nn.Module, settings: PPOSettings, rng: np.random.Generator) -> None:
        self.actor, self.critic, self._settings, self._rng = actor, critic, settings, rng
        self._actor_optimiser = adam(actor, settings.learning_rate)
        self._critic_optimiser = adam(critic, settings.learning_rate)

    def update(self, rollout: Rollout, rewards: NDArray[np.float64]) -> None:
        """Take `epochs` passes over a rollout, in `minibatches` pieces each, with `rewards` (steps, slots) as what actions earned."""
        observations = torch.from_numpy(rollout.observations).flatten(0, 1).float()
        actions = torch.from_numpy(rollout.actions.reshape(-1))
        with torch.no_grad():
            values = self.critic(observations)[:, 0]
            following = self.critic(torch.from_numpy(rollout.following))[:, 0]
            chances = _taken(self.actor(observations).log_softmax(1), actions)
        gained = advantages(
            rewards,
            values.numpy().reshape(rewards.shape),
            following.numpy(),
            rollout.ended,
            gamma=self._settings.gamma,
            gae_lambda=self._settings.gae_lambda,
        )
        advantage = torch.from_numpy(gained.astype(np.float32).reshape(-1))
        targets = values + advantage
        for _ in range(self._settings.epochs):
            for batch in np.array_split(self._rng.permutation(len(actions)), self._settings.minibatches):
                chosen = torch.from_numpy(batch)
                seen = observations[chosen]
                self._move_policy(seen, actions[chosen], chances[chosen], advantage[chosen])
                self._move_value(seen, values[chosen], targets[chosen])

    def imitate(self, transitions: Transitions, steps: int, batch: int) -> float:
        """Take gradient steps of the policy alone, as `imitate` says."""
        return imitate(self.actor, self._actor_optimiser, transitions, steps=steps, batch=batch, rng=self._rng)

    def arrays(self) -> Arrays:
        """Return what later updates depend on besides networks and random numbers, as named arrays."""
        return joined(actor=optimiser_arrays(self._actor_optimiser), critic=optimiser_arrays(self._critic_optimiser))

    def load_arrays(self, arrays: Arrays) -> None:
        """Take over what `arrays` of an equally built object returned."""
        load_optimiser(self._actor_optimiser, part_of(arrays, "actor"))
        load_optimiser(self._critic_optimiser, part_of(arrays, "critic"))

    def _move_policy(self, seen: torch.Tensor, actions: torch.Tensor, before: torch.Tensor, advantage: torch.Tensor) -> None:
        settings = self._settings
        chances = self.actor(seen).log_softmax(1)
        ratio = (_taken(chances, actions) - before).exp()
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        surrogate = torch.min(ratio * advantage, ratio.clamp(1 - settings.clip, 1 + settings.clip) * advantage).mean()
        entropy = -(chances.exp() * chances).sum(1).mean()
        self._step(self.actor, self._actor_optimiser, -surrogate - settings.entropy * entropy)

    def _move_value(self, seen: torch.Tensor, before: torch.Tensor, targets: torch.Tensor) -> None:
        settings = self._settings
        values = self.critic(seen)[:, 0]
        clipped = before + (values - before).clamp(-settings.clip, settings.clip)
        error = torch.max((values - targets).square(), (clipped - targets).square()).mean()
        self._step(self.critic, self._critic_optimiser, settings.value * error)

    def _step(self, network: nn.Module, optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> None:
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), self._settings.max_grad_norm)
        optimiser.step()


def adam(network: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    """Return the optimiser of one network."""
    return torch.optim.Adam(network.parameters(), lr=learning_rate, eps=1e-5, fused=True)


def imitate(
    actor: nn.Module,
    optimiser: torch.optim.Optimizer,
    transitions: Transitions,
    *,
    steps: int,
    batch: int,
    rng: np.random.Generator,
) -> float:
    """Take `steps` gradient steps on -mean log pi(a | o) over `batch` transitions each, drawn with replacement; no clipping.

    Returns:
        The mean loss of the last 100 steps (of all, if fewer).
    """
    losses = []
    for _ in range(steps):
        drawn = rng.integers(len(transitions.actions), size=batch)
        logits = actor(torch.from_numpy(transitions.observations[drawn]))
        loss = functional.cross_entropy(logits, torch.from_numpy(transitions.actions[drawn]))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(loss.detach()))
    return float(np.mean(losses[-100:]))


def _taken(chances: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    """Return from log pi(. | o) (n, actions) that of the actions (n,) taken; (n,)."""
    return chances.gather(1, actions[:, None])[:, 0]
