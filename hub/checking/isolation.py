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
from typing import IO, Any

from hub.checking.verdicts import Fault, Row, failed
from hub.errors import HubError

MOST_DEATHS = 2
"""Processes that a subject may take down before the rest of its checks is given up."""

GRACE = 2.0
"""Seconds that a process gets to say where it hangs."""

OPENING = "opens"


class Unopenable(HubError):
    """The subject could not be opened in its process."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def check_isolated(job: Mapping[str, Any], names: list[str], timeout: float, report: Callable[[Row], None]) -> list[Row]:
    """Run a suite on the subject that `job` describes in a child process and return its rows.

    Args:
        job: see `hub.checking.opening.job_of`.
        names: names of the suite's checks, in order.
        timeout: seconds that one check may take.
        report: hears each row as soon as it is there.

    Raises:
        HubError: the subject cannot be opened.
    """
    rows: list[Row] = []
    for _ in range(MOST_DEATHS):
        death = None
        for row in _rows_of_process({**job, "skip": [row.check for row in rows]}, timeout):
            rows.append(row)
            report(row)
            death = row if row.where.startswith(PROCESS) else None
        if death is None:
            break
    done = {row.check for row in rows}
    for name in names:
        if name not in done:
            rows.append(Row(check=name, state="not applicable", advice=f"not run: {MOST_DEATHS} checks took the process down"))
            report(rows[-1])
    return rows


PROCESS = "the process that ran the check"


def _rows_of_process(job: Mapping[str, Any], timeout: float) -> Iterator[Row]:
    """Yield rows until the process is done or dead; a death is the last row, of the check that was running."""
    running = OPENING
    with tempfile.TemporaryFile() as errors, _process("checks", job, "0", errors) as process:
        messages = _lines(process)
        while True:
            try:
                line = messages.get(timeout=timeout)
            except queue.Empty:
                place = _last_place(process, errors)
                yield failed(
                    running,
                    Fault(
                        f"no answer within {timeout:g} s", where=PROCESS + place, right="every reset and step returns in time (--timeout)"
                    ),
                )
                return
            if line is None:
                process.wait()
                how, place = _ending(process.returncode), _place(errors)
                yield failed(running, Fault(how, where=PROCESS + place, right="exceptions instead of exits, and no crash"))
                return
            message = json.loads(line)
            if "error" in message:
                raise Unopenable(message["error"], message["exit_code"])
            if "done" in message:
                return
            if "begin" in message:
                running = message["begin"]
            else:
                yield Row(**message["row"])


def digests_elsewhere(job: Mapping[str, Any], hash_seed: str) -> list[str]:
    """Return the digests of the subject's sketch, played in a fresh process with `PYTHONHASHSEED=hash_seed`.

    Raises:
        Fault: the process died or the subject raised in it.
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
    raise Fault(
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
    """Return the innermost frame that the process's last words name, outside hub's own checks."""
    errors.seek(0)
    text = errors.read()[-20_000:].decode(errors="replace")
    said = text.rpartition("(most recent call first)")[2]
    frames = re.findall(r'File "([^"]+)", line (\d+) in (\S+)', said)
    return next((f", at {os.path.basename(file)}:{line} in {function}" for file, line, function in frames), "")
