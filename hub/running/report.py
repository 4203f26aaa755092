"""The table at the end of `hub run` and `hub eval`: this run beside the leaderboard's committed results for the same task."""

from __future__ import annotations

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.leaderboards.boards import find_board
from hub.registry import find_environment
from hub.results.beside import Beside, beside, beside_table, counted, names_beside, names_counted
from hub.results.generalisation import explain_gap, gap_of
from hub.results.models import Result
from hub.results.statistics import spell_interval


def print_report(result: Result, path: Path, *, repeated: bool) -> None:
    """Print the table, and where the result lies."""
    console = Console()
    others = _committed(result)
    better = "higher" if result.protocol.higher_is_better else "lower"
    title = f"{result.env.id}: {result.summary.metric} over {len(result.episodes)} episodes ({better} is better)"
    table = Table(title=title, box=SIMPLE_HEAD, pad_edge=False)
    # in narrow windows agent and intervals break between words, and no number is cut
    table.add_column("agent", min_width=11)
    for heading, broken in (("mean", 0), ("IQM", 0), ("95 % interval", 9), ("episodes", 0), ("trained", 0)):
        table.add_column(heading, justify="right", no_wrap=not broken, min_width=broken or None)
    rows = [(result, True), *((other, False) for other in others)]
    gaps = explain_gap(shown for shown, _ in rows)
    if gaps:
        table.add_column("gap", justify="right", min_width=10)
    rows.sort(key=lambda row: row[0].summary.mean, reverse=result.protocol.higher_is_better)
    for shown, own in rows:
        summary = shown.summary
        table.add_row(
            escape(_label(shown, own)),
            f"{summary.mean:.4g}",
            f"{summary.iqm:.4g}",
            f"{summary.ci_low:.4g} to {summary.ci_high:.4g}",
            str(len(shown.episodes)),
            f"{shown.agent.train_steps:,}",
            *([spell_interval(gap_of(shown))] if gaps else []),
            style="bold" if own else None,
        )
    console.print(table)
    names = list(dict.fromkeys([*names_beside(shown for shown, _ in rows), *names_counted(shown for shown, _ in rows)]))
    if names:
        means = [
            Beside(_label(one, own), f"{one.summary.mean:.4g}", counted(one) | beside(one), "bold" if own else None) for one, own in rows
        ]
        console.print(beside_table(result.summary.metric, names, means))
    if gaps:
        console.print(gaps, highlight=False, markup=False)
    if others:
        console.print("other rows: the leaderboard's committed results for the same environment arguments", highlight=False)
    if result.agent.demonstration:
        console.print(f"demonstration, for no leaderboard: {result.agent.demonstration}", highlight=False, markup=False)
    if not find_environment(result.env.id).spec.deterministic:
        told = f"hub verify cannot replay this: seed and actions do not determine {result.env.id} (hub info {result.env.id})"
        console.print(told, highlight=False, markup=False, soft_wrap=True)
    if repeated:
        console.print("this run was finished before; nothing was run again", highlight=False)
    console.print(f"result: {path}", highlight=False, markup=False, soft_wrap=True)


def _label(result: Result, own: bool) -> str:
    return f"{result.agent.label} (this run)" if own else result.agent.label


def _committed(result: Result) -> list[Result]:
    board = find_board(result.env.id, result.protocol.name)
    return [] if board is None else board.results_for(result.env.kwargs)
