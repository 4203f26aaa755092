"""QMIX's mixing network: the value of a joint action, which never falls when one player's value rises."""

from __future__ import annotations

import torch
from torch import nn

_WIDTH = 32


class Mixer(nn.Module):
    """Mixes the players' values of their actions by weights that the state of the whole game decides, none of them negative.

    Rashid et al., "QMIX: monotonic value function factorisation for deep multi-agent reinforcement learning", ICML 2018. The state is
    normalised first, as the numbers of a whole game may be of any size.

    Args:
        players: how many values to mix.
        state: numbers in the state.
    """

    def __init__(self, players: int, state: int) -> None:
        super().__init__()
        self._players = players
        self.normalise = nn.LayerNorm(state)
        self.first_weights, self.first_bias = nn.Linear(state, players * _WIDTH), nn.Linear(state, _WIDTH)
        self.last_weights = nn.Linear(state, _WIDTH)
        self.last_bias = nn.Sequential(nn.Linear(state, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, 1))

    def forward(self, values: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """Return the joint values (...) of players' values (..., P) in states (..., S); a player out of the game has the value 0."""
        seen = self.normalise(states)
        weights = self.first_weights(seen).abs().unflatten(-1, (self._players, _WIDTH))
        hidden = nn.functional.elu((values[..., None] * weights).sum(-2) + self.first_bias(seen))
        joint: torch.Tensor = (hidden * self.last_weights(seen).abs()).sum(-1) + self.last_bias(seen)[..., 0]
        return joint
