"""A small ReLU network of an action and a state, as plain arrays: what the maximisers need to know of a Q-network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReluNetwork:
    """q(a, s) = W_L relu(... relu(W_1 [a; s] + b_1) ...) + b_L, evaluated in float64.

    Attributes:
        weights: one matrix a layer, (outputs, inputs); the last has one row. The first layer's inputs are the action's N entries, then the
            state's J.
        biases: one vector a layer, (outputs,).
        action_size: N.

    Raises:
        ValueError: layers that do not fit each other, or a last layer with more than one output.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    action_size: int

    def __post_init__(self) -> None:
        if not self.weights or len(self.weights) != len(self.biases):
            raise ValueError(f"a network needs as many weights as biases, at least one; got {len(self.weights)} and {len(self.biases)}")
        if self.weights[-1].shape[0] != 1:
            raise ValueError(f"the last layer must have one output, not {self.weights[-1].shape[0]}")
        if not 0 < self.action_size <= self.weights[0].shape[1]:
            raise ValueError(f"action_size must lie in 1..{self.weights[0].shape[1]}, the first layer's inputs, and is {self.action_size}")
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            if bias.shape != weight.shape[:1] or (layer and weight.shape[1] != self.weights[layer - 1].shape[0]):
                raise ValueError(f"layer {layer} has weights {weight.shape} and biases {bias.shape}, which do not fit")

    @property
    def state_size(self) -> int:
        """J."""
        return int(self.weights[0].shape[1]) - self.action_size

    @property
    def action_weights(self) -> Array:
        """The first layer's columns of the action, (h, N)."""
        return self.weights[0][:, : self.action_size]

    def state_part(self, state: NDArray[Any]) -> Array:
        """Return what `state` (J,) adds to the first layer's pre-activations, biases included; (h,)."""
        part: Array = self.weights[0][:, self.action_size :] @ np.asarray(state, dtype=np.float64) + self.biases[0]
        return part

    def above(self, pre: Array) -> Array:
        """Return the output, (n,), for first-layer pre-activations `pre` (n, h)."""
        for weight, bias in zip(self.weights[1:], self.biases[1:], strict=True):
            pre = np.maximum(pre, 0.0) @ weight.T + bias
        return pre[:, 0]

    def values(self, actions: NDArray[Any], states: NDArray[Any]) -> Array:
        """Return q, (n,), of `actions` (n, N) in `states` (n, J)."""
        inputs = np.concatenate([np.asarray(actions, dtype=np.float64), np.asarray(states, dtype=np.float64)], axis=1)
        return self.above(inputs @ self.weights[0].T + self.biases[0])

    def values_in(self, actions: NDArray[Any], state: NDArray[Any]) -> Array:
        """Return q, (n,), of `actions` (n, N) in the one `state` (J,)."""
        return self.above(np.asarray(actions, dtype=np.float64) @ self.action_weights.T + self.state_part(state))

    def gradient(self, action: NDArray[Any], state: NDArray[Any]) -> Array:
        """Return dq/da, (N,), at `action` (N,) in `state` (J,)."""
        pre = self.action_weights @ np.asarray(action, dtype=np.float64) + self.state_part(state)
        jacobian = self.action_weights
        for weight, bias in zip(self.weights[1:], self.biases[1:], strict=True):
            jacobian = weight @ (jacobian * (pre > 0)[:, None])
            pre = weight @ np.maximum(pre, 0.0) + bias
        gradient: Array = jacobian[0]
        return gradient
