"""`hub leaderboard validate` names every file that is not what it claims to be."""

from __future__ import annotations

import json
import shutil

import pytest

from hub.cli import main
from hub.leaderboards.boards import Board
from hub.leaderboards.filling import write_board
from hub.leaderboards.models import BoundRecord
from hub.results.files import read_result, write_result


def faults(capsys, *words):
    code = main(["leaderboard", "validate", *words, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert code == (1 if found["faulty"] else 0)
    return {path.rpartition("poles/")[2]: " / ".join(texts) for path, texts in found["faulty"].items()}


def test_filled_board_is_confirmed(board, boards, capsys):
    assert main(["leaderboard", "validate", str(boards)]) == 0
    assert capsys.readouterr().out == "5 files checked, all confirmed\n"
    assert faults(capsys, str(board.folder)) == {}
    assert faults(capsys) == {}


def test_edited_episode_is_caught_by_replay(board, boards, capsys):
    path = board.folder / "random" / "01.json"
    result = read_result(path)
    better = result.episodes[4].model_copy(update={"return_": 500.0})
    write_result(result.model_copy(update={"episodes": [*result.episodes[:4], better, *result.episodes[5:]]}), path)
    assert main(["leaderboard", "validate", str(boards)]) == 1
    shown = capsys.readouterr().out
    assert f"{path}: refuted: " in shown
    assert "episode 4" in shown
    assert "5 files checked, 1 at fault" in shown


def edit_text(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def truncate(folder):
    path = folder / "random" / "00.json"
    path.write_bytes(path.read_bytes()[:-9])


def exchange(folder):
    shutil.copy(folder / "random" / "00.json", folder / "random" / "01.json")


def rename_agent(folder):
    (folder / "random").rename(folder / "genius")


def drop_null(folder):
    (folder / "constant" / "01.json").unlink()


def demonstrate(folder):
    edit_text(folder / "random" / "00.json", '"weights_sha256": null', '"weights_sha256": null, "demonstration": "it is scripted"')


@pytest.mark.parametrize(
    ("change", "file", "message"),
    [
        (demonstrate, "random/00.json", "its agent random only demonstrates: it is scripted"),
        (truncate, "random/00.json", "was it cut short"),
        (exchange, "random/01.json", "its environment arguments are {}"),
        (rename_agent, "genius/00.json", "its agent is 'random' and its folder 'genius'"),
        (drop_null, "board.json", "null agent 'constant' has no result on 1 tasks: 01"),
        (lambda folder: (folder / "random" / "02.json").write_text("{}"), "random/02.json", "out of place"),
        (lambda folder: (folder / "notes.txt").write_text("hello"), "notes.txt", "out of place"),
        (lambda folder: edit_text(folder / "random" / "00.json", ": 0", ":  0"), "random/00.json", "not in canonical form"),
        (lambda folder: edit_text(folder / "board.json", "CartPole-v1", "CartPole-v2"), "random/00.json", "its environment is CartPole-v1"),
        (lambda folder: edit_text(folder / "board.json", '"01"', '"00"'), "board.json", "task '00' is listed twice"),
        (lambda folder: edit_text(folder / "board.json", '"tasks"', '"tusks"'), "board.json", "field 'tasks': field required"),
        (lambda folder: edit_text(folder / "board.json", "board/1", "board/2"), "board.json", "this hub reads 'hub/board/1'"),
    ],
)
def test_faults_are_found_where_they_are(board, capsys, change, file, message):
    change(board.folder)
    assert message in faults(capsys)[file]


def test_bounds_without_a_source_are_at_fault(board, capsys):
    tasks = [task.model_copy(update={"upper_bound": 1.0}) for task in board.document.tasks]
    write_board(Board(board.folder, board.document.model_copy(update={"tasks": tasks})))
    assert "the upper bounds of tasks 00, 01 have no source" in faults(capsys)["board.json"]


def test_bounds_of_an_unknown_protocol_cannot_be_checked(board, capsys):
    source = BoundRecord(function="a:b", distribution="a", version="1")
    write_board(Board(board.folder, board.document.model_copy(update={"bound": source})))
    assert "its upper bounds cannot be checked" in faults(capsys)["board.json"]


def test_readme_and_hidden_files_are_no_results(board, capsys):
    (board.folder / "README.md").write_text("about this board")
    (board.folder / ".keep").write_text("")
    assert faults(capsys) == {}


def test_folder_without_boards_is_a_users_mistake(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["leaderboard", "validate", str(tmp_path / "empty")]) == 2
    assert "a board is a folder with a board.json" in capsys.readouterr().err
