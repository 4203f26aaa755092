"""Carrying out an order for the command line: progress, the table or JSON at the end, the word on interruption."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable

from hub.running.options import command_line, reserved_output, settings_of, terminable
from hub.running.orders import Order
from hub.running.progress import open_progress
from hub.running.session import Interrupted, carry_out


def show_outcome(command: str, arguments: Namespace, make_order: Callable[[], Order]) -> int:
    """Carry out the order that `command` with `arguments` means, show its result, and return the exit code."""
    with reserved_output(arguments.json) as output, terminable():
        settings = settings_of(arguments)
        order = make_order()
        try:
            with open_progress() as progress:
                outcome = carry_out(order, settings, progress)
        except Interrupted as interrupted:
            print(f"hub: interrupted; {interrupted}. Resume with: {command_line(command, arguments)}", file=sys.stderr)
            return 130
        if arguments.json:
            output.write(outcome.path.read_text(encoding="utf-8"))
        else:
            from hub.running.report import print_report

            print_report(outcome.result, outcome.path, repeated=outcome.repeated)
    return 0
