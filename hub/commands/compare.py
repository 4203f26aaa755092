"""Compare results on one environment.

Shows each result's mean, median and IQM with its 95 % bootstrap interval, what its protocol shows beside the score, and what the agent
counts (tokens, say); for each pair the chance that the one beats the other, and, over the episodes that both played from the same seed,
the mean difference. Where agents train under other arguments than they are evaluated under, the generalisation gap is shown too. Results
on different environments, environment arguments or metrics are refused; results judged under different conditions are compared with a
warning.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from hub.results.comparison import Comparison, Pair
    from hub.results.models import Result
    from hub.results.statistics import Interval


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("results", nargs="+", metavar="RESULT", help="result file, or the folder of a run")
    parser.add_argument("--plot", metavar="FILE", help="also draw intervals and performance profiles to FILE.png or FILE.svg")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")


def run(arguments: Namespace) -> int:
    """Compare and return 0."""
    from hub.results.comparison import compare

    comparison = compare(arguments.results)
    if arguments.plot:
        from hub.results.plots import plot

        plot(comparison, arguments.plot)
    if arguments.json:
        import json

        print(json.dumps(_document(comparison), indent=1))
    else:
        _print(comparison)
    return 0


def _document(comparison: Comparison) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "metric": comparison.metric,
        "higher_is_better": comparison.higher_is_better,
        "results": [
            {
                "label": side.label,
                "agent": side.result.agent.name,
                "episodes": len(side.scores),
                **side.summary.model_dump(),
                **_beside(side.result),
                **_generalisation(side.result),
            }
            for side in comparison.sides
        ],
        "pairs": [asdict(pair) for pair in comparison.pairs],
        "warnings": comparison.warnings,
    }


def _beside(result: Result) -> dict[str, Any]:
    from hub.results.beside import beside, counted, intervals_as_json

    found = {"beside": intervals_as_json(beside(result)), "counted": intervals_as_json(counted(result))}
    return {key: intervals for key, intervals in found.items() if intervals}


def _generalisation(result: Result) -> dict[str, Any]:
    return {} if result.generalisation is None else {"generalisation": result.generalisation.model_dump(exclude={"episodes"})}


def _print(comparison: Comparison) -> None:
    from rich.console import Console

    from hub.results.beside import Beside, beside, beside_table, counted, names_beside, names_counted

    console = Console()
    console.print(_sides_table(comparison))
    results = [side.result for side in comparison.sides]
    names = list(dict.fromkeys([*names_beside(results), *names_counted(results)]))
    if names:
        rows = [Beside(side.label, f"{side.summary.mean:.4g}", counted(side.result) | beside(side.result)) for side in comparison.sides]
        console.print(beside_table(comparison.metric, names, rows))
    if comparison.pairs:
        console.print(_pairs_table(comparison))
    for warning in comparison.warnings:
        console.print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)


def _sides_table(comparison: Comparison) -> Table:
    from rich.markup import escape
    from rich.table import Table

    from hub.results.generalisation import explain_gap, gap_of
    from hub.results.statistics import spell_interval

    better = "higher" if comparison.higher_is_better else "lower"
    gaps = explain_gap(side.result for side in comparison.sides)
    table = Table(title=f"{comparison.sides[0].result.env.id}: {comparison.metric} ({better} is better)", caption=gaps)
    table.add_column("agent")
    for heading in ("episodes", "mean", "median", "IQM", "95 % interval", *(["gap"] if gaps else [])):
        table.add_column(heading, justify="right")
    for side in comparison.sides:
        s = side.summary
        numbers = (f"{s.mean:.4g}", f"{s.median:.4g}", f"{s.iqm:.4g}", f"{s.ci_low:.4g} … {s.ci_high:.4g}")
        table.add_row(escape(side.label), str(len(side.scores)), *numbers, *([spell_interval(gap_of(side.result))] if gaps else []))
    return table


def _pairs_table(comparison: Comparison) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="pair by pair", caption="P: chance that an episode of the first beats one of the second; Δ: mean paired difference")
    table.add_column("first")
    table.add_column("second")
    for heading in ("P(first better)", "95 % interval", "same seeds", "Δ", "95 % interval"):
        table.add_column(heading, justify="right")
    for pair in comparison.pairs:
        table.add_row(escape(pair.first), escape(pair.second), *_cells(pair))
    return table


def _cells(pair: Pair) -> tuple[str, ...]:
    difference = ("-", "-") if pair.difference is None else _estimate(pair.difference)
    return (*_estimate(pair.improvement), str(pair.paired), *difference)


def _estimate(interval: Interval) -> tuple[str, str]:
    return f"{interval.estimate:.4g}", f"{interval.low:.4g} … {interval.high:.4g}"
