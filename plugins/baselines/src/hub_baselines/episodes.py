"""Randomness that belongs to an episode: the same draws whichever slot, batch or worker the episode is played in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_DOMAIN = 0x6167656E74
"""Keeps an agent's stream apart from the environment's, which is seeded with the same number."""


def episode_seed(seed: int, block: int = 0) -> int:
    """Return a 64-bit seed for block `block` of the draws an agent makes in the episode seeded `seed`."""
    return int(np.random.SeedSequence(seed, spawn_key=(_DOMAIN, block)).generate_state(1, np.uint64)[0])


def drawn_categories(probabilities: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Return the category (n,) that each of `uniform` (n,), numbers in [0, 1), draws from its row of `probabilities` (n, categories)."""
    below = (np.cumsum(probabilities.astype(np.float64), axis=1) <= uniform[:, None]).sum(axis=1)
    # Rounding keeps the last sum from being exactly 1; a draw beyond it takes the last category.
    categories: np.ndarray = np.minimum(below, probabilities.shape[1] - 1)
    return categories


class EpisodeGenerators:
    """One `numpy.random.Generator` a slot, started anew with each episode.

    Example:
        >>> generators = EpisodeGenerators()
        >>> generators.begin([0, 1], [10, 11])
        >>> generators.uniform(np.array([1, 0]), 2).shape
        (2, 2)
    """

    def __init__(self) -> None:
        self._of_slot: dict[int, np.random.Generator] = {}

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start the generators of `slots` from the seeds of their new episodes."""
        for slot, seed in zip(slots, seeds, strict=True):
            self._of_slot[int(slot)] = np.random.default_rng(episode_seed(int(seed)))

    def uniform(self, slots: np.ndarray, count: int) -> np.ndarray:
        """Return (n, count) numbers in [0, 1), row i from the generator of `slots[i]`."""
        return np.stack([self._of_slot[slot].random(count) for slot in slots.tolist()])

    def normal(self, slots: np.ndarray, count: int) -> np.ndarray:
        """Return (n, count) standard normal numbers, row i from the generator of `slots[i]`."""
        return np.stack([self._of_slot[slot].standard_normal(count) for slot in slots.tolist()])
