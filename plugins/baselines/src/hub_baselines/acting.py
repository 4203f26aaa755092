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

from hub_baselines.episodes import EpisodeGenerators
from hub_baselines.spaces import has_images, move_channels
from hub_baselines.tiles import Tiles

_ROWS, _IMAGE_ROWS = 32, 8
"""Rows of a tile. A single image should not cost 32 convolutions."""

Decode = Callable[[tuple[np.ndarray, ...], np.ndarray], np.ndarray]
"""From the network's outputs (n, ...) and the rows' slots to n actions."""


class Actor:
    """Chooses actions with a frozen copy of a policy.

    Args:
        policy: a stable-baselines3 PPO, A2C, DQN, SAC or TD3 policy.
        observation_space: of the environment, images as the environment gives them.
        deterministic: take the most probable action; else draw from the policy's distribution with a generator of the episode's own.
    """

    def __init__(self, policy: BasePolicy, observation_space: spaces.Space[Any], deterministic: bool = True) -> None:
        self._space = observation_space
        self.generators = EpisodeGenerators()
        network, self._decode = _greedy(policy) if deterministic else _drawn(policy, self.generators)
        self._tiles = Tiles(network, _IMAGE_ROWS if has_images(observation_space) else _ROWS)

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start the generators of new episodes."""
        self.generators.begin(slots, seeds)

    def act(self, observations: Any, slots: np.ndarray) -> np.ndarray:
        """Return n actions for n stacked observations."""
        return self._decode(self._tiles(move_channels(self._space, observations)), slots)


class _Network(nn.Module):
    """The layers from a batch of observations to what decides its actions."""

    def __init__(self, space: spaces.Space[Any], extractor: nn.Module, hidden: nn.Module, *heads: nn.Module) -> None:
        super().__init__()
        self._space = space
        self.extractor, self.hidden, self.heads = extractor, hidden, nn.ModuleList(heads)

    def forward(self, observations: Any) -> tuple[torch.Tensor, ...]:
        latent = self.hidden(self.extractor(preprocess_obs(observations, self._space)))
        return tuple(head(latent) for head in self.heads)


def _greedy(policy: BasePolicy) -> tuple[nn.Module, Decode]:
    space = policy.observation_space
    if isinstance(policy, DQNPolicy):
        return _Network(space, policy.q_net.features_extractor, policy.q_net.q_net, nn.Identity()), _largest(
            [int(policy.action_space.n)], flat=True
        )
    if isinstance(policy, TD3Policy):
        return _Network(space, policy.actor.features_extractor, policy.actor.mu, nn.Identity()), _rescaled(policy)
    if isinstance(policy, SACPolicy):
        mean = nn.Sequential(policy.actor.mu, nn.Tanh())
        return _Network(space, policy.actor.features_extractor, policy.actor.latent_pi, mean), _rescaled(policy)
    assert isinstance(policy, ActorCriticPolicy)
    network = _Network(space, policy.pi_features_extractor, policy.mlp_extractor.policy_net, policy.action_net)
    actions = policy.action_space
    if isinstance(actions, spaces.Discrete):
        return network, _largest([int(actions.n)], flat=True)
    if isinstance(actions, spaces.MultiDiscrete):
        return network, _largest(actions.nvec.tolist(), flat=False)
    if isinstance(actions, spaces.MultiBinary):
        return network, lambda outputs, slots: (outputs[0] > 0).astype(np.int8)
    return network, _clipped(policy)


def _drawn(policy: BasePolicy, generators: EpisodeGenerators) -> tuple[nn.Module, Decode]:
    space, actions = policy.observation_space, policy.action_space
    if isinstance(policy, SACPolicy):
        actor, rescaled = policy.actor, _rescaled(policy)
        network = _Network(space, actor.features_extractor, actor.latent_pi, actor.mu, actor.log_std)

        def squashed(outputs: tuple[np.ndarray, ...], slots: np.ndarray) -> np.ndarray:
            mean, log_std = outputs
            noise = generators.normal(slots, mean.shape[1])
            return rescaled((np.tanh(mean + np.exp(np.clip(log_std, LOG_STD_MIN, LOG_STD_MAX)) * noise).astype(np.float32),), slots)

        return network, squashed
    assert isinstance(policy, ActorCriticPolicy)
    extractor, hidden = policy.pi_features_extractor, policy.mlp_extractor.policy_net
    if isinstance(actions, spaces.Box):
        clipped, std = _clipped(policy), policy.log_std.detach().exp().numpy().copy()

        def gaussian(outputs: tuple[np.ndarray, ...], slots: np.ndarray) -> np.ndarray:
            noise = generators.normal(slots, outputs[0].shape[1])
            return clipped(((outputs[0] + std * noise).astype(np.float32),), slots)

        return _Network(space, extractor, hidden, policy.action_net), gaussian
    if isinstance(actions, spaces.MultiBinary):
        network = _Network(space, extractor, hidden, nn.Sequential(policy.action_net, nn.Sigmoid()))
        return network, lambda outputs, slots: (generators.uniform(slots, outputs[0].shape[1]) < outputs[0]).astype(np.int8)
    sizes = [int(actions.n)] if isinstance(actions, spaces.Discrete) else actions.nvec.tolist()
    network = _Network(space, extractor, hidden, nn.Sequential(policy.action_net, _GroupedSoftmax(sizes)))
    return network, _categorical(sizes, generators, flat=isinstance(actions, spaces.Discrete))


class _GroupedSoftmax(nn.Module):
    """Softmax within each group of neighbouring columns."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self._sizes = sizes

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return torch.cat([group.softmax(dim=1) for group in logits.split(self._sizes, dim=1)], dim=1)


def _groups(values: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    return np.split(values, np.cumsum(sizes)[:-1], axis=1)


def _largest(sizes: list[int], flat: bool) -> Decode:
    def decode(outputs: tuple[np.ndarray, ...], slots: np.ndarray) -> np.ndarray:
        if flat:
            return outputs[0].argmax(axis=1)
        return np.stack([group.argmax(axis=1) for group in _groups(outputs[0], sizes)], axis=1)

    return decode


def _categorical(sizes: list[int], generators: EpisodeGenerators, flat: bool) -> Decode:
    def decode(outputs: tuple[np.ndarray, ...], slots: np.ndarray) -> np.ndarray:
        uniform = generators.uniform(slots, len(sizes))
        columns = []
        for place, group in enumerate(_groups(outputs[0].astype(np.float64), sizes)):
            cumulated = np.cumsum(group, axis=1)
            # Rounding keeps the last sum from being exactly 1; a draw beyond it takes the last action.
            columns.append(np.minimum((cumulated <= uniform[:, place, None]).sum(axis=1), group.shape[1] - 1))
        return columns[0] if flat else np.stack(columns, axis=1)

    return decode


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
        return np.clip(scaled, space.low, space.high).astype(space.dtype)

    return decode
