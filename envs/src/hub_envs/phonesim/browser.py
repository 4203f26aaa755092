"""One Chromium for all phones of a process, and commands to many of its pages at once."""

from __future__ import annotations

import atexit
import json
import os
import select
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hub_envs.phonesim import chromium

_PATIENCE = 60.0
"""Seconds without any answer after which Chromium counts as stuck."""


class BrowserError(RuntimeError):
    """Chromium ended, got stuck, or refused a command; environments start another one at their next reset."""


class Call(NamedTuple):
    """A command of the DevTools protocol, to the page behind `session`, or to the browser.

    `read` makes what is returned of the answer, while the browser works on the others.
    """

    method: str
    params: Mapping[str, Any]
    session: str | None = None
    read: Callable[[dict[str, Any]], Any] | None = None


class Browser:
    """A running Chromium; any failure is the end of it. `start` makes one.

    Args:
        program: its path.
        draws_on_request: see `chromium.Chromium`.
    """

    def __init__(self, program: str, *, draws_on_request: bool) -> None:
        self.draws_on_request = draws_on_request
        self._chromium = chromium.Chromium(program, draws_on_request=draws_on_request)
        self._lock = threading.Lock()
        self._received = bytearray()
        self._last_id = 0
        self.pid = self._chromium.pid
        self.users = 0
        self.usable = True

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command to the browser and return its answer."""
        answer: dict[str, Any] = self.call_all([Call(method, params)])[0]
        return answer

    def call_all(self, calls: Sequence[Call], in_turn: Sequence[Call] = ()) -> list[Any]:
        """Send commands and return what there is of their answers in the same order; each page carries out its own one after the other.

        Args:
            calls: are sent at once.
            in_turn: are sent beside them, each when the one before is answered.

        Raises:
            BrowserError: Chromium ended, got stuck, refused a command, or a page crashed.
        """
        with self._lock:
            if not self.usable:
                raise BrowserError("the phone's Chromium is no longer there; reset the environment to start another")
            try:
                return self._exchange(calls, in_turn)
            except BaseException:  # an interrupted exchange leaves answers behind that nobody could tell from the next ones
                self._end()
                raise

    def _exchange(self, calls: Sequence[Call], in_turn: Sequence[Call]) -> list[Any]:
        first = self._last_id + 1
        every = dict(enumerate((*calls, *in_turn), first))
        self._last_id += len(every)
        messages = [_encoded(number, call) for number, call in every.items()]
        later = iter(messages[len(calls) :])
        self._write(b"".join(messages[: len(calls)]) + next(later, b""))
        results: dict[int, Any] = {}
        while len(results) < len(every):
            for message in self._read():
                if "id" in message:
                    if message["id"] >= first + len(calls):
                        self._write(next(later, b""))
                    results[message["id"]] = _result(every[message["id"]], message)
                elif message["method"] == "Inspector.targetCrashed":
                    raise BrowserError("a page of the phone's Chromium crashed, perhaps for want of memory")
        return [results[number] for number in every]

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._chromium.pipes.write, left) :]
        except BrokenPipeError:
            raise self._gone() from None

    def _read(self) -> list[dict[str, Any]]:
        """Wait, and return the messages that have arrived in full."""
        poll = select.poll()  # select.select cannot take descriptors beyond 1023
        poll.register(self._chromium.pipes.read, select.POLLIN)
        if not poll.poll(_PATIENCE * 1000):
            raise BrowserError(f"the phone's Chromium has not answered for {_PATIENCE:.0f} s")
        chunk = os.read(self._chromium.pipes.read, 1 << 20)
        if not chunk:
            raise self._gone()
        self._received += chunk
        *whole, rest = self._received.split(b"\0") if b"\0" in chunk else (self._received,)
        self._received = bytearray(rest)
        return [json.loads(message) for message in whole]

    def _gone(self) -> BrowserError:
        return BrowserError(f"the phone's Chromium ended unexpectedly: {self._chromium.last_words()}")

    def abandon(self) -> None:
        """Forget a browser that belongs to the process this one was forked from."""
        if self.usable:
            self.usable = False
            self._chromium.abandon()

    def close(self) -> None:
        """End Chromium; closing twice does nothing."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self.usable:
            self.usable = False
            self._chromium.close()


def _encoded(number: int, call: Call) -> bytes:
    message: dict[str, Any] = {"id": number, "method": call.method, "params": call.params}
    if call.session is not None:
        message["sessionId"] = call.session
    return json.dumps(message).encode() + b"\0"


def _result(call: Call, message: Mapping[str, Any]) -> Any:
    if "error" in message:
        raise BrowserError(f"Chromium refused {call.method}: {message['error']['message']}")
    return message["result"] if call.read is None else call.read(message["result"])


_whole: set[str] = set()
"""Programs that turned out to be whole browsers, whose pages cannot be told when to draw."""


def start() -> Browser:
    """Return a new browser; its pages draw on request where it says that it is Chromium's headless shell, which can so on Linux alone.

    Raises:
        DependencyNotInstalled: there is no Chromium.
        BrowserError: it does not start.
    """
    program = chromium.find()
    if sys.platform == "linux" and program not in _whole:
        browser = Browser(program, draws_on_request=True)
        if browser.call("Browser.getVersion")["product"].startswith("HeadlessChrome/"):  # a whole browser is "Chrome/", headless or not
            return browser
        browser.close()
        _whole.add(program)
    return Browser(program, draws_on_request=False)


_shared: Browser | None = None
_sharing = threading.Lock()


def acquire() -> Browser:
    """Return this process's browser, started where there is none; `release` it after use.

    Raises:
        DependencyNotInstalled: there is no Chromium.
        BrowserError: it does not start.
    """
    global _shared  # noqa: PLW0603
    with _sharing:
        if _shared is None or not _shared.usable:
            _shared = start()
        _shared.users += 1
        return _shared


def release(browser: Browser) -> None:
    """Give a browser back; the last one who does closes it."""
    with _sharing:
        browser.users -= 1
        if browser.users == 0:
            browser.close()


@atexit.register
def _close_shared() -> None:
    if _shared is not None:
        _shared.close()


def _forget_shared() -> None:
    """Make a forked child start its own: two processes cannot share the pipes."""
    global _shared, _sharing
    if _shared is not None:
        _shared.abandon()
    _shared, _sharing = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_shared)
