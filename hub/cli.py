"""The command line: one module a command under `hub.commands`, imported only when that command is asked for."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from typing import NoReturn, Protocol

    class Command(Protocol):
        """What a module under `hub.commands` defines."""

        def configure(self, parser: ArgumentParser) -> None:
            """Add the command's arguments."""

        def run(self, arguments: Namespace) -> int:
            """Do it and return the exit code."""


COMMANDS = {
    "run": "train an agent, evaluate it under the environment's protocol, compare",
    "train": "train an agent and save it",
    "eval": "evaluate a saved or untrained agent",
    "data": "record datasets of episodes; list, show and download them",
    "list": "list environments, agents, protocols, papers or datasets",
    "info": "show what is known of a name",
    "plugins": "list plugins and their states; write a new one; block one",
    "check": "test an environment or agent for conformance",
    "verify": "replay a result's receipts",
    "compare": "compare results: table, intervals, plot",
    "reproduce": "run a paper's agent and baselines, judge its claims, write its page",
    "watch": "render an evaluation or a receipt",
    "submit": "offer a verified result to the leaderboard store",
    "leaderboard": "show, fill or validate leaderboards",
    "doctor": "say what this machine lacks, and what to type",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code (0 done, 1 failed, 2 usage, 3 broken plugin, 130 interrupted)."""
    from hub.errors import HubError

    words = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in words
    if debug:
        words.remove("--debug")
    try:
        return _dispatch(words)
    except HubError as error:
        if debug:
            raise
        print(f"hub: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        if debug:
            raise
        print("hub: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _dispatch(words: list[str]) -> int:
    if words and words[0] in ("--version", "-V"):
        from hub import __version__

        print(f"hub {__version__}")
        return 0
    if not words or words[0] in ("--help", "-h", "help"):
        print(_overview())
        return 0
    name = words[0]
    if name not in COMMANDS:
        from hub.errors import UsageError, nearest

        near = nearest(name, COMMANDS)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `hub --help` lists the commands"
        raise UsageError(f"unknown command {name!r}{hint}")
    return _run_command(name, words[1:])


def _run_command(name: str, words: list[str]) -> int:
    import argparse
    import importlib

    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> NoReturn:
            from hub.errors import UsageError

            raise UsageError(f"{message} (`{self.prog} --help` explains)")

    command: Command = importlib.import_module(f"hub.commands.{name}")
    layout = argparse.RawDescriptionHelpFormatter
    parser = Parser(prog=f"hub {name}", description=command.__doc__, allow_abbrev=False, formatter_class=layout)
    command.configure(parser)
    return command.run(parser.parse_args(words))


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            "usage: hub COMMAND [options]      (hub COMMAND --help explains one; --debug shows tracebacks)",
            "",
            "reinforcement-learning research, runnable, comparable and verifiable",
            "",
            *lines,
        ]
    )
