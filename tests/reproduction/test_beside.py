"""What a protocol shows beside the score stands in every table: of a run, a comparison, a leaderboard and a reproduction's page."""

from __future__ import annotations

import json

import numpy as np
import pytest

import hub
from hub.leaderboards.boards import read_board
from hub.plugins.descriptions import FaultyError, checked
from hub.reproduction.page import page
from hub.results.files import read_result
from hub.results.models import ProtocolRecord
from hub.specs import PaperSpec

from .made import declared, document

TITLE = "beside the score"


@pytest.fixture(scope="module")
def board(workshop, tmp_path_factory):
    """A board of the lessons, filled by two throwers."""
    from hub import cli

    folder = tmp_path_factory.mktemp("boards")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_LEADERBOARDS", str(folder))
        patch.chdir(folder)
        for aim in ("0", "2"):
            words = ["leaderboard", "run", "lessons", "--agent", "thrower", "--agent-arg", f"aim={aim}", "--out", str(folder / aim)]
            assert cli.main(words) == 0
    return folder


@pytest.fixture
def results(board, monkeypatch, tmp_path):
    monkeypatch.setenv("HUB_LEADERBOARDS", str(board))
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return [str(board / aim / "thrower" / "00.json") for aim in ("0", "2")]


def misses(path):
    return float(np.mean([episode.metrics["misses"] for episode in read_result(path).episodes]))


def test_results_and_boards_record_it(results, board):
    assert read_result(results[0]).protocol.beside == ["misses"]
    assert read_board(board / "0").document.protocol.beside == ["misses"]


def test_a_protocol_without_it_is_written_as_before():
    assert "beside" not in ProtocolRecord(name="darts", version=1, episodes=6).model_dump()


def test_a_run_shows_it_in_eighty_columns(results, hub_here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = hub_here("run", "--agent", "thrower", "--env", "workshop-lessons", "--agent-arg", "aim=2", "--out", "own")
    assert code == 0
    table = out[out.index(TITLE) :]
    assert "misses" in table
    assert f"{misses('own/result.json'):.4g} (" in table


def test_a_comparison_shows_it(results, hub_here):
    code, out, _ = hub_here("compare", *results)
    assert (code, TITLE in out) == (0, True)
    sides = json.loads(hub_here("compare", *results, "--json")[1])["results"]
    for side, path in zip(sides, results, strict=True):
        found = side["beside"]["misses"]
        assert found["mean"] == pytest.approx(misses(path))
        assert found["ci_low"] <= found["mean"] <= found["ci_high"]


def test_a_leaderboard_shows_it(results, hub_here, monkeypatch, board):
    monkeypatch.setenv("HUB_LEADERBOARDS", str(board))
    code, out, _ = hub_here("leaderboard", "show", "2")
    assert code == 0
    assert TITLE in out
    (row,) = json.loads(hub_here("leaderboard", "show", "2", "--json")[1])["rows"]
    assert row["beside"]["misses"]["mean"] == pytest.approx(misses(results[1]))


def test_a_page_shows_it_after_the_score_with_its_interval_over_tasks():
    made = document({"one": {"ours": np.ones((2, 3)), "other": np.zeros((2, 3))}})
    protocol = made.studies[0].protocol.model_copy(update={"beside": ["misses"]})
    runs = [run.model_copy(update={"metrics": {"points": 1.0, "misses": float(task)}}) for task, run in enumerate(made.runs[:3], start=1)]
    studies = [made.studies[0].model_copy(update={"protocol": protocol})]
    made = made.model_copy(update={"studies": studies, "runs": [*runs, *made.runs[3:]]})
    paper = PaperSpec(name="darts", title="On Darts", authors="A. Thrower", year=2025, url="https://example.org")
    lines = page(paper, declared(), [made]).splitlines()
    assert "| entrant |  | mean | IQM (95 % interval) | misses | over other | decisions per CPU-s | trained (steps, CPU-s) |" in lines
    assert any(line.startswith("| ours |") and "| 2 (-0.4841 to 4.484) |" in line for line in lines)
    assert any(line.startswith("What the protocol shows beside the score") for line in lines)


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        (("speed",), "beside names 'speed', which is none of its metrics"),
        (("points",), "beside names 'points', which tables show already"),
        (("misses", "misses"), "beside names 'misses', which tables show already"),
    ],
)
def test_what_cannot_stand_beside_the_score_is_refused(beside, said):
    spec = hub.EnvironmentSpec(id="darts/Darts-v0", entry_point="darts:Darts")
    protocol = hub.ProtocolSpec(name="darts", env=spec.id, metric="points", metrics={"points": "mean", "misses": "sum"}, beside=beside)
    returned = {"environments": [spec], "agents": [], "protocols": [protocol], "papers": [], "datasets": []}
    with pytest.raises(FaultyError, match=said):
        checked("darts", returned)
