"""Rows of checks for people and for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hub.checking.verdicts import Row

if TYPE_CHECKING:
    from rich.console import Console

MARKS = {"passed": "[green]passed[/]", "failed": "[bold red]failed[/]", "not applicable": "[dim]not applicable[/]"}


def as_json(name: str, reports: Sequence[tuple[str, str, list[Row]]]) -> dict[str, Any]:
    """Return the reports (kind, name, rows) as one JSON object."""
    subjects = [{"kind": kind, "name": subject, "checks": [row.as_json() for row in rows]} for kind, subject, rows in reports]
    return {"name": name, "passed": passed(reports), "subjects": subjects}


def passed(reports: Sequence[tuple[str, str, list[Row]]]) -> bool:
    """Whether no check failed."""
    return not any(row.state == "failed" for _, _, rows in reports for row in rows)


def print_table(console: Console, kind: str, name: str, rows: list[Row]) -> None:
    """Print one subject's rows and their count."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=f"{kind} {name}", title_justify="left", show_lines=False)
    table.add_column("check", no_wrap=True)
    table.add_column("result", no_wrap=True)
    table.add_column("what, where, and what would be right", overflow="fold")
    for row in rows:
        table.add_row(row.check, MARKS[row.state], escape(explanation(row)))
    console.print(table)
    counts = Counter(row.state for row in rows)
    console.print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['not applicable']} not applicable")


def explanation(row: Row) -> str:
    """Return what there is to say of a row on a few lines."""
    if row.state == "failed":
        lines = (row.what, f"where: {row.where}" if row.where else "", f"right: {row.right}" if row.right else "")
        return "\n".join(filter(None, lines))
    return f"advice: {row.advice}" if row.state == "passed" and row.advice else row.advice
