"""From loose results to a board's entries: which results count, and which of them belong together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from hub.leaderboards.models import BoardDocument, BoardTask
from hub.leaderboards.ranking import Entry
from hub.results.models import ProtocolRecord, Result

OVERSHOOT = 1.05
"""A result records the training steps that were taken, and a batch that has begun may end beyond the budget."""


def obstacle(document: BoardDocument, result: Result) -> str | None:
    """Return why `result` cannot count on the board, or None when it can."""
    if result.agent.demonstration is not None:
        return f"its agent {result.agent.name} only demonstrates: {result.agent.demonstration}"
    if result.env.id != document.env:
        return f"its environment is {result.env.id}, the board's is {document.env}"
    if task_of(document, result) is None:
        return f"its environment arguments {json.dumps(result.env.kwargs)} are no task of the board"
    for field in ProtocolRecord.model_fields:
        theirs, ours = getattr(result.protocol, field), getattr(document.protocol, field)
        if theirs != ours:
            return f"its protocol's {field} is {theirs!r}, the board's is {ours!r}"
    if len(result.episodes) != document.protocol.episodes:
        return f"it has {len(result.episodes)} episodes, the protocol asks for {document.protocol.episodes}"
    if document.train_steps is not None and result.agent.train_steps > document.train_steps * OVERSHOOT:
        return f"its agent trained for {result.agent.train_steps} steps, the protocol allows {document.train_steps}"
    return None


def task_of(document: BoardDocument, result: Result) -> BoardTask | None:
    """Return the board's task that `result` was made on, or None; arguments are compared as JSON, where 1, 1.0 and true differ."""
    wanted = json.dumps(result.env.kwargs, sort_keys=True)
    return next((task for task in document.tasks if json.dumps(task.kwargs, sort_keys=True) == wanted), None)


def gather(document: BoardDocument, sourced: Iterable[tuple[str, Result]]) -> list[Entry]:
    """Group results on the board's tasks into entries: one for each agent, version and configuration from each source.

    Args:
        document: the board.
        sourced: pairs of source (`"board"`, `"store"`) and result.

    Returns:
        entries with labels of their own: the agent's name, and where that is not enough, what sets the entry apart. A board's entry
        keeps the bare name before a store's.
    """
    groups: dict[tuple[str, str, str, str], dict[str, list[Result]]] = {}
    for source, result in sourced:
        task = task_of(document, result)
        if task is None:
            continue
        agent = result.agent
        key = (agent.name, source, f"{agent.distribution} {agent.version}", json.dumps(agent.config, sort_keys=True))
        groups.setdefault(key, {}).setdefault(task.name, []).append(result)
    labels = _labels(list(groups))
    return [Entry(label=labels[key], source=key[1], runs=runs) for key, runs in groups.items()]


def _labels(keys: Sequence[tuple[str, str, str, str]]) -> dict[tuple[str, str, str, str], str]:
    labels: dict[tuple[str, str, str, str], str] = {}
    for key in sorted(keys):  # "board" sorts before "store"
        name, source, version, _ = key
        same = [other for other in keys if other[0] == name]
        if name not in labels.values():
            labels[key] = name
            continue
        parts = [*_differing(json.loads(key[3]), [json.loads(other[3]) for other in same])]
        parts += [version] if len({other[2] for other in same}) > 1 else []
        parts += [source] if len({other[1] for other in same}) > 1 else []
        labels[key] = f"{name} ({', '.join(parts)})"
    return labels


def _differing(config: dict[str, Any], others: Sequence[dict[str, Any]]) -> list[str]:
    """Return the settings of `config` in which `others` differ, as `key=value`."""
    return [f"{key}={value}" for key, value in config.items() if any(other.get(key) != value for other in others)]
