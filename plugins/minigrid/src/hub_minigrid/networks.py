"""Policy and value networks of the paper, on the raw integers of an observation."""

from __future__ import annotations

import math

import torch
from torch import nn

WIDTH = 64


class Perceptron(nn.Module):
    """Two hidden layers of 64 tanh units.

    Weights are orthogonal with gain sqrt(2), 1 in the last layer, biases 0. What is drawn comes from torch's global generator.

    Args:
        inputs: numbers in an observation.
        outputs: actions of a policy (its logits), 1 for a value.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        hidden = math.sqrt(2)
        self.layers = nn.Sequential(
            _linear(inputs, WIDTH, hidden), nn.Tanh(), _linear(WIDTH, WIDTH, hidden), nn.Tanh(), _linear(WIDTH, outputs, 1.0)
        )

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Return outputs (n, outputs) for observations (n, ...) of any dtype, which are neither scaled nor encoded."""
        outputs: torch.Tensor = self.layers(observations.flatten(1).float())
        return outputs


def _linear(inputs: int, outputs: int, gain: float) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)
    return layer
