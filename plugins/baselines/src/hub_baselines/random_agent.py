"""The agent that knows nothing: every action is a draw from the action space."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate

import hub
from hub.errors import ImpossiblePairing
from hub_baselines.episodes import episode_seed

_ARRAY_SPACES = (gym.spaces.Box, gym.spaces.Discrete, gym.spaces.MultiBinary, gym.spaces.MultiDiscrete)
_BLOCK_NUMBERS = 4096
_BLOCK_STEPS = 64
_FREE_FORM_STEPS = 16


class RandomAgent(hub.Agent):
    """Draws each action as `action_space.sample()` does, in any Gymnasium space and for any number of players.

    Seeding a generator costs as much as a hundred draws, so an episode's actions are drawn in blocks: block b of an episode
    comes from a seed made of the episode's seed and b. What is drawn therefore depends on the episode alone.
    """

    needs: ClassVar[hub.Needs] = hub.Needs(players="any")

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self._space: gym.Space[Any] = copy.deepcopy(task.action_space)
        arrays = isinstance(self._space, _ARRAY_SPACES)
        if not arrays:
            _require_samples(task.env_id, self._space)
        self._draws = _ArrayDraws(self._space) if arrays else _FreeFormDraws(self._space)

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start the draws of new episodes."""
        self._draws.begin(slots, seeds)

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Draw one action for each slot (for a parallel environment: for each player still in the game)."""
        actions = self._draws.take(slots)
        if not self.task.players:
            return actions
        rows = iterate(batch_space(self._space, len(slots)), actions)
        return [{player: row[player] for player in observation} for row, observation in zip(rows, observations, strict=True)]


class _ArrayDraws:
    """Blocks of actions of array spaces, in one array (slots, steps, ...)."""

    def __init__(self, space: gym.Space[Any]) -> None:
        shape = space.shape or ()
        self._steps = int(np.clip(_BLOCK_NUMBERS // max(1, int(np.prod(shape))), 1, _BLOCK_STEPS))
        self._batch: gym.Space[Any] = batch_space(space, self._steps)
        self._blocks = np.zeros((0, self._steps, *shape), dtype=space.dtype)
        self._position = np.zeros(0, dtype=np.int64)
        self._seeds: dict[int, int] = {}
        self._drawn: dict[int, int] = {}

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        missing = max(slots, default=-1) + 1 - len(self._blocks)
        if missing > 0:
            self._blocks = np.concatenate([self._blocks, np.zeros((missing, *self._blocks.shape[1:]), self._blocks.dtype)])
            self._position = np.concatenate([self._position, np.zeros(missing, np.int64)])
        for slot, seed in zip(slots, seeds, strict=True):
            self._seeds[slot], self._drawn[slot] = int(seed), 0
            self._position[slot] = self._steps

    def take(self, slots: np.ndarray) -> np.ndarray:
        position = self._position[slots]
        for slot in slots[position == self._steps].tolist():
            self._batch.seed(episode_seed(self._seeds[slot], self._drawn[slot]))
            self._blocks[slot] = self._batch.sample()
            self._drawn[slot] += 1
            self._position[slot] = 0
        actions: np.ndarray = self._blocks[slots, self._position[slots]]
        self._position[slots] += 1
        return actions


class _FreeFormDraws:
    """Blocks of actions of dictionaries, texts, sequences, graphs: a list of single actions a slot."""

    def __init__(self, space: gym.Space[Any]) -> None:
        self._space = space
        self._batch = batch_space(space, _FREE_FORM_STEPS)
        self._blocks: dict[int, list[Any]] = {}
        self._seeds: dict[int, int] = {}
        self._drawn: dict[int, int] = {}

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        for slot, seed in zip(slots, seeds, strict=True):
            self._seeds[slot], self._drawn[slot], self._blocks[slot] = int(seed), 0, []

    def take(self, slots: np.ndarray) -> Any:
        actions = [self._next(slot) for slot in slots.tolist()]
        room: Any = create_empty_array(self._space, n=len(actions), fn=np.zeros)
        return concatenate(self._space, actions, room)

    def _next(self, slot: int) -> Any:
        if not self._blocks[slot]:
            self._batch.seed(episode_seed(self._seeds[slot], self._drawn[slot]))
            self._drawn[slot] += 1
            self._blocks[slot] = list(iterate(self._batch, self._batch.sample()))[::-1]
        return self._blocks[slot].pop()


def _require_samples(env_id: str, space: gym.Space[Any]) -> None:
    """Raise `ImpossiblePairing` for a space whose authors left out how to draw from it."""
    try:
        copy.deepcopy(space).sample()
    except NotImplementedError:
        raise ImpossiblePairing(
            f"random cannot act in {env_id}: its action space {space} draws no samples; take an agent that knows its actions"
        ) from None
