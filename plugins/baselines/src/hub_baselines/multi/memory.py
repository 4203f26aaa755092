"""What is remembered of the episodes in numbered slots: one array a slot, zeros when an episode begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class SlotMemory:
    """An array of equal shape for each slot; there is room for every slot that `begin` was told of.

    Args:
        shape: of one slot's array.
        dtype: of its numbers.

    Example:
        >>> memory = SlotMemory(2)
        >>> memory.begin([0, 3])
        >>> memory[np.array([3])] = np.ones((1, 2))
        >>> memory[np.array([3, 0])].tolist()
        [[1.0, 1.0], [0.0, 0.0]]
    """

    def __init__(self, *shape: int, dtype: DTypeLike = np.float32) -> None:
        self._arrays: NDArray[Any] = np.zeros((0, *shape), dtype)

    def begin(self, slots: Sequence[int]) -> None:
        """Set the arrays of `slots` to zero."""
        missing = max(slots, default=-1) + 1 - len(self._arrays)
        if missing > 0:
            self._arrays = np.concatenate([self._arrays, np.zeros((missing, *self._arrays.shape[1:]), self._arrays.dtype)])
        self._arrays[list(slots)] = 0

    def __getitem__(self, slots: NDArray[np.integer[Any]]) -> NDArray[Any]:
        """Return a copy of the arrays of `slots` (n,), (n, *shape)."""
        chosen: NDArray[Any] = self._arrays[slots]
        return chosen

    def __setitem__(self, slots: NDArray[np.integer[Any]], values: NDArray[Any]) -> None:
        """Remember `values` (n, *shape) in `slots` (n,), no slot twice."""
        self._arrays[slots] = values
