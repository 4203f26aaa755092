"""How often each observation was seen: the counts N(o) of RAPID's global score and of BeBold's bonus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MULTIPLIERS = 0x6D696E69
"""Seeds the multipliers of the fingerprint, which must be the same in every process."""


class Visits:
    """Counts observations of one shape.

    Observations are told apart by a fingerprint of 64 bits of their bytes: among a million different ones the chance that any two share
    theirs is below one in 100,000, and a shared one would only blur a bonus.
    """

    def __init__(self) -> None:
        self._number: dict[int, int] = {}
        self._counts = np.zeros(1024, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._number)

    def number(self, observations: NDArray[Any]) -> NDArray[np.int64]:
        """Return a number for each of `observations` (n, ...), equal for equal observations; (n,)."""
        number = self._number
        numbers = [number.setdefault(print_, len(number)) for print_ in _fingerprints(observations).tolist()]
        if len(number) > len(self._counts):
            self._counts = np.concatenate([self._counts, np.zeros(len(number), dtype=np.int64)])
        return np.array(numbers, dtype=np.int64)

    def add(self, numbers: NDArray[np.int64]) -> None:
        """Count one more visit for each of `numbers` (n,), an observation that occurs twice twice."""
        np.add.at(self._counts, numbers, 1)

    def of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return N(o) (n,) for each of `numbers` (n,)."""
        counts: NDArray[np.int64] = self._counts[numbers]
        return counts

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all there is to know, as named arrays."""
        prints = np.fromiter(self._number, dtype=np.uint64, count=len(self._number))
        return {"fingerprints": prints, "counts": self._counts[: len(self._number)]}

    def load_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned."""
        self._number = {print_: number for number, print_ in enumerate(arrays["fingerprints"].tolist())}
        self._counts = np.concatenate([arrays["counts"], np.zeros(1024, dtype=np.int64)])


def _fingerprints(observations: NDArray[Any]) -> NDArray[np.uint64]:
    """Return sum_i byte_i * m_i modulo 2 ** 64 for each row, with fixed random multipliers m; (n,)."""
    rows = np.ascontiguousarray(observations).reshape(len(observations), -1).view(np.uint8).astype(np.uint64)
    multipliers = np.random.default_rng(_MULTIPLIERS).integers(2**64, size=rows.shape[1], dtype=np.uint64)
    prints: NDArray[np.uint64] = rows @ multipliers
    return prints
