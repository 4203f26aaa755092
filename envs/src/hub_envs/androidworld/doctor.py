"""What a machine lacks to play AndroidWorld on a device. Starts nothing."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hub_envs.androidworld import checkout

SDK_ADB = ("~/Android/Sdk/platform-tools/adb", "~/Library/Android/sdk/platform-tools/adb")
"""Where Android Studio puts adb."""


def find_adb(path: str | None = None) -> str | None:
    """Return the adb program: the given one, that of PATH, or Android Studio's; None where there is none."""
    if path is not None:
        return shutil.which(Path(path).expanduser())
    found = shutil.which("adb")
    return found or next((str(file) for file in map(Path.expanduser, map(Path, SDK_ADB)) if file.is_file()), None)


def examine(adb: str | None = None, console_port: int = 5554, grpc_port: int = 8554) -> Iterator[Mapping[str, Any]]:
    """Look for adb, android_env, an android_world checkout and a running emulator.

    Returns:
        For each a mapping with `name`, `ok`, `detail` and `remedy`, what to type, or None where nothing is missing.
    """
    program = find_adb(adb)
    yield _finding("adb", program, f"no adb program{f' at {adb}' if adb else ''}", "apt install adb")
    for name, missing, remedy in (
        ("android_env", "Python package android-env is not installed", 'pip install "gymhub-envs[androidworld]"'),
        ("android_world", "no android_world checkout can be imported", checkout.GET),
    ):
        spec = find_spec(name)
        yield _finding(name, None if spec is None else spec.origin or name, missing, remedy)
    closed = [port for port in (console_port, grpc_port) if not _listens(port)]
    yield _finding(
        "emulator",
        None if closed else f"listens on ports {console_port} (console) and {grpc_port} (gRPC)",
        f"no Android emulator listens on port {' nor '.join(map(str, closed))}",
        f"emulator -avd AndroidWorldAvd -no-snapshot -port {console_port} -grpc {grpc_port}",
    )


def _finding(name: str, found: str | None, missing: str, remedy: str) -> Mapping[str, Any]:
    return {"name": name, "ok": found is not None, "detail": found or missing, "remedy": None if found else remedy}


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("localhost", port), timeout=1):
            return True
    except OSError:
        return False
