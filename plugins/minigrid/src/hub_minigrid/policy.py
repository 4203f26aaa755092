"""What all agents here share: a policy network over discrete actions, how it acts, and how it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from gymnasium import spaces
from hub_baselines.determinism import repeatable
from hub_baselines.episodes import EpisodeGenerators, drawn_categories
from hub_baselines.tiles import Tiles
from hub_baselines.weights import load_weights, weights_of
from numpy.typing import NDArray
from torch import nn

import hub
from hub.errors import ImpossiblePairing
from hub_minigrid.networks import Perceptron


class PolicyAgent(hub.Agent):
    """Acts by an actor, as `deterministic` says.

    Args:
        task: with Box observations and Discrete actions.
        seed: of the networks' first weights.
        deterministic: act by the most probable action; else draw from the policy, as in training.
    """

    name: ClassVar[str]
    parts: ClassVar[tuple[str, ...]] = ("actor",)
    """Networks that training changes: the actor, and for some a critic."""
    needs: ClassVar[hub.Needs] = hub.Needs(observations=("Box",), actions=("Discrete",))

    def __init__(self, task: hub.Task, *, seed: int = 0, deterministic: bool = False) -> None:
        super().__init__(task, seed=seed)
        actions = task.action_space
        if not isinstance(actions, spaces.Discrete) or actions.start != 0:
            raise ImpossiblePairing(f"{self.name} cannot act in {task.env_id}: its actions must count from 0, and are {actions}")
        inputs = int(np.prod(task.observation_space.shape or (1,)))
        with repeatable(seed):
            self.networks = nn.ModuleDict({part: Perceptron(inputs, int(actions.n) if part == "actor" else 1) for part in self.parts})
        self._deterministic = deterministic
        self._generators = EpisodeGenerators()
        self._freeze()

    @property
    def actor(self) -> nn.Module:
        """The policy's network: logits of actions."""
        return self.networks["actor"]

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start the draws of new episodes."""
        self._generators.begin(slots, seeds)

    def act(self, observations: NDArray[Any], slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return an action (n,) for each of `observations` (n, ...)."""
        probabilities = self._tiles(observations)[0]
        if self._deterministic:
            greedy: NDArray[np.int64] = probabilities.argmax(axis=1)
            return greedy
        return drawn_categories(probabilities, self._generators.uniform(slots, 1)[:, 0])

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return the parameters of all networks."""
        return weights_of(self.networks)

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take over parameters of the same names and shapes. Raises `UsageError` where they differ."""
        load_weights(self.networks, weights, f"{self.name} on {self.task.env_id}")
        self._freeze()

    def _freeze(self) -> None:
        """Act from now on by what the actor is at this moment."""
        self._tiles = Tiles(_Probabilities(self.actor))


class _Probabilities(nn.Module):
    """Softmax over an actor's logits."""

    def __init__(self, actor: nn.Module) -> None:
        super().__init__()
        self.actor = actor

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        probabilities: torch.Tensor = self.actor(observations).softmax(dim=1)
        return probabilities
