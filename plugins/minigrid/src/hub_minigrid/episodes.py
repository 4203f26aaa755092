"""Whole episodes, put together from the rollouts that cut through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Episode:
    """What imitation needs to know of an episode of T steps.

    Attributes:
        observations: (T, ...), those acted upon.
        actions: (T,).
        total: the undiscounted sum of its rewards.
    """

    observations: NDArray[Any]
    actions: NDArray[np.int64]
    total: float


class Assembler:
    """Puts episodes together from rollouts over a fixed number of slots.

    It starts with episodes that begin in all slots.
    """

    def __init__(self, slots: int) -> None:
        self._begun = np.zeros(slots, dtype=np.int64)
        """Where each slot's running episode begins in the steps that are kept."""
        self._kept: tuple[NDArray[Any], ...] = ()

    def add(
        self, observations: NDArray[Any], actions: NDArray[np.int64], rewards: NDArray[np.float64], ended: NDArray[np.bool_]
    ) -> list[Episode]:
        """Take the next steps of all slots and return the episodes that they end, earlier ends first.

        Args:
            observations: (steps, slots, ...).
            actions: (steps, slots).
            rewards: (steps, slots).
            ended: (steps, slots), whether the step was an episode's last.
        """
        fresh: tuple[NDArray[Any], ...] = (observations, actions, rewards)
        before = len(self._kept[0]) if self._kept else 0
        self._kept = tuple(np.concatenate(parts) for parts in zip(self._kept, fresh, strict=True)) if self._kept else fresh
        episodes = []
        for step, slot in np.argwhere(ended).tolist():
            end = before + step + 1
            seen, done, paid = (column[self._begun[slot] : end, slot] for column in self._kept)
            episodes.append(Episode(seen.copy(), done.copy(), float(paid.sum())))
            self._begun[slot] = end
        oldest = int(self._begun.min())
        self._kept = tuple(column[oldest:] for column in self._kept)
        self._begun -= oldest
        return episodes
