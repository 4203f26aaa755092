"""How a run is carried out. None of it shows in the result, so a run may be taken up again under other settings."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from hub.errors import UsageError, nearest
from hub.running.engines import Engine, InlineEngine
from hub.running.frames import require_pillow
from hub.running.workers import ProcessEngine

ENGINES = ("inline", "process")
SLOTS = 16
STEP_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Engine and sizes.

    Attributes:
        engine: `inline` or `process`.
        workers: processes of the process engine; None takes one for each core this process may use.
        slots: most episodes played side by side in each process; None takes the environment's own number, 16 where it states none.
        step_timeout: seconds after which a step or a call of the agent counts as hung.
        record: whether to keep screens and transcripts of the episodes in the run's folder.
    """

    engine: str = "inline"
    workers: int | None = None
    slots: int | None = None
    step_timeout: float = STEP_TIMEOUT_S
    record: bool = False

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            near = nearest(self.engine, ENGINES)
            raise UsageError(
                f"unknown engine {self.engine!r}{f'; did you mean {near[0]}?' if near else ''} (there are {', '.join(ENGINES)})"
            )
        if self.workers is not None and self.engine != "process":
            raise UsageError("workers need the process engine: add --engine process")
        for option, number in (("workers", self.workers), ("slots", self.slots)):
            if number is not None and number < 1:
                raise UsageError(f"{option} must be at least 1, not {number}")
        if not 0 < self.step_timeout < 1e8:
            raise UsageError(f"step-timeout must be a positive number of seconds, not {self.step_timeout:g}")

        if self.record:
            require_pillow()

    def make_engine(self) -> Engine:
        """Return the engine."""
        return ProcessEngine(self._processes()) if self.engine == "process" else InlineEngine()

    def slots_for(self, episodes: int, usual: int | None = None) -> int:
        """Return how many slots each process needs for so many episodes of an environment whose usual number is `usual`."""
        share = math.ceil(episodes / self._processes()) if self.engine == "process" else episodes
        return max(1, min(self.slots or usual or SLOTS, share))

    def _processes(self) -> int:
        if self.workers is not None:
            return self.workers
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
