"""A memory of sequences for recurrent off-policy learning: rollouts, a sequence for each game, the latest ones of all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from hub_baselines.resuming import Arrays


class Replay:
    """The last `capacity` sequences.

    Args:
        capacity: most sequences.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._parts: dict[str, torch.Tensor] = {}
        self._added = 0

    def __len__(self) -> int:
        return min(self._added, self._capacity)

    def add(self, sequences: Mapping[str, torch.Tensor]) -> None:
        """Add tensors (n, ...) by name: n sequences, in place of the oldest where there is no room."""
        count = len(next(iter(sequences.values())))
        places = torch.arange(self._added, self._added + count) % self._capacity
        for name, values in sequences.items():
            if name not in self._parts:
                self._parts[name] = torch.zeros(self._capacity, *values.shape[1:], dtype=values.dtype)
            # Of more sequences than there is room for, the last stay.
            self._parts[name][places[-self._capacity :]] = values[-self._capacity :]
        self._added += count

    def drawn(self, count: int, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """Return `count` different sequences, or all if there are fewer, by name."""
        chosen = torch.from_numpy(rng.choice(len(self), size=min(count, len(self)), replace=False))
        return {name: values[chosen] for name, values in self._parts.items()}

    def arrays(self) -> Arrays:
        """Return what is remembered, as named arrays."""
        return {"added": np.array(self._added), **{name: values[: len(self)].numpy() for name, values in self._parts.items()}}

    def load_arrays(self, arrays: Arrays) -> None:
        """Take over what `arrays` of an equally built replay returned."""
        self._parts = {}
        for name, values in arrays.items():
            if name != "added":
                self._parts[name] = torch.zeros(self._capacity, *values.shape[1:], dtype=torch.from_numpy(values).dtype)
                self._parts[name][: len(values)] = torch.from_numpy(values)
        self._added = int(arrays["added"])
