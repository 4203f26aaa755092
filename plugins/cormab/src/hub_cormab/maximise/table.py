"""Exact maximisation by trying every action, for sets small enough to list.

The actions' share of the first layer, Z = A W1a^T, is computed once a network; a state adds its own share and runs the remaining layers.
The scan is in float32, and everything that float32 rounding could have hidden is evaluated again in float64, so the answer is the exact
maximum (ties: first listed).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_cormab.maximise.answer import Backend, Embedding, Status
from hub_cormab.maximise.network import ReluNetwork

BLOCK = 1024
"""Actions scanned at a time: their hidden values stay in the processor's cache."""

UNIT_ROUNDOFF = 2.0**-24
"""Of float32."""


class TableBackend(Backend):
    """Maximises over `actions` (M, N), a list of all feasible actions."""

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
        weights = network.action_weights.T.astype(np.float32)
        blocks = range(0, len(actions), BLOCK)
        self._shares = [np.ascontiguousarray(actions[i : i + BLOCK].astype(np.float32) @ weights) for i in blocks]
        self._layers = [
            (np.ascontiguousarray(weight.T, dtype=np.float32), bias.astype(np.float32))
            for weight, bias in zip(network.weights[1:], network.biases[1:], strict=True)
        ]
        self._reach = np.max([np.abs(share).max(axis=0) for share in self._shares], axis=0).astype(np.float64)
        self._scan = np.empty(len(actions), dtype=np.float32)
        self._rooms = [np.empty((min(BLOCK, len(actions)), len(weight)), dtype=np.float32) for weight in network.weights]

    def maximise_one(self, state: NDArray[Any]) -> tuple[NDArray[np.int8], float, float, Status]:
        """Return the best listed action, its value twice (the bound is attained) and `optimal`."""
        part = self.network.state_part(state)
        self._scan_all(part.astype(np.float32))
        floor = np.float64(self._scan.max()) - 2.0 * self._rounding(part)
        candidates = self._actions[np.flatnonzero(self._scan >= floor)]
        best, value = candidates[0], -np.inf
        for start in range(0, len(candidates), BLOCK):
            block = candidates[start : start + BLOCK]
            values = self.network.values_in(block, state)
            if values.max() > value:
                best, value = block[values.argmax()], float(values.max())
        return best, value, value, "optimal"

    def _scan_all(self, part: NDArray[np.float32]) -> None:
        """Write every action's value in float32."""
        for block, share in enumerate(self._shares):
            count = len(share)
            inner = self._rooms[0][:count]
            np.add(share, part, out=inner)
            for (weight, bias), room in zip(self._layers, self._rooms[1:], strict=True):
                np.maximum(inner, 0.0, out=inner)
                inner = np.matmul(inner, weight, out=room[:count])
                np.add(inner, bias, out=inner)
            self._scan[block * BLOCK : block * BLOCK + count] = inner[:, 0]

    def _rounding(self, part: NDArray[np.float64]) -> float:
        """Bound the error of a value of the scan: rounding steps on the longest path, times the network with all terms taken absolute."""
        size = self._reach + np.abs(part)
        steps = self.network.action_size + 4
        for weight, bias in zip(self.network.weights[1:], self.network.biases[1:], strict=True):
            size = np.abs(weight) @ size + np.abs(bias)
            steps += weight.shape[1] + 3
        return 1.01 * steps * UNIT_ROUNDOFF * float(size[0])
