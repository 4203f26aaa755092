"""The Q-network of SEQUOIA: one small ReLU network of action and levels, small enough to be maximised exactly."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hub_cormab.maximise import ReluNetwork

HIDDEN = (16, 32)
"""Widths of the hidden layers (released code)."""


class QNetwork(nn.Module):
    """Q(a, s): inputs the action's N entries and the J raw levels, hidden layers with ReLU, one output.

    Args:
        action_size: N.
        arms: J.
        hidden: widths of the hidden layers.
        generator: draws the initial weights, as `torch.nn.Linear` does.
    """

    def __init__(self, action_size: int, arms: int, hidden: tuple[int, ...] = HIDDEN, *, generator: torch.Generator) -> None:
        super().__init__()
        self.action_size = action_size
        widths = (action_size + arms, *hidden, 1)
        self.layers = nn.ModuleList(
            nn.utils.skip_init(nn.Linear, inputs, outputs)  # type: ignore[no-untyped-call]
            for inputs, outputs in pairwise(widths)
        )
        for layer in self._linears:
            reach = layer.in_features**-0.5
            nn.init.uniform_(layer.weight, -reach, reach, generator=generator)
            nn.init.uniform_(layer.bias, -reach, reach, generator=generator)

    @property
    def _linears(self) -> list[nn.Linear]:
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]

    def forward(self, inputs: Tensor) -> Tensor:
        """Return Q, (n,), of `inputs` (n, N + J)."""
        *hidden, last = self._linears
        for layer in hidden:
            inputs = torch.relu(layer(inputs))
        output: Tensor = last(inputs)
        return output.squeeze(1)

    def relu_network(self) -> ReluNetwork:
        """Return the network as it is now, for maximisation."""
        weights = tuple(layer.weight.detach().numpy().astype(np.float64) for layer in self._linears)
        biases = tuple(layer.bias.detach().numpy().astype(np.float64) for layer in self._linears)
        return ReluNetwork(weights, biases, self.action_size)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the parameters as named arrays, copied."""
        return {name: parameter.detach().numpy().copy() for name, parameter in self.named_parameters()}

    def load_arrays(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over what `arrays` of an equally shaped network returned.

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


def inputs_of(actions: NDArray[np.generic], states: NDArray[np.generic]) -> Tensor:
    """Return the network's inputs (n, N + J) for `actions` (n, N) in `states` (n, J)."""
    return torch.from_numpy(np.concatenate([actions, states], axis=1).astype(np.float32))
