"""Exact maximisation by trying every action, for sets small enough to list.

The actions' share of the first layer, Z = W1a A^T, is computed once a network. A state adds the same c to every column, and since
relu(z + c) = max(z, -c) + c, it is enough to compare with -c and to carry the constants on to the last layer: one pass and one matrix
product a layer. The scan is in float32; everything that float32 rounding could have hidden is evaluated again in float64, so the answer
is the exact maximum (ties: first listed).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_cormab.maximise.answer import Backend, Embedding, Status
from hub_cormab.maximise.network import Array, ReluNetwork

WORK = 2**19
"""Most multiplications of one matrix product: what it reads and writes then stays in the processor's cache, on one thread."""

UNIT_ROUNDOFF = 2.0**-24
"""Of float32."""


class TableBackend(Backend):
    """Maximises over `actions` (M, N), a list of all feasible actions.

    Raises:
        ValueError: an empty list or another shape.
    """

    def __init__(self, actions: NDArray[np.int8]) -> None:
        if actions.ndim != 2 or not len(actions):
            raise ValueError(f"actions must be (M, N) with at least one row, not {actions.shape}")
        self.actions = actions

    def embed(self, network: ReluNetwork) -> TableEmbedding:
        """Compute each action's share of the first layer."""
        if network.action_size != self.actions.shape[1]:
            raise ValueError(f"the network takes actions of length {network.action_size}, the set's have {self.actions.shape[1]}")
        return TableEmbedding(network, self.actions)


class TableEmbedding(Embedding):
    """One network over one list of actions."""

    def __init__(self, network: ReluNetwork, actions: NDArray[np.int8]) -> None:
        super().__init__(network)
        self._actions = actions
        self._block = max(16, WORK // max(weight.size for weight in network.weights))
        first = network.action_weights.astype(np.float32)
        starts = range(0, len(actions), self._block)
        self._shares = [np.ascontiguousarray(first @ actions[i : i + self._block].T.astype(np.float32)) for i in starts]
        self._layers = [np.ascontiguousarray(weight, dtype=np.float32) for weight in network.weights[1:]]
        self._reach: Array = np.max([np.abs(share).max(axis=1) for share in self._shares], axis=0).astype(np.float64)
        self._scan = np.empty(len(actions), dtype=np.float32)
        widths = {share.shape[1] for share in self._shares}
        self._rooms = {width: [np.empty((len(weight), width), dtype=np.float32) for weight in network.weights] for width in widths}

    def maximise_one(self, state: NDArray[Any]) -> tuple[NDArray[np.int8], float, float, Status]:
        """Return the best listed action, its value twice (the bound is attained) and `optimal`."""
        shifts = self._shifts(state)
        self._scan_all([-shift[:, None].astype(np.float32) for shift in shifts])
        floor = np.float64(self._scan.max()) - 2.0 * self._rounding(shifts)
        candidates = self._actions[np.flatnonzero(self._scan >= floor)]
        best, value = candidates[0], -np.inf
        for start in range(0, len(candidates), self._block):
            block = candidates[start : start + self._block]
            values = self.network.values_in(block, state)
            if values.max() > value:
                best, value = block[values.argmax()], float(values.max())
        return best, value, value, "optimal"

    def _shifts(self, state: NDArray[Any]) -> list[Array]:
        """Return for each hidden layer the constants c of relu(z + c)."""
        shifts = [self.network.state_part(state)]
        for weight, bias in zip(self.network.weights[1:-1], self.network.biases[1:-1], strict=True):
            shifts.append(weight @ shifts[-1] + bias)
        return shifts

    def _scan_all(self, thresholds: list[NDArray[np.float32]]) -> None:
        """Write every action's value, less a constant, in float32."""
        start = 0
        for share in self._shares:
            rooms = self._rooms[share.shape[1]]
            inner = share
            for weight, threshold, room, following in zip(self._layers, thresholds, rooms, rooms[1:], strict=False):
                np.maximum(inner, threshold, out=room)
                inner = np.matmul(weight, room, out=following)
            self._scan[start : start + share.shape[1]] = inner[0]
            start += share.shape[1]

    def _rounding(self, shifts: list[Array]) -> float:
        """Bound the error of a value of the scan: rounding steps on the longest path, times the network with all terms taken absolute."""
        size, steps = self._reach, self.network.action_size + 2
        for weight, shift in zip(self.network.weights[1:], shifts, strict=False):
            size = np.abs(weight) @ (size + np.abs(shift))
            steps += weight.shape[1] + 2
        return 1.01 * steps * UNIT_ROUNDOFF * float(size[0])
