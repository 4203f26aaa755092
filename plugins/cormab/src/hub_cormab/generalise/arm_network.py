"""One small network for all arms: what an arm is worth, from what is known about it alone and the price of its pulls."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

LEVELS = 4
"""Levels of an arm."""

FACTS = 6
"""What is known about an arm: two chances, four rewards."""

SCALE = (5.0, 1.0, 1.0, 1.0, 1.0, 1 / 6, 0.05, 0.125)
"""Factors that bring the inputs near 1."""

HIDDEN = 64
"""Width of both hidden layers."""

VALUE = 4.0
"""Rewards in units of which the network counts: about what an arm can earn in a step."""


class ArmNetwork(nn.Module):
    """Q(s, a) of an arm in every level, left alone and pulled.

    Written as Q(s, 0) = T v(s) and Q(s, 1) = Q(s, 0) + d(s), with T the steps left, so that what decides an action, the difference, is an
    output of its own and not what is left of two large numbers.
    """

    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(FACTS + 2, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2 * LEVELS)
        )
        self.register_buffer("scale", torch.tensor(SCALE), persistent=False)

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return Q(., 0) and Q(., 1), the price not taken off, both (n, 4).

        Args:
            inputs: (n, 8) chances of moving up when left alone and when pulled, rewards of levels 0 to 3, steps left, price of a pull.
        """
        outputs = VALUE * self.layers(inputs * self.scale)
        leave = inputs[:, FACTS : FACTS + 1] * outputs[:, :LEVELS]
        return leave, leave + outputs[:, LEVELS:]

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the parameters as named arrays, copied."""
        return {name: parameter.detach().numpy().copy() for name, parameter in self.named_parameters()}

    def load_arrays(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over what `arrays` returned.

        Raises:
            ValueError: a name or a shape differs.
        """
        own = {name: tuple(parameter.shape) for name, parameter in self.named_parameters()}
        given = {name: np.shape(array) for name, array in arrays.items()}
        if own != given:
            raise ValueError(f"the network's parameters are {own}, those given {given}")
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                parameter.copy_(torch.from_numpy(np.array(arrays[name], dtype=np.float32)))
