"""What a player's networks read: its features, its last action and its number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from hub_baselines.multi.features import Features
from hub_baselines.multi.game import Game, Observations
from hub_baselines.multi.memory import SlotMemory


class Inputs:
    """Features, last action and number of each player in a row; action and number one-hot, no action at an episode's beginning.

    Args:
        features: what is seen of the game.
        game: who plays it.

    Attributes:
        size: numbers for each player.
    """

    def __init__(self, features: Features, game: Game) -> None:
        players = len(game.players)
        self.size = features.size + game.actions + players
        self._features, self._actions = features, np.eye(game.actions, dtype=np.float32)
        self._numbers = torch.eye(players)
        self._last = SlotMemory(players, game.actions)

    def begin(self, slots: Sequence[int]) -> None:
        """Forget what is remembered of `slots`: new episodes begin there."""
        self._features.begin(slots)
        self._last.begin(slots)

    def read(self, observations: Observations, in_game: NDArray[np.bool_], slots: NDArray[np.int64]) -> torch.Tensor:
        """Return (n, P, size); arguments and memory as for `Features.read`."""
        with torch.no_grad():
            seen = self._features.read(observations, in_game, slots)
            return torch.cat([seen, torch.from_numpy(self._last[slots]), self._numbers.expand(len(slots), -1, -1)], dim=-1)

    def acted(self, actions: NDArray[np.int64], in_game: NDArray[np.bool_], slots: NDArray[np.int64]) -> None:
        """Remember the actions (n, P) that were taken in `slots` (n,) by those who were in the game (n, P)."""
        self._last[slots] = self._actions[actions] * in_game[..., None]
