"""A helper process that answers requests, one JSON document a line each way, and is started anew when it died."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any


class HelperError(Exception):
    """A helper did not answer; the text says why. The next request gets a fresh one."""


class Helper:
    """A helper process, started when it is first asked.

    Args:
        words: the program and its arguments.
        environment: variables set for it, beside ours.
    """

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._words = list(words)
        self._environment = {**os.environ, **environment}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: Mapping[str, Any], limit: float) -> dict[str, Any]:
        """Return the answer to a request; requests of several threads wait for each other.

        Raises:
            HelperError: no answer came within `limit` seconds, or the process died.
        """
        with self._lock:
            process = self._started()
            assert process.stdin is not None
            try:
                process.stdin.write(json.dumps(request).encode() + b"\n")
                process.stdin.flush()
                answer: dict[str, Any] = json.loads(self._line(process, time.monotonic() + limit))
            except (OSError, EOFError) as error:
                self._end(process)
                raise HelperError(str(error) or "the helper process died") from error
            return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(self._words, stdin=pipe, stdout=pipe, env=self._environment, start_new_session=True)
        return self._process

    def _line(self, process: subprocess.Popen[bytes], deadline: float) -> bytes:
        assert process.stdout is not None
        parts: list[bytes] = []
        while not (parts and parts[-1].endswith(b"\n")):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                raise TimeoutError("no answer within the limit")
            part = os.read(process.stdout.fileno(), 2**20)
            if not part:
                raise EOFError
            parts.append(part)
        return b"".join(parts)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()
        process.wait()
        self._process = None
