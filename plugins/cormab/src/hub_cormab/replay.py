"""Prioritised replay (Schaul et al., ICLR 2016) in plain arrays: ten thousand priorities are summed faster than a tree is walked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOOR = 1e-3
"""Added to each priority, so that no transition is forgotten."""

Transitions = tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.float64], NDArray[np.int8]]
"""States (n, J), actions (n, N), rewards (n,), next states (n, J)."""


class PrioritisedReplay:
    """The last `capacity` transitions, drawn in proportion to |error| ** alpha.

    Args:
        capacity: most transitions kept; the oldest go first.
        states: J.
        actions: N.
        alpha: how much priorities count; 0 draws uniformly.
        beta: how far the weights undo the bias of drawing unevenly; 1 undoes it.
    """

    def __init__(self, capacity: int, states: int, actions: int, *, alpha: float, beta: float) -> None:
        self._capacity, self._alpha, self._beta = capacity, alpha, beta
        self._states = np.zeros((capacity, states), dtype=np.int8)
        self._actions = np.zeros((capacity, actions), dtype=np.int8)
        self._rewards = np.zeros(capacity)
        self._next = np.zeros((capacity, states), dtype=np.int8)
        self._chances = np.zeros(capacity)
        self._position, self._size = 0, 0

    def __len__(self) -> int:
        return self._size

    def add(self, states: NDArray[Any], actions: NDArray[Any], rewards: NDArray[np.float64], following: NDArray[Any]) -> None:
        """Append n transitions, with the greatest priority yet given, so that each is soon drawn."""
        place = (self._position + np.arange(len(states))) % self._capacity
        highest = float(self._chances[: self._size].max(initial=0.0))
        self._states[place], self._actions[place], self._rewards[place], self._next[place] = states, actions, rewards, following
        self._chances[place] = highest or 1.0
        self._position = int(self._position + len(states)) % self._capacity
        self._size = min(self._capacity, self._size + len(states))

    def draw(self, rng: np.random.Generator, n: int) -> tuple[NDArray[np.int64], NDArray[np.float64], Transitions]:
        """Draw n transitions with replacement.

        Returns:
            Their numbers, for `reprioritise`; importance weights (n,), the greatest of them 1; and the transitions.
        """
        cumulated = np.cumsum(self._chances[: self._size])
        drawn = np.minimum(np.searchsorted(cumulated, rng.random(n) * cumulated[-1], side="right"), self._size - 1)
        weights = self._chances[drawn] ** -self._beta
        return drawn, weights / weights.max(), (self._states[drawn], self._actions[drawn], self._rewards[drawn], self._next[drawn])

    def reprioritise(self, drawn: NDArray[np.int64], errors: NDArray[np.floating[Any]]) -> None:
        """Set the priorities of the transitions `drawn` from their errors (n,)."""
        self._chances[drawn] = (np.abs(errors) + FLOOR) ** self._alpha

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the whole content as named arrays, not copied."""
        return {**self._columns(), "place": np.array([self._position, self._size])}

    def load_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `arrays` of an equally built buffer returned."""
        for name, column in self._columns().items():
            column[:] = arrays[name]
        self._position, self._size = arrays["place"].tolist()

    def _columns(self) -> dict[str, NDArray[Any]]:
        return {
            "states": self._states,
            "actions": self._actions,
            "rewards": self._rewards,
            "next": self._next,
            "chances": self._chances,
        }
