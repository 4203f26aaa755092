"""Checks in a process of their own, which a hanging or crashing subject cannot take hub down with."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from hub.checking.verdicts import FaultError, Row, failed
from hub.errors import HubError

MOST_DEATHS = 2
"""Processes that a subject may take down before the rest of its checks is given up."""

GRACE = 2.0
"""Seconds that a process gets to say where it hangs."""

START_UP = 60.0
"""Seconds that a process gets at least to import what it needs."""

OPENING = "opens"
DONE = "done"


class UnopenableError(HubError):
    """The subject could not be opened in its process."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def check_isolated(job: Mapping[str, Any], timeout: float, report: Callable[[Row], None]) -> list[Row]:
    """Run the suite of the subject that `job` describes in a child process and return its rows.

    Args:
        job: see `hub.checking.opening.job_of`.
        timeout: seconds that one check may take.
        report: hears each row as soon as it is there.

    Raises:
        HubError: the subject cannot be opened.
    """
    rows: list[Row] = []
    names: list[str] = []
    for _ in range(MOST_DEATHS):
        child = _Child(timeout)
        for row in child.rows({**job, "skip": [row.check for row in rows]}):
            rows.append(row)
            report(row)
        names = child.names or names
        if not (child.died and child.names):
            break
    done = {row.check for row in rows}
    for name in names:
        if name not in done:
            rows.append(Row(check=name, state="not applicable", advice=f"not run: {MOST_DEATHS} checks took their process down"))
            report(rows[-1])
    return rows


class _Child:
    """One child process that runs checks until it is done or dead.

    Attributes:
        names: the suite, as far as the child could tell.
        died: whether it hung, exited or crashed.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._running = OPENING
        self.names: list[str] = []
        self.died = False

    def rows(self, job: Mapping[str, Any]) -> Iterator[Row]:
        """Yield the rows; a death is the last one, of the check that was running."""
        with tempfile.TemporaryFile() as errors, _process("checks", job, "0", errors) as process:
            messages = _lines(process)
            while True:
                limit = self._timeout if self.names else max(self._timeout, START_UP)
                try:
                    line = messages.get(timeout=limit)
                except queue.Empty:
                    what, right = f"no answer within {limit:g} s", "every reset and step returns in time (--timeout)"
                    yield self._death(what, _last_place(process, errors), right)
                    return
                if line is None:
                    process.wait()
                    yield self._death(_ending(process.returncode), _place(errors), "exceptions instead of exits, and no crash")
                    return
                row = self._read(json.loads(line))
                if row == DONE:
                    return
                if isinstance(row, Row):
                    yield row

    def _read(self, message: Mapping[str, Any]) -> Row | str | None:
        match message:
            case {"error": str(text), "exit_code": int(code)}:
                raise UnopenableError(text, code)
            case {"checks": list(names)}:
                self.names = names
            case {"begin": str(name)}:
                self._running = name
            case {"row": dict(fields)}:
                return Row(**fields)
            case {"done": True}:
                return DONE
        return None

    def _death(self, what: str, place: str, right: str) -> Row:
        self.died = True
        return failed(self._running, FaultError(what, where=f"the process that ran the check{place}", right=right))


def digests_elsewhere(job: Mapping[str, Any], hash_seed: str) -> list[str]:
    """Return the digests of the subject's sketch, played in a fresh process with `PYTHONHASHSEED=hash_seed`.

    Raises:
        FaultError: the process died or the subject raised in it.
    """
    with tempfile.TemporaryFile() as errors, _process("digests", job, hash_seed, errors) as process:
        assert process.stdout is not None
        answers = [json.loads(line) for line in process.stdout]
        process.wait()
        for answer in answers:
            if "digests" in answer:
                found: list[str] = answer["digests"]
                return found
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines()
    told = answers[0]["error"] if answers else said[-1] if said else _ending(process.returncode)
    raise FaultError(
        f"the environment does not play in a fresh process: {told[:200]}", where="fresh process", right="it builds by its name anywhere"
    )


@contextlib.contextmanager
def _process(mode: str, job: Mapping[str, Any], hash_seed: str, errors: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    environ = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    arguments = [sys.executable, "-m", "hub.checking.child", mode]
    # a group of its own: what the subject started ends with it; a fresh process that a check starts stays in the check's group
    group = mode == "checks"
    process = subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environ, start_new_session=group
    )
    try:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(json.dumps(job).encode())
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL) if group and hasattr(os, "killpg") else process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _lines(process: subprocess.Popen[bytes]) -> queue.Queue[bytes | None]:
    """Return a queue of the process's output lines, None at the end."""
    lines: queue.Queue[bytes | None] = queue.Queue()
    output = process.stdout
    assert output is not None

    def pump() -> None:
        with contextlib.suppress(ValueError):
            for line in output:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=pump, daemon=True).start()
    return lines


def _ending(code: int) -> str:
    if code < 0:
        return f"the process was killed by {signal.Signals(-code).name}"
    return f"the process exited with code {code}"


def _last_place(process: subprocess.Popen[bytes], errors: IO[bytes]) -> str:
    """Make a hanging process say where it hangs."""
    process.send_signal(signal.SIGABRT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    return _place(errors)


def _place(errors: IO[bytes]) -> str:
    """Return the two innermost frames that the process's last words name."""
    errors.seek(0)
    text = errors.read()[-20_000:].decode(errors="replace")
    said = text.rpartition("(most recent call first)")[2]
    frames = re.findall(r'File "([^"]+)", line (\d+) in (\S+)', said)
    return "".join(f", at {Path(file).name}:{line} in {function}" for file, line, function in frames[:2])
