"""Standings as tables for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hub.leaderboards.boards import Board
from hub.leaderboards.ranking import Ranked
from hub.leaderboards.standings import Standings, versions
from hub.results.beside import Beside, beside_table
from hub.results.generalisation import explain_gap
from hub.results.statistics import spell_interval

SCALE = "IQM, interval, mean: over tasks, where 0 is the first null agent's score and 100 the upper bound"
EXPLANATION = "equal rank: a tie group; its members' difference to its best has a 95 % interval that includes 0"


def print_standings(table: Standings) -> None:
    """Print a ranking with its bounds, what did not count, and published numbers apart from it."""
    Console().print(Group(*_parts(table)))


def _parts(table: Standings) -> Iterator[RenderableType]:
    protocol = table.document.protocol
    yield Text(
        f"{table.name}: {table.document.env}, protocol {protocol.name} v{protocol.version}, {len(table.document.tasks)} tasks", style="bold"
    )
    yield _ranking(table)
    yield Text(f"score: mean {protocol.metric} over tasks")
    yield Text(SCALE if table.normalised else "IQM and interval: over tasks, of the score itself")
    yield Text(EXPLANATION)
    if protocol.beside:
        yield _beside(table)
        yield Text(f"{', '.join(protocol.beside)}: mean over tasks")
    gaps = explain_gap(result for place in table.ranked if place.gap for result in place.entry.results)
    if gaps:
        yield Text(gaps)
    for packages, labels in _by_versions(table).items():
        yield Text(f"{packages}: {', '.join(labels)}", style="dim")
    for entry in table.incomplete:
        yield Text(f"not ranked: {entry.label} ({entry.source}) played {len(entry.runs)} of {len(table.document.tasks)} tasks")
    for reason, count in table.uncounted.items():
        yield Text(f"not counted: {count} result{'s' * (count > 1)}: {reason}", style="yellow")
    if table.document.published:
        yield _published(table)


def _ranking(table: Standings) -> Table:
    found = Table(box=SIMPLE_HEAD, pad_edge=False)
    found.add_column("rank", justify="right", no_wrap=True)
    found.add_column("agent", no_wrap=True)
    gaps = any(place.gap for place in table.ranked)
    for heading in ("IQM", "95 % interval", "mean", "score", *(["gap"] if gaps else [])):
        found.add_column(heading, justify="right", no_wrap=True)
    found.add_column("from", no_wrap=True)
    if table.upper_bound is not None:
        full = ("100", "", "100") if table.normalised else ("", "", "")
        found.add_row("", "upper bound", *full, f"{table.upper_bound:.4g}", *([""] if gaps else []), "", style="dim")
    for place in table.ranked:
        found.add_row(
            str(place.rank),
            escape(_label(place, table)),
            _spell(place.score.estimate, table),
            f"{_spell(place.score.low, table)} … {_spell(place.score.high, table)}",
            "" if place.normalised_mean is None else _spell(place.normalised_mean, table),
            f"{place.mean:.4g}",
            *([spell_interval(place.gap)] if gaps else []),
            place.entry.source,
            style="dim" if _is_null(place, table) else None,
        )
    return found


def _beside(table: Standings) -> Table:
    rows = [
        Beside(_label(place, table), f"{place.mean:.4g}", place.beside, "dim" if _is_null(place, table) else None) for place in table.ranked
    ]
    return beside_table("score", table.document.protocol.beside, rows)


def _label(place: Ranked, table: Standings) -> str:
    return place.entry.label + (" (null)" if _is_null(place, table) else "")


def _is_null(place: Ranked, table: Standings) -> bool:
    return place.entry.results[0].agent.name in table.document.null_agents


def _spell(score: float, table: Standings) -> str:
    return f"{score:.2f}" if table.normalised else f"{score:.4g}"


def _by_versions(table: Standings) -> dict[str, list[str]]:
    """Return which agents played with which packages."""
    found: dict[str, list[str]] = {}
    for place in table.ranked:
        found.setdefault(", ".join(versions(place.entry)), []).append(place.entry.label)
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
