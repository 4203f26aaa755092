"""What runs a computer for an episode: a provider starts machines, and a machine answers as a guest of OSWorld's does."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol


class Machine(Protocol):
    """A running computer, for one episode; a context manager that stops it."""

    @property
    def url(self) -> str:
        """The control server, as `http://127.0.0.1:PORT`; it speaks OSWorld's guest protocol."""

    @property
    def chromium_url(self) -> str:
        """Where Chromium's DevTools answer, as `http://127.0.0.1:PORT`, once a Chromium runs with a debugging port."""

    @property
    def screen(self) -> tuple[int, int]:
        """Width and height in pixels."""

    def stop(self) -> None:
        """End the machine and all that runs in it; a machine that was stopped stays so."""

    def __enter__(self) -> Machine: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Provider(Protocol):
    """Starts machines, each as clean as the first."""

    def start(self) -> Machine:
        """Start a machine and wait until it answers.

        Raises:
            gymnasium.error.DependencyNotInstalled: something that the provider needs is missing; the text says what installs it.
            RuntimeError: the machine did not come up; the text holds what it said last.
        """
