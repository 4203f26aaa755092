"""Good feasible actions quickly, without a proof: a start for exact searches, their answer when time runs out, and targets in training.

Each round moves to a good feasible action of the network's tangent at the current one, and stops when that no longer helps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_cormab.maximise.answer import ActionSet
from hub_cormab.maximise.network import Array, ReluNetwork

ROUNDS = 20
"""Most moves of a climb; nearly all stop after two or three."""


def climb(network: ReluNetwork, actions: ActionSet, part: Array, starts: NDArray[np.int8]) -> tuple[NDArray[np.int8], float]:
    """Climb from each of `starts` (n, N), feasible actions; return the best action reached (N,) and its value.

    Args:
        network: the network.
        actions: the set.
        part: (h,) what the state adds to the first layer.
        starts: at least one.
    """
    reached, values = _climb(network, actions, np.repeat(part[None], len(starts), axis=0), starts)
    best = int(values.argmax())
    return reached[best], float(values[best])


def climb_batch(network: ReluNetwork, actions: ActionSet, states: NDArray[Any]) -> tuple[NDArray[np.int8], Array]:
    """Climb in each of `states` (n, J) from an action without merit and from a good one of the tangent with all entries at one half.

    A row's answer depends on that row alone, to the last bit.

    Returns:
        Feasible actions (n, N) and the network's values of them (n,).
    """
    inputs = np.asarray(states, dtype=np.float64)
    parts = _rowwise(inputs, network.weights[0][:, network.action_size :]) + network.biases[0]
    halves = np.full((len(parts), network.action_size), 0.5)
    starts = [actions.approximate_linear(weights) for weights in (np.zeros_like(halves), _gradients(network, parts, halves))]
    (one, one_value), (other, other_value) = (_climb(network, actions, parts, start) for start in starts)
    better = other_value > one_value
    return np.where(better[:, None], other, one), np.where(better, other_value, one_value)


def _climb(network: ReluNetwork, actions: ActionSet, parts: Array, start: NDArray[np.int8]) -> tuple[NDArray[np.int8], Array]:
    best, values = start.copy(), _values(network, parts, start)
    moving = np.arange(len(parts))
    for _ in range(ROUNDS):
        step = actions.approximate_linear(_gradients(network, parts[moving], best[moving]))
        reached = _values(network, parts[moving], step)
        gained = reached > values[moving]
        moving = moving[gained]
        if not moving.size:
            break
        best[moving], values[moving] = step[gained], reached[gained]
    return best, values


def _rowwise(rows: Array, weight: Array) -> Array:
    """Return rows @ weight.T with a product of its own for each row: a batched one rounds a row differently in another batch."""
    product: Array = np.matmul(rows[:, None, :], weight.T)[:, 0]
    return product


def _values(network: ReluNetwork, parts: Array, actions: NDArray[Any]) -> Array:
    pre = _rowwise(actions.astype(np.float64), network.action_weights) + parts
    for weight, bias in zip(network.weights[1:], network.biases[1:], strict=True):
        pre = _rowwise(np.maximum(pre, 0.0), weight) + bias
    return pre[:, 0]


def _gradients(network: ReluNetwork, parts: Array, actions: NDArray[Any]) -> Array:
    """Return dq/da, (n, N), at `actions` (n, N)."""
    pre = _rowwise(actions.astype(np.float64), network.action_weights) + parts
    alive = []
    for weight, bias in zip(network.weights[1:], network.biases[1:], strict=True):
        alive.append(pre > 0)
        pre = _rowwise(np.maximum(pre, 0.0), weight) + bias
    slope = np.ones((len(parts), 1))
    for weight, mask in zip(reversed(network.weights[1:]), reversed(alive), strict=True):
        slope = _rowwise(slope, weight.T) * mask
    return _rowwise(slope, network.action_weights.T)
