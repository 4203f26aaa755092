"""Measuring what a session costs, seldom enough that measuring costs nothing: reading the CPU clock can take a millisecond."""

from __future__ import annotations

import time

READ_EVERY_S = 0.5


class Meter:
    """Wall and CPU time since it was made.

    Attributes:
        others_cpu_s: CPU time of other processes; whoever hears of it adds it.
    """

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), time.process_time()
        self._read = self._wall
        self.others_cpu_s = 0.0

    def read(self) -> tuple[float, float]:
        """Return wall and CPU seconds."""
        self._read = time.monotonic()
        return self._read - self._wall, time.process_time() - self._cpu + self.others_cpu_s

    def read_if_due(self) -> tuple[float, float] | None:
        """Return what `read` does, or None when that was done a moment ago."""
        return self.read() if time.monotonic() - self._read >= READ_EVERY_S else None
