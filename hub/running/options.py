"""Options that `hub run`, `hub train` and `hub eval` share, and how these commands begin and end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from hub.errors import UsageError

if TYPE_CHECKING:
    from hub.running.settings import Settings


def whole(option: str, least: int) -> Callable[[str], int]:
    """Return a reader of whole numbers of at least `least`; what is none becomes one clear line."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise UsageError(f"{option} takes a whole number, not {text!r}") from None
        if number < least:
            raise UsageError(f"{option} must be at least {least}, not {number}")
        return number

    return read


def seconds(option: str) -> Callable[[str], float]:
    """Return a reader of positive numbers of seconds."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if not 0 < number < 1e8:
            raise UsageError(f"{option} takes a positive number of seconds, not {text!r}")
        return number

    return read


def one_of(option: str, *choices: str) -> Callable[[str], str]:
    """Return a reader of one of `choices`."""

    def read(text: str) -> str:
        if text not in choices:
            raise UsageError(f"{option} takes {' or '.join(choices)}, not {text!r}")
        return text

    return read


def add_names(parser: ArgumentParser, *, required: bool = True) -> None:
    """Add `--agent` and `--env` with their arguments, `--seed`, `--out` and `--json`."""
    parser.add_argument("--agent", required=required, metavar="A", help="agent to build, e.g. ppo (`hub list agents`)")
    parser.add_argument("--env", required=required, metavar="E", help="environment, e.g. cormab-matching or CartPole-v1 (`hub list envs`)")
    parser.add_argument("--agent-arg", action="append", default=[], metavar="K=V", help="set an argument of the agent; may be repeated")
    parser.add_argument("--env-arg", action="append", default=[], metavar="K=V", help="set an argument of the environment; may be repeated")
    parser.add_argument("--seed", type=whole("--seed", 0), default=0, metavar="S", help="seeds training and the agent's construction (0)")
    parser.add_argument("--out", metavar="DIR", help="folder of the run (runs/ENV/AGENT-DIGEST, so that the same command resumes)")
    parser.add_argument("--json", action="store_true", help="print one JSON document to standard output and nothing else there")
    parser.add_argument(
        "--step-timeout",
        type=seconds("--step-timeout"),
        default=300.0,
        metavar="SECONDS",
        help="give up when a step, or a call of the agent in evaluation, takes longer (300)",
    )


def add_evaluation(parser: ArgumentParser) -> None:
    """Add how episodes are evaluated."""
    add_protocol(parser)
    parser.add_argument("--episodes", type=whole("--episodes", 1), metavar="N", help="evaluation episodes (the protocol's number)")
    parser.add_argument(
        "--eval-seeds",
        type=one_of("--eval-seeds", "fixed", "committed"),
        default="fixed",
        metavar="fixed|committed",
        help="episode seeds: the same for all agents, or derived from the finished agent too, so that nobody can fit them",
    )
    parser.add_argument(
        "--slots",
        type=whole("--slots", 1),
        metavar="K",
        help="episodes played side by side in each process (up to 16, or to what a heavy environment can bear)",
    )
    parser.add_argument(
        "--engine",
        type=one_of("--engine", "inline", "process"),
        default="inline",
        metavar="inline|process",
        help="where episodes are played",
    )
    parser.add_argument("--workers", type=whole("--workers", 1), metavar="W", help="processes of --engine process (one a core)")
    parser.add_argument(
        "--record", action="store_true", help="keep the screens of each episode, and what the agent says, in episodes/ of the run's folder"
    )


def add_protocol(parser: ArgumentParser) -> None:
    """Add `--protocol`."""
    parser.add_argument("--protocol", metavar="NAME", help="how it is judged (the environment's first protocol; `hub list protocols`)")


def settings_of(arguments: Namespace) -> Settings:
    """Return the settings that the options give."""
    from hub.running.settings import Settings

    return Settings(
        engine=arguments.engine,
        workers=arguments.workers,
        slots=arguments.slots,
        step_timeout=arguments.step_timeout,
        record=arguments.record,
    )


def command_line(command: str, arguments: Namespace) -> str:
    """Return the command that repeats `arguments`, quoted for a shell; options left at their defaults are left out."""
    import shlex

    parser = ArgumentParser()
    _configure(command, parser)
    words = ["hub", command]
    for action in parser._actions:
        value = getattr(arguments, action.dest, None)
        if value == action.default or action.dest == "help":
            continue
        option = action.option_strings[-1]
        for each in value if isinstance(value, list) else [value]:
            words += [option] if each is True else [option, str(each)]
    return shlex.join(words)


def _configure(command: str, parser: ArgumentParser) -> None:
    import importlib

    importlib.import_module(f"hub.commands.{command}").configure(parser)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM, and a terminal that is closed, end the command as Ctrl-C does, so that nothing is left half done or lying about."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    told = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is not signal.SIG_IGN]  # as nohup asks
    before = [(number, signal.signal(number, interrupt)) for number in told]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


@contextlib.contextmanager
def reserved_output(reserve: bool) -> Iterator[TextIO]:
    """Give the real standard output, and keep everything else off it: what plugins and their C code print goes to standard error."""
    if not reserve:
        yield sys.stdout
        return
    real = sys.stdout
    real.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr), contextlib.ExitStack() as stack:
            own = _is_descriptor_one(real)
            yield stack.enter_context(os.fdopen(os.dup(kept), "w", encoding="utf-8")) if own else real
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _is_descriptor_one(stream: Any) -> bool:
    try:
        return bool(stream.fileno() == 1)
    except (OSError, ValueError, AttributeError):
        return False
