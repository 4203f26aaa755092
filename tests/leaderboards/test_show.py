"""`hub leaderboard show`: committed results and submissions in one ranking."""

from __future__ import annotations

import json

import pytest

from hub.cli import main
from hub.leaderboards.boards import Board
from hub.leaderboards.filling import write_board


def show_json(capsys, *words):
    assert main(["leaderboard", "show", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def run(folder, *words):
    main(["run", "--agent", "constant", "--env", "CartPole-v1", "--episodes", "10", "--out", str(folder), "--json", *words])


def test_json_holds_ranks_intervals_and_sources(board, capsys):
    found = show_json(capsys, "CartPole-v1")
    assert (found["board"], found["env"], found["tasks"], found["normalised"]) == ("poles", "CartPole-v1", 2, False)
    assert [row["agent"] for row in found["rows"]] == ["random", "constant"]
    for row in found["rows"]:
        assert row["score"]["ci_low"] <= row["score"]["iqm"] <= row["score"]["ci_high"]
        assert (row["source"], row["tasks"], row["runs"], row["episodes"]) == ("board", 2, 2, 20)
        assert any(version.startswith("gymnasium ") for version in row["versions"])
    assert [row["null"] for row in found["rows"]] == [False, True]
    assert found["published"] == [{"agent": "textbook", "score": 500.0, "unit": "mean return", "source": "a book, table 1"}]


def test_table_shows_null_agents_and_sets_published_numbers_apart(board, capsys):
    assert main(["leaderboard", "show", "poles"]) == 0
    shown = capsys.readouterr().out
    assert "constant (null)" in shown
    assert shown.index("random") < shown.index("published (as printed, not measured here)") < shown.index("textbook")


def test_bounds_normalise(board, capsys):
    tasks = [task.model_copy(update={"upper_bound": bound}) for task, bound in zip(board.document.tasks, (500.0, 0.0), strict=True)]
    write_board(Board(board.folder, board.document.model_copy(update={"tasks": tasks})))
    found = show_json(capsys, "poles")
    assert (found["normalised"], found["upper_bound"]) == (True, 250.0)
    by_agent = {row["agent"]: row for row in found["rows"]}
    assert by_agent["constant"]["score"]["iqm"] == pytest.approx(0.0)
    assert 0 < by_agent["random"]["normalised_mean"] < 100
    main(["leaderboard", "show", "poles"])
    assert "upper bound" in capsys.readouterr().out


def test_submissions_join_the_ranking(board, tmp_path, capsys):
    for task in ("false", "true"):
        arguments = ["--env-arg", "sutton_barto_reward=true"] if task == "true" else []
        run(tmp_path / task, "--agent-arg", "action=1", *arguments)
        assert main(["submit", str(tmp_path / task)]) == 0
    capsys.readouterr()
    found = show_json(capsys, "cartpole")
    assert {(row["agent"], row["source"]) for row in found["rows"]} == {
        ("random", "board"),
        ("constant", "board"),
        ("constant (action=1, store)", "store"),
    }
    assert {row["rank"] for row in found["rows"]} <= {1, 2, 3}


def test_submission_of_a_committed_result_is_shown_once(board, capsys):
    main(["submit", str(board.folder / "random" / "00.json")])
    capsys.readouterr()
    assert sum(row["runs"] for row in show_json(capsys, "poles")["rows"]) == 4


def test_what_does_not_count_is_said(board, tmp_path, capsys):
    url = f"sqlite:///{tmp_path / 's.sqlite'}"
    run(tmp_path / "short", "--episodes", "3")
    run(tmp_path / "half", "--agent-arg", "action=1")
    for folder in ("short", "half"):
        assert main(["submit", str(tmp_path / folder), "--store", url]) == 0
    capsys.readouterr()
    found = show_json(capsys, "poles", "--store", url)
    assert found["uncounted"] == {"its protocol's episodes is 3, the board's is 10": 1}
    assert found["incomplete"] == [{"agent": "constant (action=1, store)", "source": "store", "tasks": 1}]
    main(["leaderboard", "show", "poles", "--store", url])
    shown = " ".join(capsys.readouterr().out.split())
    assert "not counted: 1 result: its protocol's episodes is 3" in shown
    assert "not ranked: constant (action=1, store) (store) played 1 of 2 tasks" in shown


def test_environment_without_a_board_is_ranked_from_the_store(boards, tmp_path, capsys):
    main(["run", "--agent", "random", "--env", "Acrobot-v1", "--episodes", "2", "--out", str(tmp_path / "a"), "--json"])
    assert main(["submit", str(tmp_path / "a")]) == 0
    capsys.readouterr()
    found = show_json(capsys, "acrobot")
    assert (found["board"], [row["agent"] for row in found["rows"]]) == ("Acrobot-v1", ["random"])


def test_unknown_board_is_a_users_mistake(board, capsys):
    assert main(["leaderboard", "show", "polls"]) == 2
    assert "unknown leaderboard 'polls'; did you mean poles?" in capsys.readouterr().err


def test_store_that_cannot_be_reached_is_one_clear_line(board, capsys):
    assert main(["leaderboard", "show", "poles", "--store", "nonsense"]) == 2
    assert "must be a database URL" in capsys.readouterr().err
