"""Tasks in OSWorld's JSON format, read and held against what can be carried out here.

A task is a mapping: `id`, `instruction`, `config` (a list of `{type, parameters}` that prepare the desktop) and `evaluator`:
`func` (a metric's name, or a list of them), `result` and `expected` (getters, `{type, ...}`, or as many as metrics), `options` (keyword
arguments of the metric, or as many), `conj` (`"and"`, the default, or `"or"`) and `postconfig` (a list like `config`, carried out before
the evaluation). Other keys (`snapshot`, `source`, `related_apps`, `trajectory`, `proxy`) are kept. Beyond OSWorld's format, local files
(`local_path` of `upload_file`, `path` of `cloud_file`, `file` of `download`) may be named relative to the task's own file.

Source: OSWorld (Xie et al., NeurIPS 2024), `desktop_env/desktop_env.py`.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INFEASIBLE = "infeasible"
"""Metric of tasks that cannot be done: right is who answers FAIL."""

Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One metric with what it is given; getters are None where the metric takes nothing."""

    func: str
    result: Part | None
    expected: Part | None
    options: Part


@dataclass(frozen=True, slots=True)
class Task:
    """One task.

    Attributes:
        id: its name.
        instruction: what the agent is told.
        config: what prepares the desktop.
        postconfig: what prepares the evaluation.
        checks: metrics; none where the task is infeasible.
        conj: how several scores make one, `"and"` or `"or"`.
        folder: where local files are looked for.
        source: the mapping that it was read from.
    """

    id: str
    instruction: str
    config: tuple[Part, ...]
    postconfig: tuple[Part, ...]
    checks: tuple[Check, ...]
    conj: str
    folder: Path
    source: Part

    @property
    def feasible(self) -> bool:
        """Whether the task can be done at all."""
        return bool(self.checks)


@dataclass(frozen=True, slots=True)
class Known:
    """Names that tasks may use: of preparations, getters and metrics."""

    setups: Collection[str]
    getters: Collection[str]
    metrics: Collection[str]


def read_task(source: str | Path | Part, known: Known) -> Task:
    """Read a task from a file or a mapping.

    Args:
        source: the file's path, or the mapping itself.
        known: what may be named; whatever else is an error now, not at the end of an episode.

    Raises:
        ValueError: there is no such file, or it is not a task; the message says where and what would be right.
    """
    folder = Path()
    if not isinstance(source, Mapping | str | Path):
        raise ValueError(f"a task is a name, the path of a JSON file or a mapping, not {source!r}")
    if not isinstance(source, Mapping):
        path = Path(source)
        folder = path.parent
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as missing:
            raise ValueError(f"no task at {path}: {missing.strerror}") from None
        except ValueError as mistake:
            raise ValueError(f"{path} is not JSON: {mistake}") from None
        return _parsed(content, folder, known, str(path))
    return _parsed(source, folder, known, f"task {source.get('id', '')!r}")


def _parsed(source: Any, folder: Path, known: Known, where: str) -> Task:
    if not isinstance(source, Mapping):
        raise ValueError(f"{where}: a task is a JSON object")
    for key in ("id", "instruction"):
        if not isinstance(source.get(key), str) or not source[key]:
            raise ValueError(f'{where}: "{key}" must be a text')
    evaluator = source.get("evaluator")
    if not isinstance(evaluator, Mapping) or "func" not in evaluator:
        raise ValueError(f'{where}: "evaluator" must be an object with "func"')
    conj = evaluator.get("conj", "and")
    if conj not in ("and", "or"):
        raise ValueError(f'{where}: "conj" is "and" or "or", not {conj!r}')
    return Task(
        id=source["id"],
        instruction=source["instruction"],
        config=_steps(source.get("config") or [], "config", known, where),
        postconfig=_steps(evaluator.get("postconfig") or [], "postconfig", known, where),
        checks=tuple(_checks(evaluator, known, where)),
        conj=conj,
        folder=folder,
        source=source,
    )


def _steps(steps: Any, name: str, known: Known, where: str) -> tuple[Part, ...]:
    if not isinstance(steps, list):
        raise ValueError(f'{where}: "{name}" must be a list')
    for step in steps:
        if not isinstance(step, Mapping) or not isinstance(step.get("type"), str) or not isinstance(step.get("parameters"), Mapping):
            raise ValueError(f'{where}: every step of "{name}" is an object with "type" and "parameters"')
        _expect(step["type"], known.setups, f"{where}: {name}", "setup type")
    return tuple(steps)


def _checks(evaluator: Part, known: Known, where: str) -> Iterator[Check]:
    func = evaluator["func"]
    if func == INFEASIBLE:
        return
    funcs = func if isinstance(func, list) else [func]
    if not funcs or not all(isinstance(name, str) for name in funcs):
        raise ValueError(f'{where}: "func" is the name of a metric, or a list of names')
    columns = {key: _column(evaluator.get(key), key, func, where) for key in ("result", "expected", "options")}
    for place, name in enumerate(funcs):
        _expect(name, known.metrics, f"{where}: evaluator", "metric")
        parts = {key: column[place] for key, column in columns.items()}
        for key, part in parts.items():
            if part is not None and not isinstance(part, Mapping):
                raise ValueError(f'{where}: "{key}" must hold objects')
            if key != "options" and part:
                _expect(part.get("type"), known.getters, f"{where}: {key}", "getter")
        yield Check(name, parts["result"] or None, parts["expected"] or None, parts["options"] or {})


def _column(value: Any, key: str, func: Any, where: str) -> list[Any]:
    """Return what an evaluator says under `key`, once a metric."""
    if not isinstance(func, list):
        return [value]
    if not value:
        return [None] * len(func)
    if not isinstance(value, list) or len(value) != len(func):
        raise ValueError(f'{where}: "{key}" must be a list as long as "func", {len(func)}')
    return value


def _expect(name: Any, known: Collection[str], where: str, what: str) -> None:
    """Raise unless `name` is known, with the nearest that is."""
    if isinstance(name, str) and name in known:
        return
    near = difflib.get_close_matches(str(name), known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(f"{where}: unknown {what} {name!r}; {hint}there are {', '.join(sorted(known))}")
