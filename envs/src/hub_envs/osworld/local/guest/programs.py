"""Endpoints that run programs: commands that are waited for, and programs that are started."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import windows
from .web import Handler, Reply, Request, RequestError, as_json, as_text

_LIMIT = 120.0

Command = str | list[str]


def execute(request: Request) -> Reply:
    """Run `command`, with a `shell` if asked, and answer what it said when it has ended; what it left running is not waited for."""
    asked = request.json()
    return as_json(run(*_command(asked)))


def execute_with_verification(request: Request) -> Reply:
    """Run `command`, then wait until `verification` holds: `window_exists`, part of a title, and `command_success`, for a shell."""
    asked = request.json()
    done = run(*_command(asked))
    wanted = asked.get("verification") or {}
    start, limit = time.monotonic(), float(asked.get("max_wait_time", 10))
    while not _holds(wanted):
        if time.monotonic() - start > limit:
            return as_json({**done, "status": "verification_failed", "wait_time": limit}, 500)
        time.sleep(float(asked.get("check_interval", 1)))
    return as_json({**done, "verification": "passed", "wait_time": time.monotonic() - start})


def run_python(request: Request) -> Reply:
    """Run `code` in a Python of its own, with pyautogui to import."""
    asked = request.json()
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(str(asked.get("code", "")))
        file.flush()
        return _ran(["python", file.name], asked)


def run_bash_script(request: Request) -> Reply:
    """Run `script` with bash, in `working_dir`."""
    asked = request.json()
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write(str(asked.get("script", "")))
        file.flush()
        return _ran(["/bin/bash", file.name], asked)


def launch(request: Request) -> Reply:
    """Start `command` and answer at once.

    Tasks of OSWorld start a `socat` beside Chromium, to bring its debugging port out of the machine; ours is brought out without it.
    """
    command, shell = _command(request.json())
    name = command if isinstance(command, str) else " ".join(command)
    if not (command[0] == "socat" and shutil.which("socat") is None):
        _start(command, shell)
    return as_text(f"{name} launched successfully")


def open_file(request: Request) -> Reply:
    """Open the file `path` with the program that its type belongs to."""
    path = Path(os.path.expandvars(Path(str(request.json().get("path", ""))).expanduser()))
    if not path.exists():
        raise RequestError(f"File not found: {path}", 404)
    _start(["gio", "open", str(path)], shell=False)
    return as_text("File opened successfully")


def run(command: Command, shell: bool, limit: float = _LIMIT, folder: str | None = None) -> dict[str, Any]:
    """Run a command to its end.

    Raises:
        RequestError: there is no such program or folder, or it ran longer than `limit` seconds and was ended, with all it had started.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as error:
        try:  # files, not pipes: a program that the command leaves behind would keep pipes open
            process = _start(command, shell, stdout=output, stderr=error, cwd=folder)
        except OSError as failure:
            raise RequestError(str(failure), 500) from failure
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise RequestError(f"{command!r} timed out after {limit:g} seconds", 500) from None
        texts = []
        for file in (output, error):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return {"status": "success", "output": texts[0], "error": texts[1], "returncode": code}


def _ran(words: list[str], asked: Mapping[str, Any]) -> Reply:
    done = run(words, False, float(asked.get("timeout") or 30), asked.get("working_dir"))
    status = "success" if done["returncode"] == 0 else "error"
    return as_json({**done, "status": status, "return_code": done["returncode"], "need_more": False})


def _command(asked: Mapping[str, Any]) -> tuple[Command, bool]:
    command, shell = asked.get("command"), bool(asked.get("shell", False))
    if not command or not isinstance(command, str | list):
        raise RequestError(f"command must be a text or a list of words, and is {command!r}")
    if shell:
        return command if isinstance(command, str) else " ".join(map(str, command)), True
    words = shlex.split(command) if isinstance(command, str) else list(map(str, command))
    return [str(Path(word).expanduser()) if word.startswith("~/") else word for word in words], False


def _start(command: Command, shell: bool, **streams: Any) -> subprocess.Popen[bytes]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **streams}
    return subprocess.Popen(command, shell=shell, stdin=subprocess.DEVNULL, start_new_session=True, **quiet)


def _holds(wanted: Mapping[str, Any]) -> bool:
    if "window_exists" in wanted and not any(str(wanted["window_exists"]) in window.title for window in windows.windows()):
        return False
    return not ("command_success" in wanted and run(str(wanted["command_success"]), True, 5)["returncode"] != 0)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("POST", "/execute"): execute,
    ("POST", "/setup/execute"): execute,
    ("POST", "/setup/execute_with_verification"): execute_with_verification,
    ("POST", "/run_python"): run_python,
    ("POST", "/run_bash_script"): run_bash_script,
    ("POST", "/setup/launch"): launch,
    ("POST", "/setup/open_file"): open_file,
}
