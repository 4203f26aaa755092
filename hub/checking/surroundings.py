"""Checks that an environment leaves its process as it found it: output, folder, settings, threads, files."""

from __future__ import annotations

import contextlib
import gc
import locale
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from hub.checking.subjects import Subject
from hub.checking.verdicts import FaultError, one_line

ROUNDS = 3


def prints_nothing(subject: Subject) -> None:
    """Nothing is written to standard output, which belongs to the program that plays."""
    with captured_output() as output, subject.opened() as env:
        subject.play_sketch(env)
    text = output.read_bytes().decode(errors="replace")
    output.unlink()
    if text:
        raise FaultError(
            f"{len(text)} characters were printed, beginning with {text[:60]!r}",
            where="standard output",
            right="logging, warnings or a render mode",
        )


def process_unchanged(subject: Subject) -> None:
    """Working directory, environment variables, locale, signals and numerical settings stay as they were."""
    with tempfile.TemporaryDirectory() as folder, put_back():
        os.chdir(folder)
        before = _process_state()
        with subject.opened() as env:
            subject.play_sketch(env)
        after = _process_state()
        left = sorted(path.name for path in Path(folder).iterdir())
    for name, value in before.items():
        if after[name] != value:
            raise FaultError(
                f"{name} changed: {_change(value, after[name])}", where=name, right="leave it, or put it back before returning"
            )
    if left:
        raise FaultError(
            f"files were left in the working directory: {', '.join(left[:3])}",
            where="working directory",
            right="write to a folder the user names, or a temporary one",
        )


def close_twice(subject: Subject) -> None:
    """Close may be called twice, and before the first reset."""
    for played in (False, True):
        env = subject.make()
        if played:
            env.reset(seed=subject.plan.seed)
        for call in ("first", "second"):
            try:
                env.close()
            except Exception as error:
                where = f"{call} close, {'after' if played else 'before'} reset"
                raise FaultError(
                    f"close raised {one_line(error)}", where=where, right="close succeeds, and does nothing the second time"
                ) from error


def close_releases(subject: Subject) -> None:
    """After close no thread, child process or open file is left over."""
    _play_and_close(subject)
    before = _holdings()
    kept = [_play_and_close(subject) for _ in range(ROUNDS)]
    after = _holdings()
    for name, count in before.items():
        if after[name] >= count + ROUNDS:
            raise FaultError(
                f"{ROUNDS} environments left {after[name] - count} {name} behind",
                where="close",
                right="close ends what the environment started and opened",
            )
    del kept


@contextlib.contextmanager
def put_back() -> Iterator[None]:
    """Restore working directory, environment variables and numpy's settings at the end, so that no check sees what another one left."""
    folder, environ = Path.cwd(), dict(os.environ)
    errors, printing = np.geterr(), np.get_printoptions()
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environ)
        np.seterr(**errors)
        np.set_printoptions(**printing)


def _play_and_close(subject: Subject) -> Any:
    env = subject.make()
    try:
        subject.play_sketch(env)
    finally:
        env.close()
    return env


def _holdings() -> dict[str, int]:
    gc.collect()
    process = psutil.Process()
    files = getattr(process, "num_fds" if os.name == "posix" else "num_handles")()
    return {"threads": threading.active_count(), "child processes": len(process.children(recursive=True)), "open files": files}


def _process_state() -> dict[str, Any]:
    mask = os.umask(0)
    os.umask(mask)
    return {
        "the working directory": Path.cwd(),
        "the environment variables": dict(os.environ),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the file mask": mask,
        "the interrupt handler": signal.getsignal(signal.SIGINT),
        "the termination handler": signal.getsignal(signal.SIGTERM),
        "numpy's error handling": np.geterr(),
        "numpy's print options": np.get_printoptions(),
        "the module path": list(sys.path),
        "the recursion limit": sys.getrecursionlimit(),
    }


def _change(before: Any, after: Any) -> str:
    """Say what changed; of mappings only the keys, because environment variables hold secrets."""
    if isinstance(before, dict):
        return ", ".join(sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key)))
    return f"{str(before)[:80]} to {str(after)[:80]}"


@contextlib.contextmanager
def captured_output() -> Iterator[Path]:
    """Send standard output, of Python and of libraries, to a file until the end."""
    descriptor, name = tempfile.mkstemp()
    saved = os.dup(1)
    python_output = sys.stdout
    try:
        sys.stdout.flush()
        os.dup2(descriptor, 1)
        with os.fdopen(os.dup(descriptor), "w") as sys.stdout:
            yield Path(name)
    finally:
        python_output.flush()
        sys.stdout = python_output
        os.dup2(saved, 1)
        os.close(saved)
        os.close(descriptor)
