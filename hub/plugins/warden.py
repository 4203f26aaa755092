"""The warden: forks one child for each plugin, holds it to its limits and reports what it answered.

Runs as a process of its own, started by `hub.plugins.probing`. It reads an order from standard input and writes JSON lines to standard
output: `[position, null]` when it turns to a plugin, `[position, answer]` when it is done with it. A child's standard streams lead nowhere;
it answers through a pipe of its own, of which no more is read than an answer may be long.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import selectors
import signal
import sys
import tempfile
import time
from typing import IO, Any

from hub.plugins import registering

_LONGEST_ANSWER = 32 * 2**20
_LONGEST_TRACE = 20_000


class _Child:
    """A forked process that looks into one plugin."""

    def __init__(self, position: int, job: dict[str, str], order: dict[str, Any]) -> None:
        self.position, self.order = position, order
        self.deadline = time.monotonic() + order["wall"]
        self.answer = b""
        self.trace: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the child has ended
        self.pipe, writing = os.pipe()
        os.set_blocking(self.pipe, False)
        self.pid = os.fork()
        if self.pid == 0:
            _live(job, order, writing, self.trace.fileno())
        os.close(writing)

    def read(self) -> bool:
        """Take in what the child has written; False when it will write no more."""
        with contextlib.suppress(BlockingIOError):
            while len(self.answer) <= _LONGEST_ANSWER:
                chunk = os.read(self.pipe, 1 << 20)
                if not chunk:
                    return False
                self.answer += chunk
            return False
        return True

    def ended(self) -> str | None:
        """Return how the child ended, None while it runs; one that is over its time is ended here."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            return _how(status, self.order)
        if time.monotonic() > self.deadline:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            return f"it took longer than {self.order['wall']:g} s to register (HUB_PROBE_SECONDS)"
        return None

    def close(self, how: str) -> dict[str, Any]:
        """Release everything the child held, end what it left running, and return its answer."""
        self.read()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        os.close(self.pipe)
        with self.trace:
            self.trace.seek(0)
            trace = self.trace.read(_LONGEST_TRACE).decode(errors="replace")
        answer: dict[str, Any] | None = None
        with contextlib.suppress(ValueError):
            answer = json.loads(self.answer)
        return answer if isinstance(answer, dict) else {"state": "broken", "reason": how, "trace": trace}


def main() -> None:
    """Carry out the order on standard input."""
    order = json.load(sys.stdin)
    jobs = list(enumerate(order["jobs"]))
    with selectors.DefaultSelector() as selector:
        running: dict[int, _Child] = {}
        closing: set[int] = set()
        while jobs or running:
            while jobs and len(running) < (os.cpu_count() or 1):
                print(json.dumps([jobs[0][0], None]), flush=True)
                child = _Child(*jobs.pop(0), order)
                running[child.pid] = child
                selector.register(child.pipe, selectors.EVENT_READ, child)
            for key, _ in selector.select(0.002 if closing else 0.02):
                if not key.data.read():
                    selector.unregister(key.fileobj)
                    closing.add(key.data.pid)
            for child in list(running.values()):
                how = child.ended()
                if how is not None:
                    if child.pid not in closing:
                        selector.unregister(child.pipe)
                    closing.discard(child.pid)
                    del running[child.pid]
                    print(json.dumps([child.position, child.close(how)]), flush=True)


def _live(job: dict[str, str], order: dict[str, Any], writing: int, trace: int) -> None:
    """Be the child: look into the plugin, answer, end; never return."""
    # a plugin may replace anything while it registers, and then this must still work
    encoded, write, leave = json.dumps, os.write, os._exit
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        seconds = max(1, round(order["cpu"]))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
        registering.leave_traces(trace, 0.9 * order["wall"])
        answer = encoded(registering.answer(job["name"], job["value"])).encode()
        while answer:
            answer = answer[write(writing, answer) :]
    finally:
        leave(0)


def _how(status: int, order: dict[str, Any]) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGXCPU:
        return f"it used more than {order['cpu']:g} s of CPU time to register (HUB_PROBE_CPU_SECONDS)"
    if code < 0:
        return f"it crashed while registering: {signal.Signals(-code).name}"
    return f"it ended the process while registering (exit code {code})"
