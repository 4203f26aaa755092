"""One Chromium for all phones of a process, and commands to many of its pages at once."""

from __future__ import annotations

import atexit
import json
import os
import select
import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hub_envs.phonesim.chromium import Chromium

_PATIENCE = 60.0
"""Seconds without any answer after which Chromium counts as stuck."""


class BrowserError(RuntimeError):
    """Chromium ended, got stuck, or refused a command; environments start another one at their next reset."""


class Call(NamedTuple):
    """A command of the DevTools protocol, to the page behind `session`, or to the browser."""

    method: str
    params: Mapping[str, Any]
    session: str | None = None


class Browser:
    """A running Chromium; any failure is the end of it."""

    def __init__(self) -> None:
        self._chromium = Chromium()
        self._lock = threading.Lock()
        self._received = bytearray()
        self._last_id = 0
        self.pid = self._chromium.pid
        self.users = 0
        self.usable = True

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command to the browser and return its answer."""
        return self.call_all([Call(method, params)])[0]

    def call_all(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """Send all commands at once and return their answers in the same order; each page carries out its own one after the other.

        Raises:
            BrowserError: Chromium ended, got stuck, refused a command, or a page crashed.
        """
        with self._lock:
            if not self.usable:
                raise BrowserError("the phone's Chromium is no longer there; reset the environment to start another")
            try:
                return self._exchange(calls)
            except BaseException:  # an interrupted exchange leaves answers behind that nobody could tell from the next ones
                self._end()
                raise

    def _exchange(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        first = self._last_id + 1
        self._last_id += len(calls)
        self._write(b"".join(_encoded(number, call) for number, call in enumerate(calls, first)))
        answers: dict[int, dict[str, Any]] = {}
        while len(answers) < len(calls):
            for message in self._read():
                if "id" in message:
                    answers[message["id"]] = message
                elif message["method"] == "Inspector.targetCrashed":
                    raise BrowserError("a page of the phone's Chromium crashed, perhaps for want of memory")
        ordered = [answers[number] for number in range(first, first + len(calls))]
        for call, answer in zip(calls, ordered, strict=True):
            if "error" in answer:
                raise BrowserError(f"Chromium refused {call.method}: {answer['error']['message']}")
        return [answer["result"] for answer in ordered]

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


_shared: Browser | None = None
_sharing = threading.Lock()


def acquire() -> Browser:
    """Return this process's browser, started where there is none; `release` it after use.

    Raises:
        DependencyNotInstalled: there is no Chromium.
    """
    global _shared  # noqa: PLW0603
    with _sharing:
        if _shared is None or not _shared.usable:
            _shared = Browser()
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
