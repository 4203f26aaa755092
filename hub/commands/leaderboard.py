"""Show, check and fill leaderboards.

A leaderboard is a folder of results made under one protocol, committed and reviewable, to which the store of submissions is added when it
is shown. `show` without a name lists what there is.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="rank agents in tie groups, with intervals", allow_abbrev=False)
    show.add_argument("board", nargs="?", metavar="BOARD", help="board or environment; every board is listed when left out")
    show.add_argument("--store", metavar="URL", help="where submissions are (default: hub's own store, if anything was submitted there)")
    show.add_argument("--json", action="store_true", help="print one JSON document")
    validate = actions.add_parser("validate", help="check every committed file by schema and by replay", allow_abbrev=False)
    validate.add_argument(
        "path", nargs="?", type=Path, metavar="PATH", help="a board or a folder of boards (default: every board in reach)"
    )
    validate.add_argument("--json", action="store_true", help="print one JSON document")
    fill = actions.add_parser(
        "run", help="train and evaluate an agent on each task and keep the results in the board's layout", allow_abbrev=False
    )
    fill.add_argument("board", metavar="BOARD", help="board, environment or protocol")
    fill.add_argument("--agent", required=True, metavar="NAME", help="the agent")
    fill.add_argument(
        "--agent-arg", action="append", default=[], metavar="KEY=VALUE", help="setting of the agent; may be given several times"
    )
    fill.add_argument("--tasks", metavar="FIRST-LAST", help="tasks by number, from 0, e.g. 0-4 or 7 (default: all)")
    fill.add_argument("--train-steps", type=int, metavar="T", help="training steps for each task (default: the agent's own)")
    fill.add_argument("--seed", type=int, default=0, metavar="S", help="the agent's seed (default: 0)")
    fill.add_argument("--out", type=Path, metavar="DIR", help="board folder to write to (default: the board's own)")
    bound = actions.add_parser("bound", help="compute the upper bound of each task and write board.json", allow_abbrev=False)
    bound.add_argument("board", metavar="BOARD", help="board, environment or protocol")
    bound.add_argument("--out", type=Path, metavar="DIR", help="board folder to write to (default: the board's own)")


def run(arguments: Namespace) -> int:
    """Do what was asked and return the exit code: 1 when `validate` finds a fault."""
    return {"show": _show, "validate": _validate, "run": _fill, "bound": _bound}[arguments.action](arguments)


def _show(arguments: Namespace) -> int:
    import json

    from hub.leaderboards.boards import boards
    from hub.leaderboards.standings import as_json, standings
    from hub.leaderboards.store import existing_default
    from hub.leaderboards.table import print_boards, print_standings

    if arguments.board is None:
        known = boards()
        if arguments.json:
            print(json.dumps([{"board": board.name, "env": board.document.env, "agents": board.agents()} for board in known]))
        else:
            print_boards(known)
        return 0
    table = standings(arguments.board, arguments.store or existing_default())
    if arguments.json:
        print(json.dumps(as_json(table)))
    else:
        print_standings(table)
    return 0


def _validate(arguments: Namespace) -> int:
    import json

    from rich.console import Console
    from rich.progress import track

    from hub.leaderboards.validation import board_folders, check_board, files_of
    from hub.running.options import reserved_output

    folders = board_folders(arguments.path)
    total = sum(len(files_of(folder)) for folder in folders)
    with reserved_output(arguments.json) as output:
        findings = (finding for folder in folders for finding in check_board(folder))
        checked = list(track(findings, "replaying", total=total, console=Console(stderr=True), transient=True))
        faulty = [finding for finding in checked if finding.faults]
        if arguments.json:
            print(json.dumps({"files": len(checked), "faulty": {str(finding.path): finding.faults for finding in faulty}}), file=output)
    if not arguments.json:
        for finding in faulty:
            for fault in finding.faults:
                print(f"{finding.path}: {fault}")
        print(f"{len(checked)} files checked, {len(faulty)} at fault" if faulty else f"{len(checked)} files checked, all confirmed")
    return 1 if faulty else 0


def _fill(arguments: Namespace) -> int:
    from hub.leaderboards.filling import fill, open_board, task_range

    board = open_board(arguments.board, arguments.out)
    tasks = task_range(arguments.tasks, board.document)
    for path, fresh in fill(board, arguments.agent, arguments.agent_arg, tasks, seed=arguments.seed, train_steps=arguments.train_steps):
        print(f"{'wrote' if fresh else 'kept'} {path}")
    return 0


def _bound(arguments: Namespace) -> int:
    from rich.console import Console
    from rich.progress import track

    from hub.leaderboards.filling import open_board, write_bounds

    board = open_board(arguments.board, arguments.out)
    filled = write_bounds(board, lambda tasks: track(tasks, "bounding", console=Console(stderr=True), transient=True))
    for task in filled.document.tasks:
        print(f"{task.name}: {task.upper_bound:.6g}")
    print(f"wrote {filled.folder / 'board.json'}")
    return 0
