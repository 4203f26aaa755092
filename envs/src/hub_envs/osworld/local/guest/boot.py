"""The first program of a sandbox: it starts a desktop's services in the order in which they need each other, then serves.

    python -m desktop.boot WIDTH HEIGHT CONTROL DEVTOOLS

CONTROL and DEVTOOLS are file descriptors of listening sockets, inherited from outside.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

from . import server

SHIMS = Path("/run/desktop/bin")
FRAMEBUFFER = Path("/run/desktop/screen")

_OFFICE = "exec /usr/bin/{name} --nologo --norestore"
_COMMANDS = {
    "python": 'PYTHONPATH="$DESKTOP_PYTHONPATH" exec "$DESKTOP_PYTHON"',
    "google-chrome": "exec chromium",
    "google-chrome-stable": "exec chromium",
    "gimp": "exec /usr/bin/gimp --no-splash",
    **{name: _OFFICE.format(name=name) for name in ("libreoffice", "soffice", "localc", "lowriter", "loimpress")},
}
"""How programs are started here: the Python that has pyautogui, Chromium as OSWorld's tasks call it, others without a splash screen."""


def main() -> None:
    """Start the desktop and serve until the sandbox is ended from outside."""
    width, height, control, devtools = map(int, sys.argv[1:])
    os.environ.pop("PYTHONPATH")  # it is ours, and not for the programs that are started from here
    shutil.copytree("/run/desktop/home", Path.home(), symlinks=True, dirs_exist_ok=True)
    os.chdir(Path.home())
    _make_folders_and_shims()
    x_server, screen_ready = _start_x_server(width, height)
    bus, bus_ready = _start_bus()
    _await_line(screen_ready)
    _await_line(bus_ready)
    for service in (x_server, bus):
        threading.Thread(target=_end_with, args=[service], daemon=True).start()
    _start("/usr/libexec/at-spi-bus-launcher", "--launch-immediately")
    _start("openbox", "--sm-disable")
    server.serve(control, devtools, FRAMEBUFFER / "Xvfb_screen0")


def _make_folders_and_shims() -> None:
    for folder in (SHIMS, FRAMEBUFFER, Path(os.environ["XDG_RUNTIME_DIR"])):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, command in _COMMANDS.items():
        (SHIMS / name).write_text(f'#!/bin/sh\n{command} "$@"\n')
        (SHIMS / name).chmod(0o755)
    Path(os.environ["XAUTHORITY"]).write_bytes(_authority())


def _authority() -> bytes:
    """Return an authority file for the display. The X server asks for none, but python-xlib prints a warning on actions' output without."""
    local = 256
    fields = (socket.gethostname().encode(), b"0", b"MIT-MAGIC-COOKIE-1", bytes(16))
    return struct.pack(">H", local) + b"".join(struct.pack(">H", len(field)) + field for field in fields)


def _end_with(service: subprocess.Popen[bytes]) -> None:
    """End the sandbox with a service: a frame buffer outlives its X server, so a dead desktop would look like one that stands still."""
    service.wait()
    os._exit(1)


def _start_x_server(width: int, height: int) -> tuple[subprocess.Popen[bytes], int]:
    ready, writer = os.pipe()
    screen = f"{width}x{height}x24"
    process = _start(
        *["Xvfb", ":0", "-displayfd", str(writer), "-screen", "0", screen, "-fbdir", str(FRAMEBUFFER)],
        *["-nolisten", "tcp", "-noreset", "-dpi", "96", "+extension", "COMPOSITE"],
        keep=writer,
    )
    os.close(writer)
    return process, ready


def _start_bus() -> tuple[subprocess.Popen[bytes], int]:
    ready, writer = os.pipe()
    process = _start(
        "dbus-daemon",
        "--session",
        f"--address={os.environ['DBUS_SESSION_BUS_ADDRESS']}",
        "--nofork",
        f"--print-address={writer}",
        keep=writer,
    )
    os.close(writer)
    return process, ready


def _start(*words: str, keep: int | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=[] if keep is None else [keep])


def _await_line(ready: int) -> None:
    with open(ready, "rb") as file:
        if not file.readline():
            raise SystemExit("a service of the desktop ended before it was ready")


if __name__ == "__main__":
    main()
