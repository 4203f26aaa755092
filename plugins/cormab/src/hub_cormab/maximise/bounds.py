"""How large and small every neuron can become in a given state over all feasible actions.

Linear bounds are propagated backwards through the layers (each undecided ReLU between its chord above and a line through the origin
below), and closed over the action set instead of a box; interval arithmetic is the second opinion. The tighter counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hub_cormab.maximise.answer import ActionSet, LazyActionSet
from hub_cormab.maximise.ceilings import Ceilings
from hub_cormab.maximise.network import Array, ReluNetwork

if TYPE_CHECKING:
    from hub_envs.cormab.constraints import LinearConstraints

SLACK = 1e-7
"""Bounds are widened by this share of their size: more than rounding and than the solver's tolerance, or presolve would trip over them."""


@dataclass(frozen=True, eq=False)
class LayerBounds:
    """lower <= pre-activations of one layer <= upper, both (h,)."""

    lower: Array
    upper: Array


@dataclass(frozen=True, eq=False)
class NetworkBounds:
    """Bounds of every layer, and a linear function of the action that lies above the network.

    Attributes:
        layers: the hidden layers' bounds, first to last.
        output: bounds of the network's value.
        ceiling: (N,) coefficients of the linear upper bound that gave `output.upper`; its maximiser is a good first guess.
    """

    layers: tuple[LayerBounds, ...]
    output: LayerBounds
    ceiling: Array


class Bounder:
    """Bounds of one network over one action set.

    The first layer's are found once a network; they are exact, except where every linear maximum would be a search of its own.
    """

    def __init__(self, network: ReluNetwork, actions: ActionSet) -> None:
        self._network = network
        weights = network.action_weights
        self._ceilings = Ceilings(program_of(actions))
        self._ceilings.sharpen(np.abs(weights).mean(axis=0))
        both = np.concatenate([weights, -weights])
        lazy = isinstance(actions, LazyActionSet)
        most = self._ceilings.bound(both) if lazy else (both * actions.maximise_linear(both)).sum(axis=1)
        self._most, self._least = most[: len(weights)], -most[len(weights) :]

    def bound(self, state_part: Array) -> NetworkBounds:
        """Return the bounds in the state that adds `state_part` (h,) to the first layer."""
        layers = [_widened(self._least + state_part, self._most + state_part)]
        ceiling = self._network.action_weights[0]
        for layer in range(1, len(self._network.weights)):
            interval = self._interval(layer, layers[-1])
            linear, coefficients = self._linear(layer, layers, state_part)
            layers.append(_widened(np.maximum(interval.lower, linear.lower), np.minimum(interval.upper, linear.upper)))
            ceiling = coefficients[0]
        return NetworkBounds(tuple(layers[:-1]), layers[-1], ceiling)

    def _interval(self, layer: int, below: LayerBounds) -> LayerBounds:
        weight, bias = self._network.weights[layer], self._network.biases[layer]
        more, less = np.maximum(weight, 0.0), np.minimum(weight, 0.0)
        high, low = np.maximum(below.upper, 0.0), np.maximum(below.lower, 0.0)
        return LayerBounds(more @ low + less @ high + bias, more @ high + less @ low + bias)

    def _linear(self, layer: int, below: list[LayerBounds], state_part: Array) -> tuple[LayerBounds, Array]:
        """Bound `layer` by substituting linear bounds downwards; also return the coefficients (2h, N): above z, then above -z."""
        weight, bias = self._network.weights[layer], self._network.biases[layer]
        rows, constant = np.concatenate([weight, -weight]), np.concatenate([bias, -bias])
        for lower in range(layer - 1, -1, -1):
            rows, shift = _through_relu(rows, below[lower])
            constant = constant + shift
            if lower:
                constant = constant + rows @ self._network.biases[lower]
                rows = rows @ self._network.weights[lower]
        constant = constant + rows @ state_part
        rows = rows @ self._network.action_weights
        above = self._ceilings.bound(rows) + constant
        return LayerBounds(-above[len(weight) :], above[: len(weight)]), rows


def _through_relu(rows: Array, bounds: LayerBounds) -> tuple[Array, Array]:
    """Turn upper bounds linear in relu(z) into upper bounds linear in z: coefficients and the constant to add."""
    lower, upper = bounds.lower, bounds.upper
    undecided = (lower < 0) & (upper > 0)
    width = np.where(undecided, upper - lower, 1.0)
    chord = np.where(undecided, upper / width, (upper > 0).astype(np.float64))
    floor = (upper > -lower).astype(np.float64)
    floor = np.where(undecided, floor, chord)
    more = np.maximum(rows, 0.0)
    return more * chord + np.minimum(rows, 0.0) * floor, more @ np.where(undecided, -chord * lower, 0.0)


def _widened(lower: Array, upper: Array) -> LayerBounds:
    slack = SLACK * (1.0 + np.maximum(np.abs(lower), np.abs(upper)))
    return LayerBounds(lower - slack, upper + slack)


def program_of(actions: ActionSet) -> LinearConstraints:
    """Return the linear constraints that a search starts from: an action set's relaxation if it has one, else all its constraints."""
    return actions.relaxation if isinstance(actions, LazyActionSet) else actions.constraints
