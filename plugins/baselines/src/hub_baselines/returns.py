"""The learning curve: the mean return of the last 100 training episodes.

Episodes are counted in the order in which they began. Counted as they end, the short ones would come first whenever many begin together;
where success makes an episode short, the curve would then start with a peak that nobody earned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np

LAST = 100
"""Episodes that the mean is over."""


class RecentReturns:
    """Returns of the last 100 episodes that are counted, over a fixed number of slots.

    Args:
        slots: episodes that run side by side.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._last: deque[float] = deque(maxlen=LAST)
        self.begin()

    @property
    def mean(self) -> float | None:
        """Their mean; None until there are 100."""
        return float(np.mean(self._last)) if len(self._last) == LAST else None

    def begin(self) -> None:
        """Begin an episode in each slot; what ran or was not counted yet is forgotten."""
        self._running: list[list[float]] = [[] for _ in range(self._slots)]
        self._uncounted = deque(self._running)

    def end(self, slot: int, total: float) -> None:
        """Note that the episode in `slot` ended with the return `total`, and that the next one begins there."""
        self._running[slot].append(total)
        self._running[slot] = []
        self._uncounted.append(self._running[slot])
        while self._uncounted[0]:
            self._last.extend(self._uncounted.popleft())

    def last(self) -> list[float]:
        """Return the returns counted last, at most 100, the latest at the end."""
        return list(self._last)

    def load(self, last: Iterable[float]) -> None:
        """Take over what `last` returned."""
        self._last.extend(last)
