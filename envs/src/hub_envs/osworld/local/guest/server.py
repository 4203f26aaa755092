"""The control server: OSWorld's guest protocol, and three endpoints of ours that make a step fast.

Beside OSWorld's:

- `POST /act` `{code, timeout}` plays a pyautogui action in a worker that stays, and answers as `/execute` does;
- `GET /screenshot.raw` answers width * height * 3 bytes, RGB by rows;
- `GET /idle?frames=3&interval=0.1&limit=10` waits until the screen stands still and answers `{still, seconds}`.
"""

from __future__ import annotations

import asyncio
import platform
import socket
import sys
import threading
from pathlib import Path

from . import files, programs, wallpaper, windows
from .forward import Streams, forward
from .lines import Helper, HelperError
from .screen import Screen
from .web import Handler, Reply, Request, RequestError, as_json, as_text
from .web import serve as serve_http

_DEBUGGING_PORTS = (9222, 1337)
"""Where a Chromium may listen: OSWorld's tasks start it on 1337, and bring that to 9222."""
_TREE_SECONDS = 10.0


class Desktop:
    """The endpoints that need the screen or a helper process."""

    def __init__(self, framebuffer: Path) -> None:
        paths = ":".join(path for path in sys.path if path)
        self.screen = Screen(framebuffer)
        self.worker = Helper([sys.executable, "-P", "-m", "desktop.act"], {"PYTHONPATH": paths})
        self.reader = Helper([sys.executable, "-P", "-m", "desktop.tree"], {"PYTHONPATH": paths})

    def act(self, request: Request) -> Reply:
        """Play an action; a failure of its code is part of the answer, not of the request."""
        asked = request.json()
        try:
            done = self.worker.ask({"code": str(asked.get("code", ""))}, float(asked.get("timeout") or 60))
        except HelperError as error:
            return as_json({"status": "error", "output": "", "error": f"the action was given up: {error}", "returncode": -1})
        failed = done["error"] is not None
        return as_json(
            {"status": "error" if failed else "success", "output": done["output"], "error": done["error"] or "", "returncode": int(failed)}
        )

    def screenshot(self, request: Request) -> Reply:
        """Answer the screen, pointer included, as PNG."""
        return Reply(self.screen.png(), "image/png")

    def raw_screenshot(self, request: Request) -> Reply:
        """Answer the screen's RGB bytes."""
        return Reply(self.screen.grab().tobytes())

    def idle(self, request: Request) -> Reply:
        """Wait until the screen stands still."""
        given = request.query
        frames, interval, limit = int(given.get("frames", 3)), float(given.get("interval", 0.1)), float(given.get("limit", 10))
        still, seconds = self.screen.await_stillness(frames, interval, limit)
        return as_json({"still": still, "seconds": seconds})

    def accessibility(self, request: Request) -> Reply:
        """Answer the accessibility tree; `?limit=` says how many seconds reading may take before it is cut off."""
        limit = float(request.query.get("limit", _TREE_SECONDS))
        return as_json({"AT": self._read("tree", limit)})

    def terminal(self, request: Request) -> Reply:
        """Answer the text of the terminal that has the focus, null where none has."""
        return as_json({"output": self._read("terminal", _TREE_SECONDS), "status": "success"})

    def cursor_position(self, request: Request) -> Reply:
        """Answer the pointer's place."""
        x, y = self.worker.ask({"code": "print(*pyautogui.position())"}, 10)["output"].split()
        return as_json([int(x), int(y)])

    def screen_size(self, request: Request) -> Reply:
        """Answer the screen's width and height."""
        return as_json({"width": self.screen.width, "height": self.screen.height})

    def _read(self, what: str, limit: float) -> str | None:
        try:
            answer = self.reader.ask({"what": what, "limit": limit}, limit + 10)
        except HelperError as error:
            raise RequestError(f"the accessibility tree could not be read: {error}", 500) from error
        if "error" in answer:
            raise RequestError(answer["error"], 500)
        text: str | None = answer["text"]
        return text

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """Return what answers which request."""
        return {
            ("POST", "/act"): self.act,
            ("GET", "/screenshot"): self.screenshot,
            ("GET", "/screenshot.raw"): self.raw_screenshot,
            ("GET", "/idle"): self.idle,
            ("GET", "/accessibility"): self.accessibility,
            ("GET", "/terminal"): self.terminal,
            ("GET", "/cursor_position"): self.cursor_position,
            ("POST", "/screen_size"): self.screen_size,
        }

    def warm(self) -> None:
        """Start the helpers before they are needed."""
        self.worker.ask({"code": ""}, 60)
        self.reader.ask({"what": "nothing", "limit": 1}, 60)


def serve(control: int, devtools: int, framebuffer: Path) -> None:
    """Serve on inherited listening sockets until the sandbox ends."""
    desktop = Desktop(framebuffer)
    threading.Thread(target=desktop.warm, daemon=True).start()
    threading.Thread(target=_bring_out_devtools, args=[devtools], daemon=True).start()
    own: dict[tuple[str, str], Handler] = {
        ("GET", "/platform"): lambda request: as_text(platform.system()),
        ("POST", "/start_recording"): _refuse_recording,
        ("POST", "/end_recording"): _refuse_recording,
    }
    root = wallpaper.Wallpaper(desktop.screen)
    serve_http(control, {**own, **desktop.handlers(), **files.HANDLERS, **programs.HANDLERS, **windows.HANDLERS, **root.handlers()})


def _refuse_recording(request: Request) -> Reply:
    raise RequestError("this machine records no films: ask for screenshots instead", 501)


def _bring_out_devtools(listener: int) -> None:
    async def carry() -> None:
        server = await forward(socket.socket(fileno=listener), _connect_to_chromium)
        await server.serve_forever()

    asyncio.run(carry())


async def _connect_to_chromium() -> Streams:
    error = OSError()
    for port in _DEBUGGING_PORTS:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError as refused:
            error = refused
    raise error
