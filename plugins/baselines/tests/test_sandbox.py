"""Untrusted bytes in the child process: what they try fails, by Python and by the kernel, each by itself."""

import pickle
import platform
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hub_baselines import sandbox

from hub.errors import UsageError

REFUSED = r"could not be read: (PermissionError|ModuleNotFoundError|ImportError|MemoryError|OSError|BlockingIOError)"


class Malice:
    """A pickle that runs code when it is opened."""

    def __init__(self, expression: str) -> None:
        self.expression = expression

    def __reduce__(self):
        return eval, (self.expression,)


def offered(folder: Path, expression: str) -> Path:
    path = folder / "offered.pkl"
    path.write_bytes(pickle.dumps(Malice(expression)))
    return path


def test_harmless_bytes_get_their_answer(tmp_path):
    plain = tmp_path / "plain"
    plain.write_bytes(b"68656c6c6f")
    assert sandbox.call("binascii:unhexlify", plain) == b"hello"
    assert sandbox.call("pickle:loads", offered(tmp_path, "b'computed ' + b'here'")) == b"computed here"


@pytest.mark.parametrize(
    "attempt",
    [
        "open({mark!r}, 'w')",
        "open('/etc/passwd').read()",
        "__import__('os').open({mark!r}, 0o101)",
        "__import__('os').mkdir({mark!r})",
        "__import__('os').system('touch ' + {mark!r})",
        "__import__('os').fork()",
        "__import__('os').execv('/bin/touch', ['touch', {mark!r}])",
        "__import__('os').listdir('/')",
        "__import__('os').kill(__import__('os').getppid(), 9)",
        "__import__('subprocess').run(['touch', {mark!r}])",
        "__import__('socket').create_connection(('127.0.0.1', {port}))",
        "__import__('ctypes').CDLL(None).system(b'touch ' + {mark!r}.encode())",
        "bytes(2 ** 30)",
    ],
)
def test_a_malicious_pickle_gets_nowhere(tmp_path, attempt):
    mark = tmp_path / "mark"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.0)
        code = attempt.format(mark=str(mark), port=server.getsockname()[1])
        with pytest.raises(sandbox.SandboxError, match=REFUSED):
            sandbox.call("pickle:loads", offered(tmp_path, f"({code}, b'done')[1]"), memory_mib=256)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert not mark.exists()


KERNEL_ONLY = """
import ctypes, os, socket, subprocess, sys
from hub_baselines import sandbox_child

mark, port, locked = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "locked"
attempts = {
    "write": lambda: open(mark + ".write", "w").close(),
    "read": lambda: open(sys.executable, "rb").close(),
    "connect": lambda: socket.create_connection(("127.0.0.1", port)).close(),
    "program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "fork": lambda: os.fork() or os._exit(0),
}
if "seccomp" in sys.argv:
    attempts |= {
        "folder": lambda: os.mkdir(mark + ".folder"),
        "list": lambda: os.listdir("/"),
        "stat": lambda: os.stat("/"),
        "signal": lambda: os.kill(os.getppid(), 0),
        "libc": lambda: ctypes.CDLL(None).mkdir(mark.encode() + b".libc", 0o700) == 0 or 1 / 0,
    }
if locked:
    sys.addaudithook = lambda hook: None
    sandbox_child.give_up_rights(10, 256)
for name, attempt in attempts.items():
    try:
        attempt()
        print(name, "done", flush=True)
    except Exception as error:
        print(name, "refused", flush=True)
"""


@pytest.mark.parametrize("state", ["locked", "free"])
def test_the_kernel_refuses_it_all_without_pythons_help(tmp_path, state):
    seccomp = ["seccomp"] if (sys.platform, platform.machine()) == ("linux", "x86_64") else []
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [sys.executable, "-c", KERNEL_ONLY, str(tmp_path / "mark"), str(server.getsockname()[1]), state, *seccomp]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    outcomes = dict(zip(answer[::2], answer[1::2], strict=True))
    assert len(outcomes) == (10 if seccomp else 5)
    assert set(outcomes.values()) == {"refused" if state == "locked" else "done"}
    assert bool(list(tmp_path.iterdir())) == (state == "free")


def test_an_endless_loop_an_endless_answer_and_a_sudden_end_are_cut_off(tmp_path):
    with pytest.raises(sandbox.SandboxError, match="the child process ended with -"):
        sandbox.call("pickle:loads", offered(tmp_path, "[i for i in iter(int, 1)]"), seconds=1)
    with pytest.raises(sandbox.SandboxError, match="the answer is longer than 1000 bytes"):
        sandbox.call("pickle:loads", offered(tmp_path, "bytes(5000)"), largest_answer=1000)
    with pytest.raises(sandbox.SandboxError, match="the child process ended with 3"):
        sandbox.call("pickle:loads", offered(tmp_path, "__import__('os')._exit(3)"))


def test_a_missing_file_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot read"):
        sandbox.call("pickle:loads", tmp_path / "none")
