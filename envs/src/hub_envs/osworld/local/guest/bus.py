"""AT-SPI's bus, asked many questions at once: programs answer one within a millisecond, but a window is two thousand of them.

Needs `gi`, which only the system's own Python has.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from gi.repository import Gio, GLib

_AT_ONCE = 256
_SECONDS_TO_ANSWER = 3.0
"""A program that takes longer hangs; LibreOffice takes a second while it builds a window."""


class UnansweredError(Exception):
    """A program hangs, or the time for reading is over."""


class Reference(NamedTuple):
    """Something on a screen: the program's name on the bus, and the thing's path there."""

    program: str
    path: str


ROOT = Reference("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")


class Question(NamedTuple):
    """A call of a method of an AT-SPI interface, named without `org.a11y.atspi`."""

    asked: Reference
    interface: str
    method: str
    arguments: Any = None


def about(asked: Reference, interface: str, name: str) -> Question:
    """Return the question for a property; the answer holds its value alone."""
    return Question(asked, "Properties", "Get", GLib.Variant("(ss)", (f"org.a11y.atspi.{interface}", name)))


class Bus:
    """A connection to the bus of assistive technology."""

    def __init__(self) -> None:
        session = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        where = ("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
        (address,) = session.call_sync(*where, None, None, Gio.DBusCallFlags.NONE, 5000, None).unpack()
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self._connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)

    def ask(self, questions: Sequence[Question], deadline: float) -> list[Any]:
        """Return the answers in order: the only value where a method returns one, a tuple where it returns several, None where it failed.

        Raises:
            UnansweredError: a program did not answer in time.
        """
        answers: list[Any] = []
        for start in range(0, len(questions), _AT_ONCE):
            answers += self._ask(questions[start : start + _AT_ONCE], deadline)
        return answers

    def _ask(self, questions: Sequence[Question], deadline: float) -> list[Any]:
        answers: list[Any] = [None] * len(questions)
        left, hung = len(questions), False
        limit = min(_SECONDS_TO_ANSWER, deadline - time.monotonic())
        if limit <= 0:
            raise UnansweredError

        def take(connection: Any, result: Any, index: int) -> None:
            nonlocal left, hung
            left -= 1
            try:
                values = connection.call_finish(result).unpack()
            except GLib.Error as error:
                hung = hung or error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)
            else:
                answers[index] = values[0] if len(values) == 1 else values

        for index, (asked, interface, method, arguments) in enumerate(questions):
            full = "org.freedesktop.DBus.Properties" if interface == "Properties" else f"org.a11y.atspi.{interface}"
            options = (arguments, None, Gio.DBusCallFlags.NONE, int(limit * 1000) + 1, None)
            self._connection.call(asked.program, asked.path, full, method, *options, take, index)
        context = GLib.MainContext.default()
        while left:
            context.iteration(True)
        if hung:
            raise UnansweredError
        return answers
