"""The watchdog: ends a process in which a step or a call of the agent takes too long, also when it hangs in C code.

`faulthandler` keeps the time in a thread of its own that needs no interpreter; it dumps the stack and ends the process with exit code 1.
A thread of ours pushes that moment off as long as steps end. What happened is told by `hub.running.hangs`, from outside.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import mmap
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from hub.errors import HubError
from hub.running import hangs


class Watchdog:
    """Watches one thing at a time; `faulthandler`'s timer is one a process.

    Time runs from the last `tick` (or from the moment a `guard` was entered), and stands still outside of `guard` and `watch`.
    A hang is noticed between `timeout` and 1.25 times `timeout`.
    """

    def __init__(self, timeout: float, folder: Path) -> None:
        """Open a watchdog that leaves its record in `folder`, which exists."""
        self.timeout = timeout
        self._cells: dict[int, int] = {}
        self._free = list(range(hangs.CELLS))
        self._since: float | None = None
        self._stop = threading.Event()
        with (folder / hangs.STATE).open("w+b") as file:
            file.write(bytes(hangs.STATE_BYTES))  # a file with holes would end in SIGBUS where the disk is full
            file.flush()
            self._state = mmap.mmap(file.fileno(), hangs.STATE_BYTES)
        self._numbers = memoryview(self._state)[: hangs.TEXT_AT].cast("q")
        self._trace = (folder / hangs.TRACE).open("wb", buffering=0)
        self._keeper = threading.Thread(target=self._keep, name="hub-watchdog", daemon=True)

    def __enter__(self) -> Watchdog:
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._keeper.join()
        faulthandler.cancel_dump_traceback_later()
        self._numbers.release()
        self._state.close()
        self._trace.close()

    @contextlib.contextmanager
    def watch(self, what: str) -> Iterator[None]:
        """Let time run, with `what` in the message; every `tick` starts it anew."""
        self.name(what)
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Let time run for one call."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None

    def name(self, what: str) -> None:
        """Say what following guards run."""
        text = json.dumps({"what": what[:500], "timeout": self.timeout}).encode() + b"\0"
        self._state[hangs.TEXT_AT : hangs.TEXT_AT + len(text)] = text

    def tick(self) -> None:
        """Note that a step ended."""
        self._numbers[0] += 1
        self._since = time.monotonic()

    def begin(self, plan: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Hand on a plan of (index, seed), noting which episodes are being played."""
        for index, seed in plan:
            if self._free:
                self._cells[index] = cell = self._free.pop()
                self._numbers[1 + 2 * cell], self._numbers[2 + 2 * cell] = index + 1, self._numbers[0]
            yield index, seed

    def end(self, index: int) -> None:
        """Note that an episode ended."""
        cell = self._cells.pop(index, None)
        if cell is not None:
            self._numbers[1 + 2 * cell] = 0
            self._free.append(cell)

    def _keep(self) -> None:
        period = self.timeout / 8
        while True:
            since = self._since
            idle = 0.0 if since is None else time.monotonic() - since
            if idle < self.timeout:  # there is always one more look before time is up
                faulthandler.dump_traceback_later(self.timeout - idle + 1.5 * period, exit=True, file=self._trace)
            if self._stop.wait(period):
                return


def temporary_folder(prefix: str) -> Path:
    """Make a folder for files that only this session needs. Raises `HubError` where none can be made."""
    try:
        return Path(tempfile.mkdtemp(prefix=prefix))
    except OSError as error:
        raise HubError(f"cannot make a temporary folder: {error.strerror}; make room there or point TMPDIR elsewhere") from error


def open_watchdog(timeout: float, folder: Path) -> Watchdog:
    """Open a watchdog that leaves its record in `folder`. Raises `HubError` where that cannot be written."""
    try:
        return Watchdog(timeout, folder)
    except OSError as error:
        raise HubError(
            f"cannot write to the temporary folder {folder}: {error.strerror}; make room there or point TMPDIR elsewhere"
        ) from error


@contextlib.contextmanager
def reported_watchdog(timeout: float) -> Iterator[Watchdog]:
    """Watch this process; should it hang, a child process prints one line to standard error after this one ended with exit code 1."""
    folder = temporary_folder("hub-watchdog-")
    command = [sys.executable, "-I", "-S", hangs.__file__, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as reporter:
        assert reporter.stdin is not None
        try:
            with open_watchdog(timeout, folder) as watchdog:
                yield watchdog
        finally:
            with contextlib.suppress(BrokenPipeError):  # a reporter that was killed must not end a run that is well
                reporter.stdin.write(hangs.FAREWELL)
                reporter.stdin.close()
