"""Running one function over untrusted bytes in a child process without rights.

The child is a fresh interpreter in isolated mode with an empty environment. It imports the function's module, reads the bytes, gives up
everything it does not need (`hub_baselines.sandbox_child`), and only then calls the function. Where the kernel refuses to take a right
away, the function is not called. What can be given up depends on the platform:

| layer                                                             | Linux x86-64 | other Linux | macOS | Windows |
| ----------------------------------------------------------------- | ------------ | ----------- | ----- | ------- |
| time limit, limit on the answer's size, empty environment         | yes          | yes         | yes   | yes     |
| Python refuses to open files, connect, start programs (audit hook) | yes         | yes         | yes   | yes     |
| limits on open files, file sizes, processes, CPU time             | yes          | yes         | yes   | no      |
| limit on memory                                                   | yes          | yes         | no    | no      |
| no rights of root: the child becomes user and group 65534         | yes          | yes         | yes   | no      |
| the kernel refuses all system calls but those for memory, time and the pipes it has (seccomp) | yes | no | no | no |
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from hub.errors import HubError, UsageError


class SandboxError(HubError):
    """The function failed in the child, was stopped there, or tried what it has no right to."""


def call(function: str, path: Path, *, seconds: int = 60, memory_mib: int = 2048, largest_answer: int = 2**30) -> bytes:
    """Return what `function` makes of the bytes of the file `path`, called in a child process without rights.

    Args:
        function: `"module:name"` of a function from bytes to bytes in an installed module. Where the module has a function `prepare`, that
            is called before the rights are given up: a place to import what would otherwise be imported on first use.
        path: file whose content is handed over.
        seconds: limit on CPU and on wall time of the call.
        memory_mib: memory the child may take beyond what its imports took.
        largest_answer: bytes.

    Raises:
        UsageError: the file cannot be read.
        SandboxError: the function raised, ran too long, took too much memory, answered too much or was stopped.
    """
    try:
        source = path.open("rb")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    with source, tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, "-I", "-m", "hub_baselines.sandbox_child", function, str(seconds), str(memory_mib)]
        child = subprocess.Popen(
            command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_smallest_environment(), cwd=empty
        )
        # The imports before the call take their own time; the child's clock for the call itself is the CPU limit.
        timer = threading.Timer(seconds + 60, child.kill)
        timer.start()
        try:
            assert child.stdout is not None
            answer = child.stdout.read(largest_answer + 2)
        finally:
            timer.cancel()
            child.kill()
            child.communicate()
    if len(answer) > largest_answer + 1:
        raise SandboxError(f"{path} could not be read: the answer is longer than {largest_answer} bytes")
    if answer[:1] == b"0":
        return answer[1:]
    reason = answer[1:500].decode("utf-8", "replace") if answer[:1] == b"1" else f"the child process ended with {child.returncode}"
    raise SandboxError(f"{path} could not be read: {''.join(letter if letter.isprintable() else ' ' for letter in reason)}")


def _smallest_environment() -> dict[str, str]:
    # Without SYSTEMROOT, Python does not start on Windows.
    return {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if os.name == "nt" else {}
