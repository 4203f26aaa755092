"""`hub reproduce` from beginning to end, on the workshop's games of darts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import jsonschema
import pytest

from hub.results.files import read_result
from hub.results.schema import FOLDER

RUNS = "runs/reproduce/darts"


@pytest.fixture
def folder(reproduced, tmp_path, monkeypatch):
    """A copy of what was reproduced, to be worked in."""
    shutil.copytree(reproduced, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".sqlite"}


def data(folder, budget="small"):
    return json.loads((folder / f"reproductions/darts/{budget}.json").read_text())


def test_every_entrant_plays_every_task_on_the_same_seeds(reproduced):
    found = data(reproduced)
    assert [(study["name"], len(study["tasks"])) for study in found["studies"]] == [("near", 3), ("far", 1)]
    assert len(found["runs"]) == 12
    assert {len(run["scores"]) for run in found["runs"]} == {6, 4}
    seeds = {
        tuple(episode.seed for episode in read_result(reproduced / RUNS / "small/near" / task / label).episodes)
        for task in ("00", "01", "02")
        for label in ("strong", "thrower", "idle")
    }
    assert len(seeds) == 1
    assert {(run["task"], run["agent"]["seed"]) for run in found["runs"]} == {("00", 0), ("01", 1), ("02", 2)}


def test_the_data_file_says_what_the_runs_left(reproduced):
    found = data(reproduced)
    jsonschema.validate(found, json.loads((FOLDER / "reproduction-1.json").read_text()))
    run = next(run for run in found["runs"] if (run["study"], run["task"], run["entrant"]) == ("near", "01", "strong"))
    result = read_result(reproduced / RUNS / "small/near/01/strong")
    assert run["scores"] == [episode.metrics["points"] for episode in result.episodes]
    assert run["agent"]["config"] == {"aim": 2}
    assert run["env"]["kwargs"] == {"handicap": 0.1}
    assert run["steps"] == 30
    assert [task["upper_bound"] for task in found["studies"][0]["tasks"]] == pytest.approx([3.0, 2.9, 2.8])
    assert [claim["verdict"] for claim in found["claims"]] == ["holds", "does not hold", "not tested"]


def test_entrants_that_cannot_play_are_named_with_the_reason_and_cost_nothing_else(reproduced):
    found = data(reproduced, "failing")
    reasons = {failure["entrant"]: failure["reason"] for failure in found["failures"]}
    assert set(reasons) == {"crowd", "missing", "killed"}
    assert "several agents" in reasons["crowd"]
    assert "pip install a-package-that-is-not-there" in reasons["missing"]
    assert "SIGKILL" in reasons["killed"]
    assert {run["entrant"] for run in found["runs"]} == {"strong", "thrower", "idle"}
    text = (reproduced / "reproductions/darts/README.md").read_text()
    assert f"- missing: not run: {reasons['missing']}" in text


def test_the_page_tells_of_every_budget_and_shows_its_figure(reproduced):
    text = (reproduced / "reproductions/darts/README.md").read_text()
    for budget in ("small", "failing"):
        assert f"$ hub reproduce darts --budget {budget}\n" in text
        assert f"({budget}.svg)" in text
        assert b"upper bound" in (reproduced / f"reproductions/darts/{budget}.svg").read_bytes()
    assert "40.5 % over both (table 1)" in text
    assert "This is a part" not in text


def test_the_same_command_again_runs_nothing_and_leaves_the_same_bytes(folder, hub_here, monkeypatch):
    before = contents(folder)
    monkeypatch.setenv("WORKSHOP_PAUSE", "1000")
    monkeypatch.setenv("WORKSHOP_CALLS", str(folder.parent / "calls"))
    code, out, err = hub_here("reproduce", "darts")
    assert code == 1
    assert err.count("finished before") == 12
    assert err.count("computed before") == 4
    assert not (folder.parent / "calls").exists()
    assert "does not hold: Strong is eleven times as good.\n  +5" in out
    assert contents(folder) == before


def test_rendering_needs_the_data_file_alone(folder, hub_here):
    before = contents(folder)
    shutil.rmtree(folder / "runs")
    for file in ("README.md", "small.svg"):
        (folder / "reproductions/darts" / file).unlink()
    code, _, err = hub_here("reproduce", "darts", "--render")
    assert (code, err) == (1, "")
    assert contents(folder / "reproductions") == {
        path.relative_to("reproductions"): b for path, b in before.items() if path.parts[0] != "runs"
    }


def test_the_document_alone_is_printed(folder, hub_here):
    code, out, _ = hub_here("reproduce", "darts", "--render", "--json")
    assert code == 1
    assert out == (folder / "reproductions/darts/small.json").read_text()


def test_a_part_is_run_and_called_one(folder, hub_here):
    words = ("reproduce", "darts", "--studies", "near", "--tasks", "2", "--out", "part")
    code, _, err = hub_here(*words)
    assert code == 1
    assert "8/8" in err
    text = (folder / "part/README.md").read_text()
    assert "**This is a part of the budget.** Left out: study far, 1 task of study near." in text
    assert "$ hub reproduce darts --budget small --studies near --tasks 2\n" in text
    assert "study far was left out" in text


def test_a_run_under_other_settings_is_not_taken_for_this_one(folder, hub_here):
    shutil.rmtree(folder / RUNS / "small/far/00/strong")
    shutil.copytree(folder / RUNS / "small/far/00/idle", folder / RUNS / "small/far/00/strong")
    code, out, _ = hub_here("reproduce", "darts", "--studies", "far", "--out", "part")
    assert code == 1
    assert "failed: far/00 strong: " in out
    assert "holds another run: agent.config.aim is 0 there and 2 here" in out


def test_an_interrupted_reproduction_goes_on_and_workers_change_no_score(tmp_path, monkeypatch, hub_here, reproduced):
    command = [sys.executable, "-m", "hub", "reproduce", "darts", "--workers", "2", "--studies", "far"]
    environ = {**os.environ, "WORKSHOP_PAUSE": "0.05"}
    with subprocess.Popen(command, cwd=tmp_path, env=environ, start_new_session=True, stderr=subprocess.PIPE, text=True) as process:
        while not list(tmp_path.rglob("result.json")):
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        err = process.communicate(timeout=60)[1]
    assert process.returncode == 130, err
    assert "the same command goes on from them" in err
    assert "Traceback" not in err
    first = list(tmp_path.rglob("result.json"))
    monkeypatch.chdir(tmp_path)
    assert hub_here(*command[3:])[2].count("finished before") == len(first) < 3
    alone = [run for run in data(reproduced)["runs"] if run["study"] == "far"]
    assert [run["result_sha256"] for run in data(tmp_path)["runs"]] == [run["result_sha256"] for run in alone]


def test_what_a_budget_would_run_is_listed(hub_here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = hub_here("reproduce", "darts", "--list", "--tasks", "2")
    assert code == 0
    assert "near: Darts from near (workshop-darts), 2 tasks" in out
    assert "9 runs in all" in out
    rows = json.loads(hub_here("reproduce", "darts", "--list", "--json")[1])
    assert [(row["study"], row["runs"]) for row in rows] == [("near", 9), ("far", 3)]
    assert not list(tmp_path.iterdir())


def test_listings_say_that_a_paper_can_be_reproduced(hub_here):
    listed = hub_here("list", "papers", "--plugin", "workshop")[1]
    assert "hub reproduce darts" in listed
    assert "hub reproduce bare" not in listed
    assert "reproduce it with: hub reproduce darts" in hub_here("info", "workshop/darts")[1]
    assert "hub reproduce" not in hub_here("info", "bare")[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["drats"], 2, "unknown paper 'drats'; did you mean darts"),
        (["bare"], 2, "paper bare declares no reproduction; these do: "),
        (["darts", "--budget", "smal"], 2, "has no budget 'smal'; did you mean small?"),
        (["darts", "--studies", "near,fra"], 2, "has no study 'fra'; did you mean far?"),
        (["darts", "--tasks", "0"], 2, "--tasks must be at least 1"),
        (["darts", "--workers", "many"], 2, "--workers takes a whole number"),
        (["darts", "--render", "--out", "nowhere"], 2, "there is no nowhere/small.json"),
        (["contradicting"], 3, "claim 'It wins.': there is no entrant 'stron' in any budget"),
        (["raising"], 3, "cannot be had: KeyError: 'gone'"),
        (["number"], 3, "is of type int; the function must return a hub.Reproduction"),
    ],
)
def test_mistakes_are_answered_in_one_line(hub_here, words, code, said):
    found, out, err = hub_here("reproduce", *words)
    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_missing_matplotlib_is_told_before_anything_runs(hub_here, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = hub_here("reproduce", "darts")
    assert code == 2
    assert "pip install 'gymhub[plot]'" in err
    assert not list(tmp_path.iterdir())


def test_another_papers_data_is_not_taken_for_this_ones(folder, hub_here):
    file = folder / "reproductions/darts/small.json"
    file.write_text(file.read_text().replace('"paper": "darts"', '"paper": "chess"'))
    code, _, err = hub_here("reproduce", "darts", "--render")
    assert code == 2
    assert "is of paper chess, budget small" in err
