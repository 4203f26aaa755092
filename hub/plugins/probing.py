"""Looking into plugins that are new: each is imported once, in a process of its own, with limits.

A warden process (`hub.plugins.warden`) is started for all of them; it forks a child for each, so that a plugin that crashes, hangs or exits
takes nothing with it. Should a plugin end the warden itself, those it had begun with are looked into one by one.

The limits can be set by environment variables: HUB_PROBE_SECONDS (wall time of one plugin, 20), HUB_PROBE_CPU_SECONDS (its CPU time, 15)
and HUB_PROBE_MEMORY (MiB of address space; the machine's memory, between 4 and 16 GiB).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
from typing import Any

import psutil

from hub.errors import UsageError
from hub.plugins import PROBING, stamps
from hub.plugins.rows import KINDS

_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from hub.plugins.warden import main; main()"
_STARTING = 30.0
_ENDED = "it ended the process that was looking into it"


def look_into(rows: list[dict[str, Any]]) -> None:
    """Fill in `state`, `reason`, `trace`, what the hooks returned and the stamps of what was imported, for each of `rows`."""
    waiting = rows
    while waiting:
        answers = _ask_warden(waiting)
        begun = [row for number, row in enumerate(waiting) if number in answers] or waiting
        for number, row in enumerate(waiting):
            if answers.get(number):
                _enter(row, answers[number] or {})
        unanswered = [row for row in begun if not row["state"]]
        for row in unanswered:
            _enter(row, (len(waiting) > 1 and _ask_warden([row]).get(0)) or {"state": "broken", "reason": _ENDED})
        waiting = [row for row in waiting if not row["state"]]


def _enter(row: dict[str, Any], answer: dict[str, Any]) -> None:
    row["files"].update((file, stamps.file_stamp(file)) for file in answer.get("imported", []))
    row.update((key, value) for key, value in answer.items() if key in ("state", "reason", "trace", *KINDS))


def _ask_warden(rows: list[dict[str, Any]]) -> dict[int, dict[str, Any] | None]:
    """Have a warden look into `rows`; return by position what it answered, None where it began and was ended before it could answer."""
    wall = _limit("HUB_PROBE_SECONDS", 20.0)
    order = {
        "wall": wall,
        "cpu": _limit("HUB_PROBE_CPU_SECONDS", 15.0),
        "memory": int(_limit("HUB_PROBE_MEMORY", _most_memory()) * 2**20),
        "jobs": [{key: row[key] for key in ("name", "value", "distribution")} for row in rows],
    }
    search_path = [os.path.abspath(entry) for entry in sys.path]
    longest = _STARTING + (wall + 1.0) * (1 + len(rows) // (os.cpu_count() or 1))
    token = secrets.token_hex(16)
    try:
        done = subprocess.run(
            [sys.executable, "-c", _BOOT, json.dumps(search_path)],
            input=json.dumps(order).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, PROBING: token, "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=longest,
            check=False,
        )
        lines = done.stdout
    except subprocess.TimeoutExpired as error:
        lines = error.stdout or b""
    finally:
        _end_what_is_left(token)
    return dict(json.loads(line) for line in lines.split(b"\n")[:-1])


def _end_what_is_left(token: str) -> None:
    """Kill the processes that plugins have left running, also those that left their session or outlived a warden that was killed."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(PROBING) == token:
                process.kill()


def _limit(variable: str, default: float) -> float:
    text = os.environ.get(variable)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise UsageError(f"{variable}={text!r} is not a positive number")
    return value


def _most_memory() -> float:
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    return min(max(physical, 4096.0), 16384.0)
