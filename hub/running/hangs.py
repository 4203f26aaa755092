"""What is known of a hang, and the small process that says it when the run itself cannot.

A run that hangs in C code can execute no Python, not even in another thread. It leaves a record in a folder while it still moves:
`state` (a counter of ticks and what is being played) and `trace` (written by `faulthandler` when time is up, just before it ends the
process). The reporter is a child process that waits for its parent's end, reads that record and prints one line. It runs this file as a
script with nothing but the standard library, so that it costs some milliseconds.
"""

from __future__ import annotations

import contextlib
import json
import struct
import sys
from pathlib import Path

STATE, TRACE = "state", "trace"
STATE_BYTES = 4096
CELLS = 64
"""How many running episodes the state has room for, each as two 64-bit integers: index + 1 (0 for an empty cell) and the tick it began at.
They follow the tick counter; what comes after them is JSON."""

TEXT_AT = 8 * (1 + 2 * CELLS)
FAREWELL = b"done"
"""What a parent writes before it closes the pipe in an orderly way."""


def read_hang(folder: Path) -> str | None:
    """Return the line that says what hung, or None when the record in `folder` tells of no hang."""
    try:
        trace = (folder / TRACE).read_text(encoding="utf-8", errors="replace")
        state = (folder / STATE).read_bytes()
    except FileNotFoundError:
        return None
    if "Timeout (" not in trace:
        return None
    ticks, *cells = struct.unpack_from(f"={1 + 2 * CELLS}q", state)
    facts = json.loads(state[TEXT_AT:].partition(b"\0")[0])
    pairs = sorted(zip(cells[::2], cells[1::2], strict=True))
    playing = [f"{number - 1} (step {ticks - start + 1})" for number, start in pairs if number]
    shown = ", ".join(playing[:5]) + (f" and {len(playing) - 5} more" if len(playing) > 5 else "")
    where = f" in episode{'s' if len(playing) > 1 else ''} {shown}" if playing else ""
    return f"{facts['what']} hangs{where}: no step ended within {facts['timeout']:g} s{_innermost(trace)}; --step-timeout sets the limit"


def _innermost(trace: str) -> str:
    """Return ` (at step, file.py line 3)`: the innermost Python frame of the main thread, which `faulthandler` lists last."""
    frames = trace.rpartition("most recent call first")[2].splitlines()[1:]
    if not frames or 'File "' not in frames[0]:
        return ""
    file, _, rest = frames[0].strip().removeprefix('File "').partition('", ')
    line, _, function = rest.partition(" in ")
    return f" (at {function}, {Path(file).name} {line})"


def _report(folder: Path) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then says goodbye
    said = sys.stdin.buffer.read()
    line = None if said == FAREWELL else read_hang(folder)
    if line is not None:
        print(f"hub: {line}; finished episodes are kept, and the same command goes on from them", file=sys.stderr, flush=True)
    with contextlib.suppress(OSError):  # whoever tidies temporary folders may have been here first
        for name in (STATE, TRACE):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


if __name__ == "__main__":
    _report(Path(sys.argv[1]))
