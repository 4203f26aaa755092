"""A board's standings: committed results and submissions together, ranked; what did not count and why; what papers print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hub.errors import UsageError
from hub.leaderboards.boards import get_board
from hub.leaderboards.entries import gather, obstacle
from hub.leaderboards.models import BoardDocument, BoardTask
from hub.leaderboards.ranking import Entry, Ranked, rank
from hub.leaderboards.store import open_store
from hub.naming import matching
from hub.results.beside import intervals_as_json
from hub.results.models import ProtocolRecord, Result
from hub.results.statistics import mean


@dataclass(frozen=True, slots=True)
class Standings:
    """What `hub leaderboard show` shows.

    Attributes:
        name: the board's.
        document: its `board.json`.
        ranked: entries that played every task, best first.
        incomplete: entries that did not.
        uncounted: reasons why submissions on this environment do not count, with how many each concerns.
    """

    name: str
    document: BoardDocument
    ranked: list[Ranked]
    incomplete: list[Entry]
    uncounted: dict[str, int]

    @property
    def normalised(self) -> bool:
        """Whether scores are on the scale from the null agent (0) to the upper bound (100)."""
        return any(place.normalised_mean is not None for place in self.ranked)

    @property
    def upper_bound(self) -> float | None:
        """Mean over tasks of the upper bound; None unless every task has one."""
        bounds = [task.upper_bound for task in self.document.tasks if task.upper_bound is not None]
        return mean(bounds) if len(bounds) == len(self.document.tasks) else None


def standings(name: str, store_url: str | None) -> Standings:
    """Rank the results of a board together with the submissions in a store.

    Args:
        name: a board, or an environment; one that only the store has results for gets a board of its own, without tasks' bounds.
        store_url: where submissions are; None leaves them out.

    Raises:
        UsageError: neither a board nor a submission has that name.
        DamagedFile: a result cannot be read.
        HubError: the store cannot be used.
    """
    try:
        board = get_board(name)
    except UsageError:
        submitted = _submitted(name, store_url)
        if not submitted:
            raise
        return _ranked(submitted[0].env.id, improvised(submitted), [], submitted)
    committed = [result for _, result in board.results()]
    submitted = _submitted(board.document.env, store_url)
    return _ranked(board.name, board.document, committed, [result for result in submitted if result not in committed])


def _submitted(name: str, store_url: str | None) -> list[Result]:
    if store_url is None:
        return []
    with open_store(store_url) as store:
        return [result for env_id in matching(name, store.environments()) for result in store.results(env_id)]


def _ranked(name: str, document: BoardDocument, committed: Iterable[Result], submitted: Iterable[Result]) -> Standings:
    counted: list[tuple[str, Result]] = []
    uncounted: Counter[str] = Counter()
    for source, results in (("board", committed), ("store", submitted)):
        for result in results:
            reason = obstacle(document, result)
            if reason is None:
                counted.append((source, result))
            else:
                uncounted[reason] += 1
    entries = gather(document, counted)
    ranked = rank(document, entries)
    placed = {place.entry.label for place in ranked}
    return Standings(name, document, ranked, [entry for entry in entries if entry.label not in placed], dict(uncounted))


def improvised(results: Sequence[Result]) -> BoardDocument:
    """Return a board for submissions on an environment without one: the protocol most of them follow, one task for each kwargs."""
    protocol, _ = Counter(result.protocol.model_dump_json() for result in results).most_common(1)[0]
    kwargs: list[dict[str, Any]] = []
    for result in results:
        if result.env.kwargs not in kwargs:
            kwargs.append(result.env.kwargs)
    return BoardDocument(
        env=results[0].env.id,
        protocol=ProtocolRecord.model_validate_json(protocol),
        tasks=[BoardTask(name=str(index), kwargs=values) for index, values in enumerate(kwargs)],
        null_agents=[],
    )


def as_json(table: Standings) -> dict[str, Any]:
    """Return standings as JSON values."""
    document = table.document
    return {
        "board": table.name,
        "env": document.env,
        "protocol": document.protocol.model_dump(),
        "tasks": len(document.tasks),
        "normalised": table.normalised,
        "upper_bound": table.upper_bound,
        "rows": [_row(place, document) for place in table.ranked],
        "incomplete": [{"agent": entry.label, "source": entry.source, "tasks": len(entry.runs)} for entry in table.incomplete],
        "uncounted": table.uncounted,
        "published": [published.model_dump() for published in document.published],
    }


def _row(place: Ranked, document: BoardDocument) -> dict[str, Any]:
    entry = place.entry
    return {
        "rank": place.rank,
        "agent": entry.label,
        "source": entry.source,
        "null": entry.results[0].agent.name in document.null_agents,
        "score": {"iqm": place.score.estimate, "ci_low": place.score.low, "ci_high": place.score.high},
        "mean": place.mean,
        "normalised_mean": place.normalised_mean,
        "gap": None if place.gap is None else {"mean": place.gap.estimate, "ci_low": place.gap.low, "ci_high": place.gap.high},
        **({"beside": intervals_as_json(place.beside)} if place.beside else {}),
        "tasks": len(entry.runs),
        "runs": len(entry.results),
        "episodes": sum(len(result.episodes) for result in entry.results),
        "versions": versions(entry),
    }


def versions(entry: Entry) -> list[str]:
    """Return the agent packages and environment packages of an entry's runs, each with its version."""
    packages = {f"{part.distribution} {part.version}" for result in entry.results for part in (result.agent, result.env)}
    return sorted(packages)
