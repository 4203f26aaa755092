"""Finding boards, and filling them from the command line."""

from __future__ import annotations

import json

import pytest

from hub.cli import main
from hub.errors import DamagedFile, UsageError
from hub.leaderboards.boards import Board, find_board, get_board, read_board
from hub.leaderboards.boards import boards as known_boards
from hub.leaderboards.filling import document_of, task_range, write_board
from hub.registry import find_protocol
from hub.results.files import canonical_bytes, read_result


def test_board_is_found_by_the_environments_id(board):
    assert find_board("CartPole-v1", "standard") == board
    assert find_board("Acrobot-v1", "standard") is None


@pytest.mark.parametrize("name", ["poles", "CartPole-v1", "cartpole", "cartpole-v1"])
def test_board_is_found_by_name_or_environment(board, name):
    assert get_board(name) == board


def test_unknown_board_gets_the_nearest_name(board):
    with pytest.raises(UsageError, match="unknown leaderboard 'pole'; did you mean poles"):
        get_board("pole")


def test_results_are_found_by_the_tasks_arguments(board):
    assert [result.agent.name for result in board.results_for({})] == ["constant", "random"]
    assert {str(result.env.kwargs) for result in board.results_for({"sutton_barto_reward": True})} == {"{'sutton_barto_reward': True}"}
    assert board.results_for({"sutton_barto_reward": False}) == []


def test_boards_come_from_the_working_directory_too(filled, tmp_path, monkeypatch):
    (tmp_path / "leaderboards").symlink_to(filled / "boards")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HUB_LEADERBOARDS", raising=False)
    assert "poles" in [board.name for board in known_boards()]


def test_missing_folder_of_boards_is_a_users_mistake(monkeypatch, tmp_path):
    monkeypatch.setenv("HUB_LEADERBOARDS", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="HUB_LEADERBOARDS"):
        find_board("CartPole-v1", "standard")


def test_damaged_board_is_named(boards):
    (boards / "poles" / "board.json").write_text('{"schema": "hub/board/1", "env": 3}')
    with pytest.raises(DamagedFile, match=r"board\.json is damaged: field 'env'"):
        find_board("CartPole-v1", "standard")


def test_listing_names_every_board(board, capsys):
    assert main(["leaderboard", "show", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"board": "poles", "env": "CartPole-v1", "agents": ["constant", "random"]} in listed
    assert main(["leaderboard", "show"]) == 0
    assert "poles" in capsys.readouterr().out


def test_filling_keeps_what_is_there(board, capsys):
    path = board.folder / "random" / "01.json"
    before = path.read_bytes()
    (board.folder / "random" / "00.json").unlink()
    assert main(["leaderboard", "run", "poles", "--agent", "random"]) == 0
    shown = capsys.readouterr().out
    assert f"wrote {board.folder / 'random' / '00.json'}" in shown
    assert f"kept {path}" in shown
    assert path.read_bytes() == before


def test_filling_another_folder_leaves_the_board_alone(board, tmp_path, capsys):
    words = [
        "leaderboard",
        "run",
        "poles",
        "--agent",
        "constant",
        "--agent-arg",
        "action=1",
        "--tasks",
        "1",
        "--seed",
        "4",
        "--out",
        "mine",
    ]
    assert main(words) == 0
    assert sorted(str(file.relative_to(tmp_path / "mine")) for file in (tmp_path / "mine").rglob("*.json")) == [
        "board.json",
        "constant/01.json",
    ]
    result = read_result(tmp_path / "mine" / "constant" / "01.json")
    assert (result.agent.seed, result.agent.config["action"], result.env.kwargs) == (4, 1, {"sutton_barto_reward": True})
    assert read_board(tmp_path / "mine").document == board.document


def test_training_steps_reach_the_agent(board, capsys):
    assert main(["leaderboard", "run", "poles", "--agent", "random", "--train-steps", "10", "--out", "mine"]) == 2
    assert "does not learn" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--agent", "random", "--seed", "3"], "was made with seed 0; remove it to replace it"),
        (["--agent", "constant", "--agent-arg", "action=1"], "was made with action=None"),
        (["--agent", "randon"], "did you mean random"),
        (["--agent", "random", "--tasks", "0-2"], "give numbers from 0 to 1"),
        (["--agent", "random", "--tasks", "one"], "does not name tasks of this board"),
    ],
)
def test_mistakes_in_filling_are_explained(board, capsys, words, message):
    assert main(["leaderboard", "run", "poles", *words]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(("text", "expected"), [(None, [0, 1]), ("1", [1]), ("0-1", [0, 1]), ("1,0", [1, 0]), ("0,0-1", [0, 1])])
def test_tasks_are_chosen_by_number(board, text, expected):
    assert task_range(text, board.document) == [board.document.tasks[number] for number in expected]


def test_board_without_name_or_protocol_is_unknown(board, capsys):
    assert main(["leaderboard", "bound", "Acrobot-v1"]) == 2
    assert "no protocol has that name" in capsys.readouterr().err


def test_board_of_no_registered_protocol_has_no_bound(board, capsys):
    assert main(["leaderboard", "bound", "poles"]) == 2
    assert "protocol standard is not installed" in capsys.readouterr().err


def test_bounds_make_a_board_out_of_a_protocol(boards, capsys):
    assert main(["leaderboard", "bound", "cormab-matching"]) == 0
    board = read_board(boards / "cormab-matching")
    spec = find_protocol("cormab-matching").spec
    assert [task.kwargs for task in board.document.tasks] == list(spec.tasks)
    assert all(task.upper_bound is not None and task.upper_bound > 0 for task in board.document.tasks)
    assert board.document.bound.function == spec.upper_bound
    unbounded = document_of(spec).model_dump(exclude={"tasks", "bound"})
    assert board.document.model_dump(exclude={"tasks", "bound"}) == unbounded
    assert f"wrote {board.folder / 'board.json'}" in capsys.readouterr().out

    first, *others = board.document.tasks
    lowered = first.model_copy(update={"upper_bound": first.upper_bound * 0.9})
    write_board(Board(board.folder, board.document.model_copy(update={"tasks": [lowered, *others]})))
    assert main(["leaderboard", "validate", str(board.folder)]) == 1
    shown = capsys.readouterr().out
    assert f"the upper bound of task 00 is {lowered.upper_bound}, computed again it is" in shown
    assert "the upper bound of task 01" not in shown


def test_bounds_of_another_protocol_are_refused(boards, capsys):
    path = boards / "cormab-matching" / "board.json"
    path.parent.mkdir()
    document = document_of(find_protocol("cormab-matching").spec)
    older = document.model_copy(update={"protocol": document.protocol.model_copy(update={"version": 99})})
    path.write_bytes(canonical_bytes(older))
    assert main(["leaderboard", "bound", "cormab-matching"]) == 2
    assert "is not what the board was made under (v99)" in capsys.readouterr().err
