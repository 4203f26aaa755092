"""Finding and reading committed leaderboards.

Boards travel with a checkout, not with a wheel. They are looked for in `$HUB_LEADERBOARDS` and nowhere else when that is set, otherwise
in the `leaderboards` folder beside hub's own source (an editable install), then in `leaderboards` in the working directory. A board is a
folder:

    leaderboards/<board>/board.json               protocol, tasks with their upper bounds, null agents, published numbers
    leaderboards/<board>/<agent>/<task>.json      the result of one agent on one task
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.errors import UsageError, nearest
from hub.leaderboards.models import BoardDocument, BoardTask
from hub.naming import matching
from hub.results.files import read_document, read_result
from hub.results.models import Result

BOARD_FILE = "board.json"


@dataclass(frozen=True, slots=True)
class Board:
    """A committed leaderboard: its folder and what `board.json` says."""

    folder: Path
    document: BoardDocument

    @property
    def name(self) -> str:
        """The board's name: its folder's."""
        return self.folder.name

    def agents(self) -> list[str]:
        """Return the names of the agents with results, in alphabetical order."""
        return sorted(entry.name for entry in self.folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))

    def result_path(self, agent: str, task: BoardTask) -> Path:
        """Return where the result of `agent` on `task` belongs; it need not exist."""
        return self.folder / agent / f"{task.name}.json"

    def results(self) -> Iterator[tuple[Path, Result]]:
        """Yield every committed result with its file, agents in alphabetical order, tasks in the board's.

        Raises:
            DamagedFile: a result cannot be read.
        """
        for agent in self.agents():
            for task in self.document.tasks:
                path = self.result_path(agent, task)
                if path.exists():
                    yield path, read_result(path)

    def results_for(self, kwargs: Mapping[str, Any]) -> list[Result]:
        """Return the committed results on the task with exactly these environment arguments; empty when the board has no such task."""
        paths = [self.result_path(agent, task) for task in self.document.tasks if task.kwargs == dict(kwargs) for agent in self.agents()]
        return [read_result(path) for path in paths if path.exists()]


def read_board(folder: str | os.PathLike[str]) -> Board:
    """Read the board in `folder`. Raises `UsageError` when there is none, `DamagedFile` when its `board.json` is damaged."""
    return Board(Path(folder), read_document(folder, BoardDocument, BOARD_FILE))


def roots() -> list[Path]:
    """Return the existing folders that hold boards, first the one that wins.

    Raises:
        UsageError: `$HUB_LEADERBOARDS` names no folder.
    """
    chosen = os.environ.get("HUB_LEADERBOARDS")
    if chosen:
        if not Path(chosen).is_dir():
            raise UsageError(f"HUB_LEADERBOARDS is {chosen!r}, which is no folder")
        return [Path(chosen)]
    checkout = Path(__file__).resolve().parents[2]
    own = [checkout / "leaderboards"] if (checkout / "pyproject.toml").is_file() else []
    return [root for root in dict.fromkeys([*own, Path("leaderboards").resolve()]) if root.is_dir()]


def boards() -> list[Board]:
    """Return every board there is; of two with the same name, the one in the earlier root."""
    folders: dict[str, Path] = {}
    for root in roots():
        for file in sorted(root.glob(f"*/{BOARD_FILE}")):
            folders.setdefault(file.parent.name, file.parent)
    return [read_board(folder) for folder in folders.values()]


def find_board(env_id: str, protocol: str) -> Board | None:
    """Return the board of an environment under a protocol, of its newest version if there are several; None without one."""
    fitting = [board for board in boards() if (board.document.env, board.document.protocol.name) == (env_id, protocol)]
    return max(fitting, key=lambda board: board.document.protocol.version, default=None)


def get_board(name: str) -> Board:
    """Return the board called `name`, or the one of the environment `name` (an id or its command-line spelling).

    Raises:
        UsageError: there is no such board; the message gives the nearest names.
    """
    known = boards()
    for board in known:
        if name == board.name:
            return board
    meant = matching(name, [board.document.env for board in known])
    fitting = [board for board in known if board.document.env in meant]
    if not fitting:
        near = nearest(name, [board.name for board in known])
        hint = f"did you mean {' or '.join(near)}?" if near else "`hub leaderboard show` lists them"
        raise UsageError(f"unknown leaderboard {name!r}; {hint}")
    return max(fitting, key=lambda board: board.document.protocol.version)
