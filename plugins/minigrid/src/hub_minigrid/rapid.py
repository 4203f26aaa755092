"""RAPID's buffer of the best episodes so far (Zha et al., "Rank the episodes", ICLR 2021).

An episode's score is S = w0 R + w1 L + w2 G: its return R; its local score L, different observations over steps; its global score
G, the mean over its steps of 1 / sqrt(N(o)), with N(o) the visits of an observation in the whole training. G falls as N grows, so it is
computed anew, for all that is kept, whenever episodes come in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_minigrid.episodes import Episode
from hub_minigrid.visits import Visits

AGEING = 1e-10
"""What an episode's score loses for each one that came after it: of two alike, the newer stays."""


class Transitions(NamedTuple):
    """Observations (n, ...) and what was done there (n,)."""

    observations: NDArray[Any]
    actions: NDArray[np.int64]


class RankedBuffer:
    """At most `capacity` transitions, of the episodes of greatest score; where the room ends within one, its last steps are kept.

    Args:
        visits: the counts N; the buffer reads them and leaves counting to others.
        capacity: most transitions kept.
        weights: w0, w1 and w2.
    """

    def __init__(self, visits: Visits, capacity: int = 10_000, weights: tuple[float, float, float] = (1.0, 0.1, 0.001)) -> None:
        self._visits, self._capacity, self._weights = visits, capacity, weights
        self._columns: dict[str, NDArray[Any]] = {}
        self._came = 0

    def __len__(self) -> int:
        return len(self._columns.get("action", ()))

    def add(self, episodes: Sequence[Episode]) -> None:
        """Take in finished episodes, rank all anew and forget the transitions of least score beyond the capacity."""
        rows = [self._rows(episode) for episode in episodes]
        if self._columns:
            rows.insert(0, self._columns)
        if not rows:
            return
        columns = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
        columns["score"] = self._scores(columns)
        # Stable, so that an episode's transitions stay in the order they were taken in.
        best = np.argsort(columns["score"], kind="stable")[-self._capacity :]
        self._columns = {name: column[best] for name, column in columns.items()}

    def transitions(self) -> Transitions | None:
        """Return what is kept, scores ascending; None before the first episode."""
        return Transitions(self._columns["observation"], self._columns["action"]) if self._columns else None

    def scores(self) -> NDArray[np.float64]:
        """Return the score (n,) of each transition's episode, ascending."""
        scores: NDArray[np.float64] = self._columns["score"]
        return scores

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all there is to know besides the visits, as named arrays."""
        return {**self._columns, "came": np.array(self._came)}

    def load_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned."""
        self._columns = {name: array for name, array in arrays.items() if name != "came"}
        self._came = int(arrays["came"])

    def _rows(self, episode: Episode) -> dict[str, NDArray[Any]]:
        numbers = self._visits.number(episode.observations)
        steps = len(numbers)
        self._came += 1
        return {
            "observation": episode.observations,
            "action": episode.actions,
            "number": numbers,
            "episode": np.full(steps, self._came),
            "return": np.full(steps, episode.total),
            "local": np.full(steps, len(np.unique(numbers)) / steps),
            "score": np.zeros(steps),
        }

    def _scores(self, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
        _, episode = np.unique(columns["episode"], return_inverse=True)
        # An observation of offline data may never have been met in training; it counts as met once.
        rarity = 1 / np.sqrt(np.maximum(self._visits.of(columns["number"]), 1))
        exploration = np.bincount(episode, rarity) / np.bincount(episode)
        of_return, of_local, of_global = self._weights
        scores: NDArray[np.float64] = (
            of_return * columns["return"]
            + of_local * columns["local"]
            + of_global * exploration[episode]
            - AGEING * (self._came - columns["episode"])
        )
        return scores
