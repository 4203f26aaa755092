"""With `--json` standard output holds one document, whatever environments print."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gymnasium.envs.classic_control import CartPoleEnv

import hub


@pytest.fixture
def printing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let CartPole print when it is built and when it is reset."""

    def noisy(call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def noise(*args: Any, **kwargs: Any) -> Any:
            print("creak")
            return call(*args, **kwargs)

        return noise

    for name in ("__init__", "reset"):
        monkeypatch.setattr(CartPoleEnv, name, noisy(getattr(CartPoleEnv, name)))


@pytest.mark.parametrize(
    "words",
    [
        ("info", "CartPole-v1"),
        ("verify", "RESULT"),
        ("submit", "RESULT", "--store", "sqlite:///STORE"),
        ("leaderboard", "validate", "BOARD"),
        ("check", "random", "--episodes", "1", "--steps", "5"),
    ],
    ids=lambda words: words[0],
)
def test_nothing_but_the_document_is_on_standard_output(words: tuple[str, ...], printing: None, hub_here: Any, tmp_path: Path) -> None:
    hub.run(agent="random", env="CartPole-v1", episodes=1, out=tmp_path / "run", progress=False)
    places = {"RESULT": str(tmp_path / "run"), "sqlite:///STORE": f"sqlite:///{tmp_path / 'store'}", "BOARD": str(tmp_path / "board")}
    if "BOARD" in words:
        _fill_board(tmp_path / "board", tmp_path / "run" / "result.json")
    _, out, err = hub_here(*(places.get(word, word) for word in words), "--json")
    assert json.loads(out)
    assert "creak" in err


def _fill_board(folder: Path, result: Path) -> None:
    (folder / "random").mkdir(parents=True)
    (folder / "random" / "00.json").write_bytes(result.read_bytes())
    protocol = json.loads(result.read_text())["protocol"]
    tasks = [{"name": "00", "kwargs": {}}]
    board = {"schema": "hub/board/1", "env": "CartPole-v1", "protocol": protocol, "tasks": tasks, "null_agents": ["random"]}
    (folder / "board.json").write_text(json.dumps(board))
