"""The progress line on standard error: rate, time left, running score with its interval. Only on terminals."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

REFRESH_S = 0.25


class Progress(Protocol):
    """What a run tells of its progress."""

    def begin(self, title: str, total: int, unit: str, done: int = 0) -> None:
        """Start a phase of `total` units, `done` of them before this session."""

    def advance_to(self, done: int) -> None:
        """Set the units done."""

    def steps(self, steps: int) -> None:
        """Add environment steps, for the rate."""

    def note(self, text: str) -> None:
        """Show text at the end of the line."""

    def say(self, text: str) -> None:
        """Print a line above it."""


class SilentProgress:
    """Shows nothing but lines that must be said."""

    def begin(self, title: str, total: int, unit: str, done: int = 0) -> None:
        """Do nothing."""

    def advance_to(self, done: int) -> None:
        """Do nothing."""

    def steps(self, steps: int) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""

    def say(self, text: str) -> None:
        """Print `text` to standard error."""
        print(f"hub: {text}", file=sys.stderr, flush=True)


class TerminalProgress:
    """A line that `rich` redraws a few times a second, whatever the number of steps."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar: RichProgress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[unit]}"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
            refresh_per_second=1 / REFRESH_S,
        )
        self._rate = _Rate()

    def __enter__(self) -> TerminalProgress:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def begin(self, title: str, total: int, unit: str, done: int = 0) -> None:
        """Start a line; the one before stays as it is."""
        self._rate = _Rate(unit, done)
        self._task = self._bar.add_task(title, total=total, completed=done, unit=unit, rate="", note="")

    def advance_to(self, done: int) -> None:
        """Redraw, unless that was done a moment ago."""
        if self._rate.due(done):
            self._bar.update(self._task, completed=done, rate=str(self._rate))

    def steps(self, steps: int) -> None:
        """Count steps and redraw when that is due."""
        self._rate.add(steps)
        self.advance_to(self._rate.done)

    def note(self, text: str) -> None:
        """Show `text` at the end of the line."""
        self._bar.update(self._task, note=text, completed=self._rate.done, rate=str(self._rate))

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.console.print(f"hub: {text}", markup=False, highlight=False)


class _Rate:
    """Units and environment steps per second since a phase began."""

    def __init__(self, unit: str = "", done: int = 0) -> None:
        self.unit, self.done, self._first, self._steps = unit, done, done, 0
        self._start = self._drawn = time.monotonic()

    def add(self, steps: int) -> None:
        self._steps += steps

    def due(self, done: int) -> bool:
        self.done = done
        now = time.monotonic()
        if now - self._drawn < REFRESH_S:
            return False
        self._drawn = now
        return True

    def __str__(self) -> str:
        elapsed = max(1e-9, time.monotonic() - self._start)
        units = f"{(self.done - self._first) / elapsed:,.1f} {self.unit}/s"
        return f"{units}, {self._steps / elapsed:,.0f} steps/s" if self._steps else units


class RunningScore:
    """Mean of the scores so far with its normal-approximation 95 % interval; one pass, no list."""

    def __init__(self) -> None:
        self._count, self._mean, self._squares = 0, 0.0, 0.0

    def add(self, score: float) -> None:
        """Take in one score (Welford's update)."""
        self._count += 1
        change = score - self._mean
        self._mean += change / self._count
        self._squares += change * (score - self._mean)

    def __str__(self) -> str:
        if self._count == 0:
            return ""
        if self._count == 1:
            return f"score {self._mean:.4g}"
        half = 1.96 * math.sqrt(self._squares / (self._count - 1) / self._count)
        return f"score {self._mean:.4g} [{self._mean - half:.4g}, {self._mean + half:.4g}]"


def spell_numbers(numbers: Mapping[str, float]) -> str:
    """Return reported numbers as they stand on the progress line."""
    return "  ".join(f"{name} {value:.4g}" for name, value in numbers.items())


@contextlib.contextmanager
def open_progress(shown: bool | None = None) -> Iterator[Progress]:
    """Open the progress line; `shown` None shows it when standard error is a terminal."""
    if shown is None:
        shown = sys.stderr.isatty()
    if not shown:
        yield SilentProgress()
        return
    with TerminalProgress() as progress:
        yield progress
