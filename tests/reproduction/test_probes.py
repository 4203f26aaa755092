"""Probes: asked of trained agents after the runs, kept beside them, shown on the page."""

from __future__ import annotations

import dataclasses
import json
import shutil

import jsonschema
import numpy as np
import pytest

import hub
from hub.errors import BrokenPlugin, HubError
from hub.reproduction import probing
from hub.reproduction.declared import _faults, find_reproduction
from hub.reproduction.models import FailureRecord, ProbeRecord
from hub.reproduction.page import page
from hub.reproduction.probing import PlannedProbe
from hub.results.files import canonical_bytes, parse_document
from hub.results.schema import FOLDER
from hub.specs import PaperSpec

from .made import declared, document

RUN = "runs/reproduce/lessons/small/lessons/01/fast"


@pytest.fixture
def folder(learned, tmp_path, monkeypatch):
    shutil.copytree(learned, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("WORKSHOP_CALLS", str(tmp_path / "calls"))
    return tmp_path / "work"


def calls(folder):
    file = folder.parent / "calls"
    return len(file.read_text().splitlines()) if file.exists() else 0


def data(folder):
    return json.loads((folder / "reproductions/lessons/small.json").read_text())


def test_it_is_given_the_trained_agent_the_task_it_was_judged_on_and_the_tasks_number(learned):
    found = {(run["entrant"], run["task"]): run.get("probes") for run in data(learned)["runs"]}
    assert found["fast", "01"] == {"aim": {"aim": 2.0, "handicap": 0.3, "seed": 1.0}}
    assert found["slow", "02"] == {"aim": {"aim": 0.0, "handicap": 0.3, "seed": 2.0}}
    assert found["idle", "00"] is None
    jsonschema.validate(data(learned), json.loads((FOLDER / "reproduction-1.json").read_text()))


def test_the_page_shows_a_table_of_means_with_intervals(learned):
    lines = (learned / "reproductions/lessons/README.md").read_text().splitlines()
    start = lines.index("Where they aim (`hub_workshop:aims`):")
    assert lines[start + 2] == "| entrant | aim (95 % interval) | handicap (95 % interval) | seed (95 % interval) |"
    assert lines[start + 4] == "| fast | 2 (2 to 2) | 0.3 (0.3 to 0.3) | 1 (-1.484 to 3.484) |"
    assert lines[start + 5].startswith("| slow | 0 (0 to 0) |")


def test_what_was_asked_is_not_asked_again_unless_the_agent_or_the_function_is_another(folder, hub_here):
    before = (folder / "reproductions/lessons/small.json").read_bytes()
    code, _, err = hub_here("reproduce", "lessons")
    assert (code, calls(folder), err.count("probed before")) == (0, 0, 6)
    assert (folder / "reproductions/lessons/small.json").read_bytes() == before
    file = folder / RUN / "probes/aim.json"
    content, kept = file.read_bytes(), json.loads(file.read_text())
    piece = PlannedProbe(study="lessons", task="01", entrant="fast", folder=folder / RUN, probe="aim", function=kept["function"])
    for field, other in (("agent", {**kept["agent"], "weights_sha256": "0" * 64}), ("function", "hub_workshop:other")):
        file.write_text(json.dumps({**kept, field: other, "values": {"aim": 7.0}}))
        asked = calls(folder)
        assert piece.do() == "aim 2, handicap 0.3, seed 1"
        assert (calls(folder), file.read_bytes()) == (asked + 1, content)


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "returned None on tiny/Env-v0; it must return numbers by name"),
        ({}, "returned {} on tiny/Env-v0"),
        ({"aim": float("nan")}, "returned nan for 'aim' on tiny/Env-v0; it must be a finite number"),
        ({"aim": "far"}, "returned 'far' for 'aim'"),
        ({1: 2.0}, "returned 2.0 for 1"),
        (KeyError("gone"), "failed on tiny/Env-v0: KeyError: 'gone'"),
    ],
)
def test_what_is_no_finite_number_is_one_clear_error(monkeypatch, returned, said):
    def function(agent, task, seed):
        if isinstance(returned, Exception):
            raise returned
        return returned

    monkeypatch.setattr(probing, "load", lambda name: function)
    space = np.zeros(0)
    task = hub.Task(env_id="tiny/Env-v0", observation_space=space, action_space=space)
    with pytest.raises(BrokenPlugin, match=r"^probe acme:aims ") as caught:
        probing.ask("acme:aims", None, task, 0)
    assert said in str(caught.value)


def test_an_error_of_the_probes_own_is_handed_on(monkeypatch):
    def refuse(agent, task, seed):
        raise HubError("not of this agent")

    monkeypatch.setattr(probing, "load", lambda name: refuse)
    with pytest.raises(HubError, match=r"^not of this agent$"):
        probing.ask("acme:aims", None, None, 0)


def test_a_probe_that_failed_is_named_and_its_entrant_keeps_its_row():
    made = document({"one": {"ours": np.ones((2, 2)), "other": np.zeros((2, 2))}})
    study = made.studies[0].model_copy(update={"probes": [ProbeRecord(name="aim", title="Aims", function="a:b", labels=["ours", "other"])]})
    runs = [run.model_copy(update={"probes": {"aim": {"aim": 1.0}}} if run.entrant == "ours" else {}) for run in made.runs]
    failure = FailureRecord(study="one", task="00", entrant="other", probe="aim", reason="it broke")
    made = made.model_copy(update={"studies": [study], "runs": runs, "failures": [failure]})
    assert parse_document(canonical_bytes(made).decode(), type(made), "it") == made
    text = page(PaperSpec(name="darts", title="On Darts", authors="A. T.", year=2025, url="https://example.org"), declared(), [made])
    assert "| ours | 1 (1 to 1) |\n\n- other: task 00: it broke\n" in text
    assert "| other | baseline | 0 |" in text
    assert "not run" not in text


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ({"labels": ("fats",)}, "probe 'aim' must name entrants of the study, and names 'fats'"),
        ({"labels": ()}, "probe 'aim' must name entrants of the study, and names none"),
        ({"name": "../aim"}, "probe '../aim': a name consists of"),
        ({"function": "aims"}, "probe 'aim': function 'aims' is not of the form 'package.module:name'"),
    ],
)
def test_mistakes_in_its_declaration_are_told(probe, said):
    sound = find_reproduction("lessons").reproduction
    (study,) = sound.budgets["small"].studies
    other = dataclasses.replace(study, probes=(dataclasses.replace(study.probes[0], **probe),))
    budget = dataclasses.replace(sound.budgets["small"], studies=(other,))
    assert said in next(_faults(dataclasses.replace(sound, budgets={"small": budget})))
