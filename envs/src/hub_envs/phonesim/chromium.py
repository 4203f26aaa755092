"""Starting a headless Chromium that is spoken to through two pipes, and that ends with whoever started it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from gymnasium.error import DependencyNotInstalled

VARIABLE = "HUB_CHROMIUM"
"""Environment variable with the path of the Chromium to use."""

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Programs looked for without it, in this order: Debian's chromium-headless-shell takes half the whole browser's time, and less memory."""

INSTALL = "apt-get install chromium-headless-shell"

_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--no-first-run",
    # the same pixels every time, whatever was drawn before
    "--disable-partial-raster",
    "--disable-checker-imaging",
    "--disable-threaded-animation",
    "--disable-threaded-scrolling",
    "--disable-gpu",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--lang=en-US",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    # no network, and nothing of a browser that phones do not need
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--mute-audio",
    "--disable-features=Translate,MediaRouter,OptimizationHints,SpareRendererForSitePerProcess",
)
_ON_REQUEST = ("--enable-begin-frame-control", "--run-all-compositor-stages-before-draw", "--disable-new-content-rendering-timeout")
"""Frames when they are asked for, complete, and no others; a whole browser ignores all three."""

_AT_ONCE = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
"""Frames as soon as something has changed, instead of 60 a second."""

_PATIENCE = 5.0
"""Seconds that Chromium may take to end by itself."""


def find() -> str:
    """Return the path of Chromium.

    Raises:
        DependencyNotInstalled: there is none; the message says how to get it.
    """
    named = os.environ.get(VARIABLE)
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        where = f"{VARIABLE} names {named!r}, which is no program" if named else f"none of {', '.join(NAMES)} is on PATH"
        raise DependencyNotInstalled(f"the phone needs Chromium, and {where}: {INSTALL} (Debian), or set {VARIABLE} to its path")
    return path


class Pipes(NamedTuple):
    """Descriptors of this side: `write` takes commands, `read` gives answers."""

    write: int
    read: int


class Chromium:
    """A running Chromium with a fresh profile.

    Its pipes close when this process ends, however that happens, and Chromium ends when they close.

    Args:
        program: its path.
        draws_on_request: whether pages draw when they are told to and at no other time, as only the headless shell's can; else, at once.
    """

    def __init__(self, program: str, *, draws_on_request: bool) -> None:
        self._draws_on_request = draws_on_request
        self._profile = _profile()
        self._log = self._profile / "stderr"
        commands, answers = _pipe(), _pipe()
        try:
            self.pid = os.posix_spawn(program, [program, *self._arguments()], self._environment(), file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, str(self._log), os.O_WRONLY | os.O_CREAT, 0o600),
                (os.POSIX_SPAWN_DUP2, commands.read, 3),
                (os.POSIX_SPAWN_DUP2, answers.write, 4),
            ], setpgroup=0)  # fmt: skip
        finally:
            os.close(commands.read)
            os.close(answers.write)
        self.pipes = Pipes(commands.write, answers.read)

    def _arguments(self) -> list[str]:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
        return [*_FLAGS, *(_ON_REQUEST if self._draws_on_request else _AT_ONCE), *root, f"--user-data-dir={self._profile}"]

    def _environment(self) -> dict[str, str]:
        """Return an environment in which nothing of the user's is read or written."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "DBUS_", "DISPLAY", "WAYLAND_"))}
        return {**kept, "HOME": str(self._profile), "TMPDIR": str(self._profile), "TZ": "UTC", "LANG": "C.UTF-8"}

    def last_words(self) -> str:
        """Return the last line that Chromium wrote to its error stream, but for what its crash reporter says about itself."""
        lines = self._log.read_text(errors="replace").split("\n") if self._log.exists() else []
        return next((line for line in reversed(lines) if line.strip() and "crashpad" not in line), "it said nothing")

    def abandon(self) -> None:
        """Let go of the pipes without ending Chromium: in a forked child, where it is the parent's."""
        for descriptor in self.pipes:
            os.close(descriptor)

    def close(self) -> None:
        """End Chromium, all its processes, and its profile."""
        self.abandon()
        deadline = time.monotonic() + _PATIENCE
        while not (ended := self._ended()) and time.monotonic() < deadline:
            time.sleep(0.01)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if not ended:
            os.waitpid(self.pid, 0)
        shutil.rmtree(self._profile, ignore_errors=True)

    def _ended(self) -> bool:
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] != 0
        except ChildProcessError:  # somebody else has waited for it
            return True


def _profile() -> Path:
    """Return a fresh folder, whose name is short enough for the socket that Chromium puts there: 108 bytes in all."""
    usual = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="phonesim-", dir=usual if len(usual) <= 40 else "/tmp"))  # noqa: S108 (mkdtemp's own)


def _pipe() -> Pipes:
    """Return the ends of a pipe, both out of the way of descriptors 0 to 4 that Chromium gets."""
    read, write = os.pipe()
    ends = Pipes(*(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (write, read)))
    os.close(read)
    os.close(write)
    return ends
