"""Agents that only demonstrate: what they leave says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import hub
from hub.environments import describe
from hub.results.files import read_result

Hub = Callable[..., tuple[int, str, str]]
PARROT = ("--agent", "parrot", "--env", "lab-walk", "--episodes", "2")
WHY = "its replies come from a book"


def test_what_an_agent_says_once_it_is_built_reaches_the_result_and_the_table(hub_here: Hub, tmp_path: Path) -> None:
    code, out, _ = hub_here("run", *PARROT, "--agent-arg", "script=a book", "--out", tmp_path / "run")
    assert code == 0
    assert "parrot (demonstration)" in " ".join(out.split())
    assert f"demonstration, for no leaderboard: {WHY}" in out
    assert read_result(tmp_path / "run").agent.demonstration == WHY
    assert "finished before" in hub_here("run", *PARROT, "--agent-arg", "script=a book", "--out", tmp_path / "run")[1]
    again = json.loads(hub_here("eval", "--weights", tmp_path / "run" / "agent", "--episodes", "2", "--out", tmp_path / "a", "--json")[1])
    assert again["agent"]["demonstration"] == WHY
    out = hub_here("compare", tmp_path / "run", tmp_path / "a", "--json")[1]
    assert [side["label"] for side in json.loads(out)["results"]] == ["parrot (demonstration) (run)", "parrot (demonstration) (a)"]


def test_other_results_and_agents_keep_their_bytes(hub_here: Hub, tmp_path: Path) -> None:
    assert hub_here("run", *PARROT, "--out", tmp_path)[0] == 0
    assert read_result(tmp_path).agent.demonstration is None
    assert "demonstration" not in (tmp_path / "result.json").read_text()
    assert "demonstration" not in (tmp_path / "agent" / "agent.json").read_text()


def test_agent_objects_say_it_too() -> None:
    class Puppet(hub.Agent):
        demonstration = "strings"

        def act(self, observations: Any, slots: np.ndarray) -> Any:
            return np.ones(len(slots), np.int64)

    assert hub.evaluate(Puppet(describe("lab-walk", {"longest": 5})), episodes=1).agent.demonstration == "strings"
