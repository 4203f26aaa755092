"""Making a board: its `board.json` from the environment's protocol, its upper bounds, and the results of an agent on its tasks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from hub.checkpoints import agent_class
from hub.environments import make
from hub.errors import BrokenPlugin, HubError, UsageError
from hub.files import write_atomically
from hub.leaderboards.boards import BOARD_FILE, Board, get_board, read_board, roots
from hub.leaderboards.entries import obstacle
from hub.leaderboards.models import BoardDocument, BoardTask, BoundRecord
from hub.loading import load, one_line
from hub.registry import Found, find_agent, find_protocol
from hub.results.files import canonical_bytes, read_result, write_result
from hub.results.models import Result
from hub.running.orders import protocol_of, typed
from hub.running.run import run
from hub.specs import ProtocolSpec


def open_board(name: str, folder: Path | None) -> Board:
    """Return the board to be filled; its `board.json` is written from the protocol if there is none yet.

    Args:
        name: of a board, an environment or a protocol.
        folder: the board's folder; where the board called `name` is, or `leaderboards/PROTOCOL` when None.

    Raises:
        UsageError: there is neither such a board nor such a protocol.
    """
    if folder is not None and (folder / BOARD_FILE).exists():
        return read_board(folder)
    try:
        known = get_board(name)
    except UsageError as unknown:
        found = find_protocol(name)
        if found is None:
            raise UsageError(f"{unknown}; and no protocol has that name (`hub list protocols`)") from unknown
        known = Board((roots() or [Path("leaderboards")])[0] / found.spec.name, document_of(found.spec))
    board = known if folder is None else Board(folder, known.document)
    if not (board.folder / BOARD_FILE).exists():
        write_board(board)
    return board


def document_of(spec: ProtocolSpec) -> BoardDocument:
    """Return the `board.json` of a protocol, without upper bounds and published numbers."""
    return BoardDocument(
        env=spec.env,
        protocol=protocol_of(spec, None, "fixed"),
        train_steps=spec.train_steps,
        tasks=[BoardTask(name=f"{number:02d}", kwargs=kwargs) for number, kwargs in enumerate(spec.tasks)],
        null_agents=list(spec.null_agents),
    )


def write_board(board: Board) -> None:
    """Write `board.json`, whole or not at all."""
    write_atomically(board.folder / BOARD_FILE, canonical_bytes(board.document))


def write_bounds(board: Board, each: Callable[[Sequence[BoardTask]], Iterable[BoardTask]] = iter) -> Board:
    """Compute the upper bound of every task with the protocol's function and write them to `board.json`.

    Args:
        board: the board.
        each: goes through the tasks; a progress bar may come in here.

    Raises:
        UsageError: the board's protocol has no such function, or is not the one that is installed.
        BrokenPlugin: the function raises or returns no number.
    """
    found = protocol_behind(board.document)
    if found.spec.upper_bound is None:
        raise UsageError(f"protocol {found.spec.name} states no upper bound")
    tasks = [task.model_copy(update={"upper_bound": upper_bound(found.spec, task)}) for task in each(board.document.tasks)]
    record = BoundRecord(function=found.spec.upper_bound, distribution=found.plugin.distribution, version=found.plugin.version)
    filled = Board(board.folder, board.document.model_copy(update={"tasks": tasks, "bound": record}))
    write_board(filled)
    return filled


def protocol_behind(document: BoardDocument) -> Found[ProtocolSpec]:
    """Return the installed protocol that a board was made under.

    Raises:
        UsageError: it is not installed, or in another version.
    """
    found = find_protocol(document.protocol.name)
    if found is None:
        raise UsageError(f"protocol {document.protocol.name} is not installed (`hub list protocols` shows what is)")
    expected = document_of(found.spec)
    same = (expected.env, expected.protocol, [task.kwargs for task in expected.tasks])
    if same != (document.env, document.protocol, [task.kwargs for task in document.tasks]):
        raise UsageError(
            f"the installed protocol {found.spec.name} v{found.spec.version} is not what the board was made under"
            f" (v{document.protocol.version}); make a new board for it"
        )
    return found


def upper_bound(spec: ProtocolSpec, task: BoardTask) -> float:
    """Return what the protocol's function says of a task. Raises `BrokenPlugin` when it raises or returns no number."""
    entry_point = str(spec.upper_bound)
    function = load(entry_point)
    environment = make(spec.env, **task.kwargs)
    try:
        value = float(function(environment))  # type: ignore[operator]
    except HubError:
        raise
    except Exception as error:
        raise BrokenPlugin(f"{entry_point} failed on task {task.name} of {spec.env}: {type(error).__name__}: {one_line(error)}") from error
    finally:
        environment.close()
    if not math.isfinite(value):
        raise BrokenPlugin(f"{entry_point} returned {value} on task {task.name} of {spec.env}; it must return a finite number")
    return value


def task_range(text: str | None, document: BoardDocument) -> list[BoardTask]:
    """Return the tasks that `text` names by number, e.g. `0-4`, `7` or `0-4,7`; all when None.

    Raises:
        UsageError: it is not of that form, or names tasks that the board does not have.
    """
    if text is None:
        return list(document.tasks)
    last = len(document.tasks) - 1
    chosen: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part.strip())
        first, end = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if not first <= end <= last:
            raise UsageError(
                f"--tasks {text!r} does not name tasks of this board: give numbers from 0 to {last}, e.g. 0-{last} or 0,{last}"
            )
        chosen += range(first, end + 1)
    return [document.tasks[number] for number in dict.fromkeys(chosen)]


def fill(
    board: Board, agent: str, settings: Sequence[str], tasks: Sequence[BoardTask], *, seed: int, train_steps: int | None
) -> Iterator[tuple[Path, bool]]:
    """Train and evaluate an agent on each task and keep the results on the board; what is there already is not run again.

    An interrupted task goes on where it stopped: its journal is in `runs/BOARD/AGENT/TASK`.

    Args:
        board: the board.
        agent: the agent's name.
        settings: `key=value` texts.
        tasks: which tasks.
        seed: the agent's seed.
        train_steps: training steps for each task; the agent's own default when None.

    Yields:
        the file of each task's result, and whether it was made now.

    Raises:
        UsageError: a name or value that cannot be, or the board holds results of this agent under other settings.
    """
    found = find_agent(agent)
    arguments = typed(settings, agent_class(found), f"agent {found.spec.name}")
    for task in tasks:
        path = board.result_path(found.spec.name, task)
        if path.exists():
            _require_same(read_result(path), arguments, seed, path)
            yield path, False
            continue
        result = run(
            agent=agent,
            env=board.document.env,
            episodes=board.document.protocol.episodes,
            eval_seeds=board.document.protocol.seeds,
            protocol=board.document.protocol.name,
            env_args=task.kwargs,
            agent_args=arguments,
            seed=seed,
            train_steps=train_steps,
            out=Path("runs") / board.name / found.spec.name / task.name,
        )
        reason = obstacle(board.document, result)
        if reason is not None:
            raise HubError(f"the result of {found.spec.name} on task {task.name} cannot count on {board.name}: {reason}")
        write_result(result, path)
        yield path, True


def _require_same(result: Result, arguments: dict[str, object], seed: int, path: Path) -> None:
    differing = [key for key, value in arguments.items() if result.agent.config.get(key) != value]
    if differing or result.agent.seed != seed:
        what = f"{differing[0]}={result.agent.config.get(differing[0])!r}" if differing else f"seed {result.agent.seed}"
        raise UsageError(f"{path} was made with {what}; remove it to replace it, or fill another board with --out")
