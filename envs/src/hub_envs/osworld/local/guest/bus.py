"""AT-SPI's bus, asked many questions at once: programs answer one within a fraction of a millisecond, but a window is thousands of them.

As assistive technology does, each program is asked on the connection that it offers (`GetApplicationBusAddress`), which spares the bus
half of the work; a program that offers none is asked through the bus.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from . import wire

_AT_ONCE = 2048
_SECONDS_TO_ANSWER = 3.0
"""A program that says nothing for longer hangs; LibreOffice takes a second while it builds a window."""
_SECONDS_TO_START = 20.0
"""The bus is started with the desktop, and on a busy computer not at once."""
_BLOCK = 2**18


class UnansweredError(Exception):
    """A program hangs, or the time for reading is over."""


class Reference(NamedTuple):
    """Something on a screen: the program's name on the bus, and the thing's path there."""

    program: str
    path: str


_ROOT = "/org/a11y/atspi/accessible/root"
_REGISTRY = Reference("org.a11y.atspi.Registry", _ROOT)


class Question(NamedTuple):
    """A call of a method of an AT-SPI interface, named without `org.a11y.atspi`, with its arguments and their D-Bus types."""

    asked: Reference
    interface: str
    method: str
    signature: str = ""
    arguments: tuple[str | int, ...] = ()


def about(asked: Reference, interface: str, name: str) -> Question:
    """Return the question for a property; the answer holds its value alone."""
    return Question(asked, "Properties", "Get", "ss", (f"org.a11y.atspi.{interface}", name))


class Bus:
    """A connection to the bus of assistive technology, and one to each program on it.

    Raises:
        OSError: there is no bus.
        UnansweredError: the bus does not answer.
    """

    def __init__(self) -> None:
        deadline = time.monotonic() + _SECONDS_TO_START
        with contextlib.closing(_Line(os.environ["DBUS_SESSION_BUS_ADDRESS"], deadline)) as session:
            session.join(deadline)
            asked = wire.Call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
            address = session.ask([asked], deadline, patience=_SECONDS_TO_START)[0]
        self._bus = _Line(str(address), deadline)
        self._bus.join(deadline)
        self._lines: dict[str, _Line] = {}

    def programs(self, deadline: float) -> list[Reference]:
        """Return the roots of the programs on the bus; connections to those that have gone are closed.

        Raises:
            UnansweredError: the bus did not answer in time.
        """
        (roots,) = self.ask([Question(_REGISTRY, "Accessible", "GetChildren")], deadline)
        references = [Reference(*root) for root in roots or []]
        for gone in self._lines.keys() - {reference.program for reference in references}:
            line = self._lines.pop(gone)
            if line is not self._bus:
                line.close()
        return references

    def ask(self, questions: Sequence[Question], deadline: float) -> list[Any]:
        """Return the answers in order: the only value where a method returns one, a tuple where it returns several, None where it failed.

        Raises:
            UnansweredError: a program did not answer in time, or the bus has gone.
        """
        answers: list[Any] = [None] * len(questions)
        places: dict[str, list[int]] = {}
        for place, question in enumerate(questions):
            places.setdefault(question.asked.program, []).append(place)
        for program, all_places in places.items():
            line = self._line(program, deadline)
            for start in range(0, len(all_places), _AT_ONCE):
                some = all_places[start : start + _AT_ONCE]
                for place, answer in zip(some, self._ask(line, [questions[place] for place in some], deadline), strict=True):
                    answers[place] = answer
        return answers

    def _ask(self, line: _Line, questions: Sequence[Question], deadline: float) -> list[Any]:
        try:
            return line.ask([_call(question) for question in questions], deadline)
        except OSError as gone:
            if line is self._bus:
                raise UnansweredError from gone
            return [None] * len(questions)

    def _line(self, program: str, deadline: float) -> _Line:
        """Return where a program is asked."""
        if program == _REGISTRY.program:
            return self._bus
        if program not in self._lines:
            (address,) = self._ask(self._bus, [Question(Reference(program, _ROOT), "Application", "GetApplicationBusAddress")], deadline)
            try:
                self._lines[program] = _Line(address or "", min(deadline, time.monotonic() + _SECONDS_TO_ANSWER))
            except OSError:
                self._lines[program] = self._bus
        return self._lines[program]


class _Line:
    """A connection to a bus or a program.

    Args:
        address: D-Bus address; the first is taken where there are several.
        deadline: when the connection must have come about, by `time.monotonic`.

    Raises:
        OSError: nobody listens there.
        UnansweredError: nobody answers.
    """

    def __init__(self, address: str, deadline: float) -> None:
        self._unsent, self._unread, self._serial = b"", b"", 0
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(_place(address))
            self._socket.setblocking(False)
            self._unsent = b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n"
            while not self._unread.endswith(b"\r\n"):
                self._exchange(deadline)
            if not self._unread.startswith(b"OK "):
                raise ConnectionError(self._unread.decode(errors="replace"))
        except BaseException:
            self.close()
            raise
        self._unsent, self._unread = b"BEGIN\r\n", b""

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def join(self, deadline: float) -> None:
        """Become a member of the bus at the other end."""
        hello = wire.Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello")
        self.ask([hello], deadline, patience=_SECONDS_TO_START)

    def ask(self, calls: Sequence[wire.Call], deadline: float, patience: float = _SECONDS_TO_ANSWER) -> list[Any]:
        """Return the answers to calls, as `Bus.ask` does; who says nothing for `patience` seconds hangs.

        Raises:
            OSError: the other end has gone.
            UnansweredError: it hangs, or the time is over.
        """
        first = self._serial + 1
        self._serial += len(calls)
        self._unsent += b"".join([wire.packed(call, serial) for serial, call in enumerate(calls, first)])
        answers: list[Any] = [None] * len(calls)
        left = len(calls)
        while left:
            self._exchange(min(deadline, time.monotonic() + patience))
            received, self._unread = wire.messages(self._unread)
            for message in received:
                if first <= message.answered <= self._serial:  # not one that came too late
                    left -= 1
                    answers[message.answered - first] = _content(message)
        return answers

    def _exchange(self, deadline: float) -> None:
        """Send while nothing comes; return when something came."""
        while True:
            wanting = [self._socket] if self._unsent else []
            readable, writable, _ = select.select([self._socket], wanting, [], max(0.0, deadline - time.monotonic()))
            if writable:
                self._unsent = self._unsent[self._socket.send(self._unsent[:_BLOCK]) :]
            if readable:
                data = self._socket.recv(_BLOCK)
                if not data:
                    raise ConnectionError("hung up")
                self._unread += data
                return
            if not writable:
                raise UnansweredError


def _call(question: Question) -> wire.Call:
    (program, path), interface, method, signature, arguments = question
    full = "org.freedesktop.DBus.Properties" if interface == "Properties" else f"org.a11y.atspi.{interface}"
    return wire.Call(program, path, full, method, signature, arguments)


def _content(message: wire.Message) -> Any:
    if message.kind != wire.RETURN:
        return None
    values = wire.values(message)
    return values[0] if len(values) == 1 else values


def _place(address: str) -> str:
    """Return where a socket of an address `unix:path=...` or `unix:abstract=...` lies."""
    kind, _, rest = address.partition(";")[0].partition(":")
    keys = dict(part.partition("=")[::2] for part in rest.split(","))
    place = keys.get("path") or "\0" + keys.get("abstract", "")
    if kind != "unix" or place == "\0":
        raise ConnectionError(f"not the address of a local socket: {address!r}")
    return unquote(place)
