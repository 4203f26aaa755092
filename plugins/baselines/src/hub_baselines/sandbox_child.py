"""The child's side of `hub_baselines.sandbox`: give up all rights, then call the function."""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import struct
import sys
from typing import Any

NOBODY = 65534
_FORBIDDEN_EVENTS = (
    "open",
    "os.",
    "shutil.",
    "tempfile.",
    "subprocess.",
    "socket.",
    "ctypes.",
    "pty.",
    "winreg.",
    "glob.",
    "pathlib.",
    "sqlite3.",
    "urllib.",
)
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 22, 38, 2
_AUDIT_ARCH_X86_64 = 0xC000003E
_ALLOW, _DENY_WITH_EPERM, _KILL_PROCESS = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_SYSTEM_CALLS_X86_64 = {
    "read": 0,
    "write": 1,
    "close": 3,
    "fstat": 5,
    "lseek": 8,
    "mmap": 9,
    "mprotect": 10,
    "munmap": 11,
    "brk": 12,
    "rt_sigaction": 13,
    "rt_sigprocmask": 14,
    "rt_sigreturn": 15,
    "sched_yield": 24,
    "mremap": 25,
    "madvise": 28,
    "getpid": 39,
    "exit": 60,
    "sigaltstack": 131,
    "gettid": 186,
    "futex": 202,
    "sched_getaffinity": 204,
    "clock_gettime": 228,
    "exit_group": 231,
    "getrandom": 318,
}
"""All that computing in memory and answering through an open pipe takes."""


def main(arguments: list[str]) -> int:
    """Call the function `module:name` over standard input; answer `0` and its result, or `1` and the reason."""
    function, seconds, memory_mib = arguments[0], int(arguments[1]), int(arguments[2])
    module_name, _, name = function.partition(":")
    module = importlib.import_module(module_name)
    getattr(module, "prepare", lambda: None)()
    data = sys.stdin.buffer.read()
    answer = sys.stdout.buffer
    try:
        give_up_rights(seconds, memory_mib)
        result = bytes(getattr(module, name)(data))
    except BaseException as error:  # whatever untrusted bytes provoke is the answer
        answer.write(b"1" + f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:500])
        answer.flush()
        return 1
    answer.write(b"0" + result)
    answer.flush()
    return 0


def give_up_rights(seconds: int, memory_mib: int) -> None:
    """Give up, for good, all that this platform lets a process give up (the table in `hub_baselines.sandbox`).

    Raises:
        OSError: the kernel refuses to take something away.
    """
    if sys.platform != "win32":
        _limit_resources(seconds, memory_mib)
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    if sys.platform == "linux":
        _forbid_system_calls()
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN_EVENTS):
        raise PermissionError(f"not allowed here: {event}")


def _limit_resources(seconds: int, memory_mib: int) -> None:
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": int(used.ru_utime + used.ru_stime) + 1 + seconds,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NPROC": 0,
        "RLIMIT_NOFILE": 0,
    }
    if sys.platform == "linux":
        with open("/proc/self/statm") as file:
            limits["RLIMIT_AS"] = int(file.read().split()[0]) * resource.getpagesize() + memory_mib * 2**20
    for name, most in limits.items():
        resource.setrlimit(getattr(resource, name), (most, most))


def _forbid_system_calls() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel does not let this process give up gaining rights")
    if platform.machine() != "x86_64":
        return
    code = _filter()
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel does not let this process give up system calls")


def _filter() -> bytes:
    """Return the seccomp program: another architecture's calls kill, the listed ones pass, all others fail with EPERM."""
    program = [
        (_LOAD_WORD, 0, 0, 4),
        (_JUMP_IF_EQUAL, 1, 0, _AUDIT_ARCH_X86_64),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD_WORD, 0, 0, 0),
    ]
    for number in _SYSTEM_CALLS_X86_64.values():
        program += [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    program.append((_RETURN, 0, 0, _DENY_WITH_EPERM))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
