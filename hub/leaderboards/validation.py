"""Checking committed boards: every file by schema, by the board's rules, and by replaying its receipts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.errors import HubError, UsageError
from hub.leaderboards.boards import BOARD_FILE, Board, read_board, roots
from hub.leaderboards.entries import obstacle
from hub.leaderboards.filling import protocol_behind, upper_bound
from hub.leaderboards.models import BoardDocument
from hub.results.files import canonical_bytes, read_result
from hub.results.models import Record
from hub.results.verify import verify

BOUND_TOLERANCE = 1e-6
"""Upper bounds come from solvers, whose last digits are another machine's."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A checked file and what is wrong with it; nothing when `faults` is empty."""

    path: Path
    faults: list[str]


def board_folders(path: Path | None = None) -> list[Path]:
    """Return the folders to check: `path` itself when it is a board, else the boards in it; every board in reach when None.

    Raises:
        UsageError: there is no board.
    """
    places = roots() if path is None else [path]
    if path is not None and (path / BOARD_FILE).exists():
        return [path]
    found = [file.parent for place in places for file in sorted(place.glob(f"*/{BOARD_FILE}"))]
    if not found:
        raise UsageError(f"no board in {path or 'reach'}: a board is a folder with a {BOARD_FILE}")
    return found


def files_of(folder: Path) -> list[Path]:
    """Return every file of a board, `board.json` first; hidden files and README.md do not count."""
    inside = (
        file for file in folder.rglob("*") if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    )
    return sorted((file for file in inside if file.name != "README.md"), key=lambda file: (file.name != BOARD_FILE, file))


def check_board(folder: Path) -> Iterator[Finding]:
    """Yield a finding for each file of the board in `folder`, in the order of `files_of`.

    When `board.json` cannot be read, that is the only finding.
    """
    file = folder / BOARD_FILE
    try:
        board = read_board(folder)
    except HubError as error:
        yield Finding(file, [str(error)])
        return
    yield Finding(file, [*_spelling(file, board.document), *_board_faults(board)])
    for path in files_of(folder):
        if path != file:
            yield Finding(path, _result_faults(board, path))


def _spelling(path: Path, document: Record) -> list[str]:
    return (
        []
        if path.read_bytes() == canonical_bytes(document)
        else ["it is not in canonical form: it was edited, or written by another program"]
    )


def _board_faults(board: Board) -> list[str]:
    names = [task.name for task in board.document.tasks]
    faults = [f"task {name!r} is listed twice" for name in sorted({name for name in names if names.count(name) > 1})]
    for agent in board.document.null_agents:
        missing = [task.name for task in board.document.tasks if not board.result_path(agent, task).exists()]
        if missing:
            faults.append(f"null agent {agent!r} has no result on {len(missing)} tasks: {', '.join(missing)}")
    return [*faults, *_bound_faults(board.document)]


def _bound_faults(document: BoardDocument) -> list[str]:
    """Compute the upper bounds again and say which are others than the board states."""
    if document.bound is None:
        stated = [task.name for task in document.tasks if task.upper_bound is not None]
        return [f"the upper bounds of tasks {', '.join(stated)} have no source"] if stated else []
    try:
        spec = protocol_behind(document).spec
        computed = {task.name: upper_bound(spec, task) for task in document.tasks}
    except HubError as error:
        return [f"its upper bounds cannot be checked: {error}"]
    return [
        f"the upper bound of task {task.name} is {task.upper_bound}, computed again it is {computed[task.name]}"
        for task in document.tasks
        if task.upper_bound is None or not math.isclose(task.upper_bound, computed[task.name], rel_tol=BOUND_TOLERANCE)
    ]


def _result_faults(board: Board, path: Path) -> list[str]:
    places = {board.result_path(path.parent.name, task): task for task in board.document.tasks}
    if path not in places:
        return [f"it is out of place: results of this board are AGENT/TASK.json with one of its {len(places)} task names"]
    try:
        result = read_result(path)
        faults = _spelling(path, result)
        if result.agent.name != path.parent.name:
            faults.append(f"its agent is {result.agent.name!r} and its folder {path.parent.name!r}")
        if result.env.kwargs != places[path].kwargs:
            faults.append(f"its environment arguments are {result.env.kwargs}, those of task {path.stem} are {places[path].kwargs}")
        reason = obstacle(board.document, result)
        if reason:
            faults.append(reason)
        verdict = verify(result)
    except HubError as error:
        return [str(error)]
    return faults if verdict.state == "confirmed" else [*faults, f"{verdict.state}: {'; '.join(verdict.reasons)}"]
