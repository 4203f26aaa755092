"""A board of two CartPole tasks, filled by real runs, and a store of its own."""

from __future__ import annotations

import shutil

import pytest

from hub.cli import main
from hub.leaderboards.boards import Board, read_board
from hub.leaderboards.filling import write_board
from hub.leaderboards.models import BoardDocument, BoardTask, Published
from hub.registry import find_environment
from hub.running.orders import choose_protocol, protocol_of

EPISODES = 10


def board_document():
    return BoardDocument(
        env="CartPole-v1",
        protocol=protocol_of(choose_protocol(find_environment("CartPole-v1")), EPISODES, "fixed"),
        tasks=[BoardTask(name="00", kwargs={}), BoardTask(name="01", kwargs={"sutton_barto_reward": True})],
        null_agents=["constant"],
        published=[Published(agent="textbook", score=500.0, unit="mean return", source="a book, table 1")],
    )


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """Folder of boards with one board, `poles`, filled once with two agents."""
    folder = tmp_path_factory.mktemp("filled")
    board = Board(folder / "boards" / "poles", board_document())
    write_board(board)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("HUB_LEADERBOARDS", str(folder / "boards"))
        for agent in ("random", "constant"):
            assert main(["leaderboard", "run", "poles", "--agent", agent]) == 0
    return folder


@pytest.fixture
def boards(filled, tmp_path, monkeypatch):
    """A copy of the filled boards that the command line finds; the store is a fresh one."""
    shutil.copytree(filled / "boards", tmp_path / "boards")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_LEADERBOARDS", str(tmp_path / "boards"))
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    return tmp_path / "boards"


@pytest.fixture
def board(boards):
    return read_board(boards / "poles")
