"""Asking a trained stable-baselines3 network for actions: the same bits for every batch, and quickly.

stable-baselines3's own `predict` builds distribution objects and checks shapes at every call, and rounds differently for batches of
different sizes. Here a copy of the layers between observation and action is evaluated by `hub_baselines.tiles`; what follows it
(largest value, clipping, drawing) works on each row by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.common.preprocessing import preprocess_obs
from stable_baselines3.dqn.policies import DQNPolicy
from stable_baselines3.sac.policies import LOG_STD_MAX, LOG_STD_MIN, SACPolicy
from stable_baselines3.td3.policies import TD3Policy
from torch import nn

from hub_baselines.episodes import EpisodeGenerators, drawn_categories
from hub_baselines.spaces import Reader, has_images
from hub_baselines.tiles import Tiles

_ROWS, _IMAGE_ROWS = 32, 8
"""Rows of a tile. A single image should not cost 32 convolutions."""

Decode = Callable[[tuple[np.ndarray, ...], np.ndarray], np.ndarray]
"""From the network's outputs (n, ...) and the rows' slots to n actions."""


class Actor:
    """Chooses actions with a frozen copy of a policy.

    Args:
        policy: a stable-baselines3 PPO, A2C, DQN, SAC or TD3 policy.
        reader: from the environment's observations to the policy's.
        deterministic: take the most probable action; else draw from the policy's distribution with a generator of the episode's own.
            Only policies that are distributions can draw: PPO's, A2C's and SAC's.
    """

    def __init__(self, policy: BasePolicy, reader: Reader, deterministic: bool = True) -> None:
        self._reader = reader
        self._generators = EpisodeGenerators()
        if isinstance(policy, ActorCriticPolicy):
            network, self._decode = _actor_critic(policy, None if deterministic else self._generators)
        elif isinstance(policy, SACPolicy):
            network, self._decode = _squashed_gaussian(policy, None if deterministic else self._generators)
        elif isinstance(policy, TD3Policy):
            actor = policy.actor
            network, self._decode = _Network(policy, actor.features_extractor, actor.mu, nn.Identity()), _rescaled(policy)
        else:
            assert isinstance(policy, DQNPolicy)
            network, self._decode = _Network(policy, policy.q_net.features_extractor, policy.q_net.q_net, nn.Identity()), _largest
        self._tiles = Tiles(network, _IMAGE_ROWS if has_images(reader.space) else _ROWS)

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start the generators of new episodes."""
        self._generators.begin(slots, seeds)

    def act(self, observations: Any, slots: np.ndarray) -> np.ndarray:
        """Return n actions for n stacked observations."""
        return self._decode(self._tiles(self._reader.read(observations)), slots)


class _Network(nn.Module):
    """The layers from a batch of observations to what decides its actions."""

    def __init__(self, policy: BasePolicy, extractor: nn.Module, hidden: nn.Module, *heads: nn.Module) -> None:
        super().__init__()
        self._space = policy.observation_space
        self.extractor, self.hidden, self.heads = extractor, hidden, nn.ModuleList(heads)

    def forward(self, observations: Any) -> tuple[torch.Tensor, ...]:
        latent = self.hidden(self.extractor(preprocess_obs(observations, self._space)))
        return tuple(head(latent) for head in self.heads)


def _actor_critic(policy: ActorCriticPolicy, generators: EpisodeGenerators | None) -> tuple[nn.Module, Decode]:
    space = policy.action_space
    last: nn.Module = policy.action_net
    decode: Decode
    if isinstance(space, spaces.Box):
        decode = _gaussian(policy, generators) if generators else _clipped(policy)
    elif isinstance(space, spaces.MultiBinary):
        decode = _bernoulli(generators) if generators else _likely
        last = nn.Sequential(last, nn.Sigmoid()) if generators else last
    else:
        sizes = [int(space.n)] if isinstance(space, spaces.Discrete) else space.nvec.tolist()  # type: ignore[attr-defined]
        decode = _categorical(sizes, generators) if generators else _largest_of_each(sizes)
        last = nn.Sequential(last, _GroupedSoftmax(sizes)) if generators else last
        if isinstance(space, spaces.Discrete):
            decode = _only_column(decode) if generators else _largest
    return _Network(policy, policy.pi_features_extractor, policy.mlp_extractor.policy_net, last), decode


def _squashed_gaussian(policy: SACPolicy, generators: EpisodeGenerators | None) -> tuple[nn.Module, Decode]:
    actor, rescaled = policy.actor, _rescaled(policy)
    if generators is None:
        return _Network(policy, actor.features_extractor, actor.latent_pi, nn.Sequential(actor.mu, nn.Tanh())), rescaled

    def decode(outputs: tuple[np.ndarray, ...], slots: np.ndarray) -> np.ndarray:
        mean, log_std = outputs
        noise = generators.normal(slots, mean.shape[1])
        return rescaled((np.tanh(mean + np.exp(np.clip(log_std, LOG_STD_MIN, LOG_STD_MAX)) * noise),), slots)

    log_std: Any = actor.log_std  # a layer here; a parameter only in policies with state-dependent exploration
    return _Network(policy, actor.features_extractor, actor.latent_pi, actor.mu, log_std), decode


class _GroupedSoftmax(nn.Module):
    """Softmax within each group of neighbouring columns."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self._sizes = sizes

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return torch.cat([group.softmax(dim=1) for group in torch.split(logits, self._sizes, dim=1)], dim=1)


def _largest(outputs: tuple[np.ndarray, ...], slots: np.ndarray) -> np.ndarray:
    actions: np.ndarray = outputs[0].argmax(axis=1)
    return actions


def _likely(outputs: tuple[np.ndarray, ...], slots: np.ndarray) -> np.ndarray:
    return (outputs[0] > 0).astype(np.int8)


def _largest_of_each(sizes: list[int]) -> Decode:
    return lambda outputs, slots: np.stack([group.argmax(axis=1) for group in _groups(outputs[0], sizes)], axis=1)


def _groups(values: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    return np.split(values, np.cumsum(sizes)[:-1], axis=1)


def _categorical(sizes: list[int], generators: EpisodeGenerators) -> Decode:
    def decode(outputs: tuple[np.ndarray, ...], slots: np.ndarray) -> np.ndarray:
        uniform = generators.uniform(slots, len(sizes))
        groups = _groups(outputs[0], sizes)
        return np.stack([drawn_categories(group, uniform[:, place]) for place, group in enumerate(groups)], axis=1)

    return decode


def _only_column(decode: Decode) -> Decode:
    return lambda outputs, slots: decode(outputs, slots)[:, 0]


def _bernoulli(generators: EpisodeGenerators) -> Decode:
    return lambda outputs, slots: (generators.uniform(slots, outputs[0].shape[1]) < outputs[0]).astype(np.int8)


def _gaussian(policy: ActorCriticPolicy, generators: EpisodeGenerators) -> Decode:
    assert isinstance(policy.log_std, torch.Tensor)
    clipped, std = _clipped(policy), policy.log_std.detach().exp().numpy().copy()
    return lambda outputs, slots: clipped((outputs[0] + std * generators.normal(slots, len(std)),), slots)


def _clipped(policy: BasePolicy) -> Decode:
    space = policy.action_space
    assert isinstance(space, spaces.Box)
    return lambda outputs, slots: np.clip(outputs[0].reshape(-1, *space.shape), space.low, space.high).astype(space.dtype)


def _rescaled(policy: BasePolicy) -> Decode:
    space = policy.action_space
    assert isinstance(space, spaces.Box)

    def decode(outputs: tuple[np.ndarray, ...], slots: np.ndarray) -> np.ndarray:
        scaled = policy.unscale_action(outputs[0].reshape(-1, *space.shape))
        # Rounding may carry an action past its bound by a last digit.
        actions: np.ndarray = np.clip(scaled, space.low, space.high).astype(space.dtype)
        return actions

    return decode
