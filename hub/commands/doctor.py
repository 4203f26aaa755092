"""Say what this machine lacks, and what to type.

Without a name: hub itself (Python, packages, extras, the home folder, plugins) and every checkup that a plugin brings. With names, only
those checkups; `hub` is hub itself. Exit code 0 when nothing is missing, else 1.

Examples:
  hub doctor
  hub doctor osworld
  hub doctor --json
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.doctor import Finding


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="a checkup, a plugin that brings some, or hub (everything)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: Namespace) -> int:
    """Examine what was named and return the exit code."""
    import json
    from dataclasses import asdict

    from hub.doctor import remedies
    from hub.running.options import reserved_output

    with reserved_output(arguments.json) as output:
        findings = _examined(arguments.names)
        if arguments.json:
            print(
                json.dumps({"findings": [asdict(finding) for finding in findings], "remedies": remedies(findings)}, indent=1), file=output
            )
    if not arguments.json:
        _print(findings)
    return 0 if all(finding.state == "ok" for finding in findings) else 1


def _examined(names: list[str]) -> list[Finding]:
    from hub import registry
    from hub.doctor import examine, examine_hub

    everything = registry.checkups()
    wanted = names or ["hub", *(row["name"] for row in everything)]
    found = {checkup.spec.name: checkup for name in wanted if name != "hub" for checkup in registry.find_checkups(name)}
    own = list(examine_hub()) if "hub" in wanted else []
    return [*own, *(finding for checkup in found.values() for finding in examine(checkup))]


def _print(findings: list[Finding]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from hub.doctor import remedies

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("checkup", "looked for", "state"):
        table.add_column(heading, no_wrap=heading == "state")
    table.add_column("detail", overflow="fold")
    for finding in findings:
        style = None if finding.state == "ok" else "bold red"
        table.add_row(escape(finding.checkup), escape(finding.name), finding.state, escape(finding.detail), style=style)
    console = Console()
    console.print(table)
    for remedy in remedies(findings):
        # whole, on a line of its own, to be copied
        console.print(remedy, highlight=False, markup=False, soft_wrap=True)
