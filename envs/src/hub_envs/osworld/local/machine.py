"""Machines of the provider `local`, seen from outside: a sandbox, a thread that carries connections into it, and their end."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import weakref
from pathlib import Path
from types import TracebackType
from typing import IO

from hub_envs.osworld import doctor
from hub_envs.osworld.local import bubble, home
from hub_envs.osworld.local.guest.forward import Connect, Streams, forward

_SECONDS_TO_START, _SECONDS_TO_END = 60.0, 2.0


class LocalMachine:
    """A desktop in a sandbox of its own, running until `stop`, the end of this process, or the end of the `with` block.

    Args:
        screen: width and height in pixels.

    Raises:
        RuntimeError: the desktop did not come up.
    """

    def __init__(self, screen: tuple[int, int]) -> None:
        self.screen = screen
        self._life = _Life(screen)
        self._finalizer = weakref.finalize(self, self._life.end)
        self._life.await_start()

    @property
    def url(self) -> str:
        """The control server, as `http://127.0.0.1:PORT`."""
        return self._life.url

    @property
    def chromium_url(self) -> str:
        """Chromium's DevTools, as `http://127.0.0.1:PORT`; connections are hung up on while no Chromium listens on port 9222 or 1337."""
        return self._life.chromium_url

    @property
    def pid(self) -> int:
        """The first process of the sandbox, as this computer numbers it."""
        return self._life.pid

    def stop(self) -> None:
        """End everything that runs inside and return when it has ended."""
        self._finalizer()

    def __enter__(self) -> LocalMachine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class LocalProvider:
    """Starts desktops of this computer's own programs.

    Args:
        screen: width and height in pixels.

    Raises:
        gymnasium.error.DependencyNotInstalled: something that every desktop needs is missing.
    """

    def __init__(self, screen: tuple[int, int] = (1280, 800)) -> None:
        doctor.require()
        self.screen = screen

    def start(self) -> LocalMachine:
        """Start a desktop and wait until it answers: about a second, and longer the first time, when the template of homes is made."""
        return LocalMachine(self.screen)


def _template() -> Path:
    try:
        return home.template()
    except OSError as error:
        place = f"{home.folder()} ({error.strerror})"
        raise RuntimeError(f"desktops' home cannot be kept in {place}: set HUB_ENVS_CACHE to a folder that can be written") from error


class _Life:
    """What a machine consists of. Its thread starts the sandbox and stays: the kernel ends a sandbox with the thread that started it."""

    def __init__(self, screen: tuple[int, int]) -> None:
        self._owner = os.getpid()
        self._template = _template()
        self._screen = screen
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end of this life
        self._public = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.address: tuple[str, int] = self._public[0].getsockname()
        self.url, self.chromium_url = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in self._public)
        self.pid = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="desktop", daemon=True)
        self._thread.start()

    def await_start(self) -> None:
        """Wait until the control server answers; end the machine and raise RuntimeError when it does not."""
        self._started.wait()
        try:
            with contextlib.closing(http.client.HTTPConnection(*self.address, timeout=_SECONDS_TO_START)) as connection:
                connection.request("GET", "/platform")
                connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            self._log.seek(0)
            said = self._log.read().decode(errors="replace").strip()[-2000:]
            self.end()
            raise RuntimeError(f"the desktop did not start ({error}); it said:\n{said or '(nothing)'}") from error

    def end(self) -> None:
        """End the sandbox, then the thread. A process forked from the owner leaves both alone."""
        if os.getpid() != self._owner:
            return
        self._started.wait()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                if self.pid and self._process.poll() is None:
                    os.kill(self.pid, signal.SIGKILL)  # the first process takes all others with it, and bubblewrap waits for that
            self._process.wait()
        with contextlib.suppress(RuntimeError):  # the thread failed, and has closed its loop
            self._loop.call_soon_threadsafe(self._ended.set)
        if threading.current_thread() is not self._thread:  # where the garbage collector may happen to run
            self._thread.join()
        self._log.close()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            for listener in self._public:
                listener.close()
            self._loop.close()

    async def _serve(self) -> None:
        inner = [_unnamed_listener() for _ in self._public]
        try:
            self._spawn([listener.fileno() for listener in inner])
            names = [listener.getsockname() for listener in inner]
        finally:
            for listener in inner:
                listener.close()  # the sandbox holds its own: with it they end
            self._started.set()
        servers = [await forward(outer, _connection_to(name)) for outer, name in zip(self._public, names, strict=True)]
        await self._ended.wait()
        for server in servers:
            server.close()
        carrying = asyncio.all_tasks() - {asyncio.current_task()}
        if carrying:  # the sandbox is gone, so they come to their end
            await asyncio.wait(carrying, timeout=_SECONDS_TO_END)

    def _spawn(self, listeners: list[int]) -> None:
        reader, writer = os.pipe()
        try:
            width, height = self._screen
            boot = bubble.guest("boot", *map(str, [width, height, *listeners]))
            home_words = [
                "--ro-bind",
                str(self._template),
                "/run/desktop/home",
                "--perms",
                "0755",
                "--size",
                str(2**30),
                "--tmpfs",
                bubble.HOME,
            ]
            words = bubble.command(home_words, boot, options=["--info-fd", str(writer)])
            quiet = subprocess.DEVNULL
            self._process = subprocess.Popen(
                words, stdin=quiet, stdout=self._log, stderr=self._log, pass_fds=[*listeners, writer], start_new_session=True
            )
        finally:
            os.close(writer)
            with open(reader, "rb") as info:
                told = info.read()
        self.pid = json.loads(told)["child-pid"] if told else 0


def _unnamed_listener() -> socket.socket:
    """Return a listener whose name the kernel chose, outside the file system: nothing is left to delete, and no guest can reach it."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind("")
    listener.listen()
    return listener


def _connection_to(name: bytes) -> Connect:
    async def connect() -> Streams:
        return await asyncio.open_unix_connection(name.decode("ascii"))

    return connect
