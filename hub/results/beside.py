"""Numbers that a protocol wants seen beside the score (`ProtocolSpec.beside`), so that none hides what it was reached at the cost of.

An agent that hardly moves is safe, and a table of successes alone would praise it: its speed belongs beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hub.results.models import Result
from hub.results.scores import episode_values
from hub.results.statistics import Interval, mean_interval, spell_interval

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, slots=True)
class Beside:
    """A row of the table that shows scores and other numbers side by side.

    Attributes:
        label: whose they are.
        score: the mean score, as it is spelled in the table above.
        means: the other numbers, by name.
        style: rich's style of the row.
    """

    label: str
    score: str
    means: Mapping[str, Interval]
    style: str | None = None


def names_beside(results: Iterable[Result]) -> list[str]:
    """Return what the protocols of `results` show beside the score, each name once."""
    return list(dict.fromkeys(name for result in results for name in result.protocol.beside))


def beside(result: Result) -> dict[str, Interval]:
    """Return the mean over episodes, with its 95 % interval, of everything that the result's protocol shows beside the score."""
    return {name: mean_interval(episode_values(result, name)) for name in result.protocol.beside}


def counted(result: Result) -> dict[str, Interval]:
    """Return the same of everything that the agent counts (tokens, cost, replies it could not read), over the episodes that tell it."""
    values: dict[str, list[float]] = {}
    for episode in result.episodes:
        for name, value in episode.agent_metrics.items():
            values.setdefault(name, []).append(value)
    return {name: mean_interval(np.array(found)) for name, found in values.items()}


def names_counted(results: Iterable[Result]) -> list[str]:
    """Return what the agents of `results` count, each name once."""
    return list(dict.fromkeys(name for result in results for episode in result.episodes for name in episode.agent_metrics))


def intervals_as_json(intervals: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    """Return means with their intervals as JSON values."""
    return {name: {"mean": found.estimate, "ci_low": found.low, "ci_high": found.high} for name, found in intervals.items()}


def beside_table(metric: str, names: Sequence[str], rows: Iterable[Beside]) -> Table:
    """Return a table of scores and, beside them, what `names` call, a dash where a row has nothing."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="beside the score, with 95 % intervals", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("agent", min_width=11)
    table.add_column(metric, justify="right", no_wrap=True)
    for name in names:
        # in narrow windows names and intervals break, and no number is cut
        table.add_column(name, justify="right", min_width=9, overflow="fold")
    for row in rows:
        table.add_row(escape(row.label), row.score, *(spell_interval(row.means.get(name)) for name in names), style=row.style)
    return table
