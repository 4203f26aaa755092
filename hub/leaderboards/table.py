"""Standings as tables for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hub.leaderboards.boards import Board
from hub.leaderboards.standings import Standings, versions

EXPLANATION = "Agents of equal rank are a tie group: the 95 % interval of the difference to the group's best includes 0."


def print_standings(table: Standings) -> None:
    """Print a ranking with its bounds, what did not count, and published numbers apart from it."""
    Console().print(Group(*_parts(table)))


def _parts(table: Standings) -> Iterator[RenderableType]:
    yield _ranking(table)
    for entry in table.incomplete:
        yield Text(f"not ranked: {entry.label} ({entry.source}) played {len(entry.runs)} of {len(table.document.tasks)} tasks")
    for reason, count in table.uncounted.items():
        yield Text(f"not counted: {count} result{'s' * (count > 1)}: {reason}", style="yellow")
    if table.document.published:
        yield _published(table)


def _ranking(table: Standings) -> Table:
    document = table.document
    unit = "score: 0 = null agent, 100 = upper bound" if table.normalised else document.protocol.metric
    title = f"{table.name}: {document.env}, protocol {document.protocol.name} v{document.protocol.version}, {unit}"
    found = Table(title=title, caption=EXPLANATION)
    found.add_column("rank", justify="right")
    found.add_column("agent")
    for heading in ("IQM over tasks", "95 % interval", "mean score", f"mean {document.protocol.metric}", "tasks", "runs"):
        found.add_column(heading, justify="right")
    found.add_column("from")
    found.add_column("versions", overflow="fold")
    if table.upper_bound is not None:
        found.add_row(
            "", "upper bound", *(("100", "", "100") if table.normalised else ("", "", "")), f"{table.upper_bound:.4g}", style="dim"
        )
    for place in table.ranked:
        entry = place.entry
        null = " (null agent)" if entry.results[0].agent.name in document.null_agents else ""
        found.add_row(
            str(place.rank),
            escape(entry.label + null),
            f"{place.score.estimate:.4g}",
            f"{place.score.low:.4g} … {place.score.high:.4g}",
            "" if place.normalised_mean is None else f"{place.normalised_mean:.4g}",
            f"{place.mean:.4g}",
            str(len(entry.runs)),
            str(len(entry.results)),
            entry.source,
            ", ".join(versions(entry)),
            style="dim" if null else None,
        )
    return found


def _published(table: Standings) -> Table:
    found = Table(title="published (as printed, not measured here)", caption="not comparable with the ranking without further thought")
    for heading in ("agent", "score", "unit", "source"):
        found.add_column(heading)
    for line in table.document.published:
        found.add_row(escape(line.agent), f"{line.score:g}", escape(line.unit), escape(line.source))
    return found


def print_boards(boards: list[Board]) -> None:
    """Print what boards there are."""
    found = Table("board", "environment", "protocol", "tasks", "agents")
    for board in boards:
        protocol = board.document.protocol
        found.add_row(
            board.name, board.document.env, f"{protocol.name} v{protocol.version}", str(len(board.document.tasks)), str(len(board.agents()))
        )
    Console().print(found)
