"""Learning curves: from what agents report to heights, thresholds, verdicts, page and figure."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import shutil

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hub
from hub.checkpoints import read_curve
from hub.datasets.store import load_dataset
from hub.errors import DamagedFile
from hub.reproduction.declared import find_reproduction
from hub.reproduction.figure import figure
from hub.reproduction.intervals import mean_over_tasks
from hub.reproduction.judging import judged
from hub.reproduction.learning import band, first_reached, height
from hub.reproduction.models import CurveRecord
from hub.reproduction.scores import study_scores
from hub.reproduction.table import learning_of
from hub.reproduction.wording import compared, steps_until
from hub.results.files import canonical_bytes, parse_document
from hub.results.schema import FOLDER
from hub.results.statistics import Interval

from .made import declared, document, with_curves

POINTS = st.lists(st.tuples(st.integers(1, 50), st.floats(-100, 100)), min_size=1, max_size=20)
"""Steps since the point before, and the value there."""


def curve(points):
    return CurveRecord(steps=np.cumsum([since for since, _ in points]).tolist(), values=[value for _, value in points])


def test_the_height_is_the_area_under_straight_lines():
    assert height(CurveRecord(steps=[10, 20], values=[0.0, 1.0]), 20) == pytest.approx(5 / 20)
    assert height(CurveRecord(steps=[10, 20], values=[0.0, 1.0]), 40) == pytest.approx(25 / 40)
    assert height(CurveRecord(steps=[10], values=[0.7]), 10) == pytest.approx(0.7)


@given(points=POINTS, beyond=st.integers(0, 100), shift=st.floats(-10, 10))
def test_the_height_lies_within_the_curve_and_moves_with_it(points, beyond, shift):
    made = curve(points)
    found = height(made, made.steps[-1] + beyond)
    assert min(made.values) - 1e-9 <= found <= max(made.values) + 1e-9
    moved = CurveRecord(steps=made.steps, values=[value + shift for value in made.values])
    assert height(moved, made.steps[-1] + beyond) == pytest.approx(found + shift, abs=1e-9)


def test_a_threshold_is_reached_at_the_first_value_that_is_as_good():
    rising = CurveRecord(steps=[10, 20, 30, 40], values=[0.1, 0.7, 0.5, 0.9])
    assert first_reached(rising, 0.7, 1.0) == 20
    assert first_reached(rising, 0.95, 1.0) is None
    assert first_reached(rising, 0.5, -1.0) == 10


@given(points=POINTS)
def test_a_band_of_equal_curves_is_the_curve_without_width(points):
    made = curve(points)
    found = band([made, made, made])
    np.testing.assert_allclose(found.mean, np.interp(found.steps, made.steps, made.values), atol=1e-9)
    assert found.half is not None
    np.testing.assert_allclose(found.half, 0.0, atol=1e-9)
    assert band([made]).half is None


def test_the_interval_over_tasks_is_students():
    mean, half = mean_over_tasks(np.array([1.0, 2.0, 3.0]))
    assert (float(mean), half) == (2.0, pytest.approx(4.303 / math.sqrt(3), abs=1e-3))


@pytest.mark.parametrize(
    ("reached", "said"),
    [
        ([62_000.0], "62,000"),
        ([51_000.0, 62_000.0, 70_000.0], "62,000 (51,000 to 70,000)"),
        ([51_000.0, 62_000.0, math.inf], "62,000 (51,000 to never; not reached on 1 of 3 tasks)"),
        ([51_000.0, math.inf, math.inf], "never (51,000 to never; not reached on 2 of 3 tasks)"),
        ([math.inf] * 3, "not reached on 3 of 3 tasks"),
    ],
)
def test_steps_to_a_threshold_tell_of_tasks_where_it_was_not_reached(reached, said):
    made = document({"one": {"ours": np.ones((1, len(reached)))}}).studies[0]
    unlike = [task.model_copy(update={"kwargs": {"level": n}}) for n, task in enumerate(made.tasks)]
    assert steps_until(np.array(reached), made.model_copy(update={"tasks": unlike})) == said
    if len(reached) > 1:
        assert steps_until(np.array(reached), made) == said.replace("tasks", "training seeds")


@pytest.mark.parametrize(
    ("numbers", "measure", "said"),
    [
        ((0.7132, 0.6777, 0.7487), "difference", "+0.713 (+0.678 to +0.749)"),
        ((0.02, -0.0004, 0.0404), "difference", "+0.0200 (-0.0004 to +0.0404)"),
        ((12345.6, -2.0, 24693.2), "difference", "+12346 (-2 to +24693)"),
        ((0.0, 0.0, 0.0), "difference", "+0.00 (+0.00 to +0.00)"),
        ((0.4161, 0.363, 0.469), "improvement", "+41.6 % (+36.3 to +46.9)"),
    ],
)
def test_differences_and_improvements_are_told_apart(numbers, measure, said):
    assert compared(Interval(*numbers), measure) == said


def rising(level):
    """Return, for each of five tasks, a curve that rises to about `level` at half the budget of 100 steps and stays there."""
    luck = np.random.default_rng(int(100 * level)).normal(0, 0.01, size=5)
    return [CurveRecord(steps=[0, 50, 100], values=[0.0, level + each, level + each]) for each in luck]


def judge(made, **change):
    claim = hub.Claim(**({"text": "It learns.", "agent": "ours", "over": ("good", "bad"), "measure": "difference"} | change))
    (found,) = judged(made, declared(claim)).claims
    return found


@pytest.fixture
def taught():
    level = np.ones((4, 5))
    made = document({"one": {"ours": 0.8 * level, "good": 0 * level, "bad": 0 * level, "mute": 0 * level}})
    return with_curves(made, "skill", {"ours": rising(0.8), "good": rising(0.4), "bad": rising(0.0)})


@pytest.mark.parametrize(("at_least", "verdict"), [(0.2, "holds"), (0.4, "does not hold"), (0.3, "undecided")])
def test_a_claim_about_curves_compares_their_heights(taught, at_least, verdict):
    found = judge(taught, quantity="curve", at_least=at_least)
    assert (found.verdict, found.best) == (verdict, {"one": "good"})
    assert found.estimate == pytest.approx(0.75 * 0.4, abs=0.01)
    assert (found.measure, found.quantity) == ("difference", "curve")
    relative = judge(taught, quantity="curve", measure="improvement", over=("good",))
    assert relative.estimate == pytest.approx(1.0, abs=0.1)


def test_a_difference_is_there_where_the_others_score_nothing(taught):
    found = judge(taught)
    assert (found.estimate, found.verdict) == (pytest.approx(0.8), "holds")
    relative = judge(taught, measure="improvement")
    assert relative.verdict == "not tested"
    assert 'measure="difference"' in relative.reason


def test_who_reported_nothing_is_not_compared(taught):
    found = judge(taught, over=("mute",), quantity="curve")
    assert (found.verdict, found.reason) == ("not tested", "mute in study one did not report skill on every task")


def test_rows_of_learning_come_highest_first(taught):
    (study,) = study_scores(taught).values()
    rows = learning_of(study)
    assert [row.entrant.label for row in rows] == ["ours", "good", "bad"]
    assert rows[0].reached is not None
    assert rows[0].reached.tolist() == [50] * 5
    assert rows[1].reached is not None
    assert np.isinf(rows[1].reached).all()
    assert rows[0].last == pytest.approx(0.8, abs=0.02)


def test_every_learner_has_a_line_and_the_threshold_one_too(taught):
    drawn = figure(taught).decode()
    assert drawn.count("skill, mean and 95 % interval") == 1
    assert "threshold 0.7" in drawn
    for label, places in {"ours": 2, "good": 2, "bad": 2, "mute": 1}.items():
        assert len(re.findall(f">{label}<", drawn)) == places, "once beside its score, once in the legend of the curves"
    assert figure(taught) == figure(taught)


def test_a_curve_with_a_value_too_few_is_damage(taught):
    text = canonical_bytes(taught).decode().replace('"values": [0.0, ', '"values": [', 1)
    with pytest.raises(DamagedFile, match="2 values for 3 steps"):
        parse_document(text, type(taught), "small.json")


def test_a_reproduction_records_datasets_curves_and_gaps(learned):
    found = json.loads((learned / "reproductions/lessons/small.json").read_text())
    jsonschema.validate(found, json.loads((FOLDER / "reproduction-1.json").read_text()))
    kept = load_dataset("workshop/rounds-v0")
    assert found["datasets"] == {"workshop/rounds-v0": kept.provenance["contents"]["arrays_sha256"]}
    (study,) = found["studies"]
    assert (study["curve"], study["threshold"], study["datasets"]) == ("skill", 0.9, ["workshop/rounds-v0"])
    run = next(run for run in found["runs"] if (run["task"], run["entrant"]) == ("01", "fast"))
    recorded = read_curve(learned / "runs/reproduce/lessons/small/lessons/01/fast/agent")
    assert recorded is not None
    assert run["curve"] == {"steps": recorded.steps, "values": recorded.values["skill"]}
    assert list(recorded.values) == ["skill"], "NaN is no number"
    assert np.subtract(run["training_scores"], run["scores"]) == pytest.approx(0.3)
    assert all("curve" not in run for run in found["runs"] if run["entrant"] == "idle")
    assert [claim["verdict"] for claim in found["claims"]] == ["holds", "undecided", "not tested"]


def test_the_page_tells_how_agents_learned_and_generalise(learned, hub_here):
    text = (learned / "reproductions/lessons/README.md").read_text()
    for said in (
        "3 training seeds, 4 episodes each, the same evaluation seeds for all",
        "| Fast throws better. | **holds** | +2.00 (+2.00 to +2.00) over slow | 1.5 |",
        "+0.685 (+0.662 to +0.707) in mean curve height over slow | 0.7 |",
        "| entrant | mean height (95 % interval) | steps to 0.9 | last value |",
        "| 95 (90 to 95) | 1 |",
        "not reached on 3 of 3 training seeds",
        "Without a learning curve: idle.",
        "| on training levels | gap (95 % interval) |",
        "| +0.300 (+0.300 to +0.300) |",
        "Where a study repeats one task",
        "Datasets: workshop/rounds-v0 (SHA-256 ",
        "and its learning curve](small.svg)",
    ):
        assert said in text
    code, out, _ = hub_here("reproduce", "lessons", "--render", "--out", learned / "reproductions/lessons")
    assert code == 0
    assert "undecided: Fast learns sooner.\n  +0.685 (+0.662 to +0.707) in mean curve height over slow\n" in out
    assert (learned / "reproductions/lessons/README.md").read_text() == text


def test_what_is_there_is_neither_recorded_nor_run_again(learned, tmp_path, monkeypatch, hub_here):
    shutil.copytree(learned, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("WORKSHOP_CALLS", str(tmp_path / "calls"))
    code, _, err = hub_here("reproduce", "lessons")
    assert code == 0
    assert "recording" not in err
    assert err.count("finished before") == 9
    assert not (tmp_path / "calls").exists()
    data = "reproductions/lessons/small.json"
    assert (tmp_path / "work" / data).read_bytes() == (learned / data).read_bytes()


@pytest.mark.parametrize(
    ("paper", "code", "said"),
    [
        (
            "spoilt",
            3,
            "recipe hub_workshop:rounds of dataset workshop/broken-v0 failed after 0 episodes: ValueError: cannot play -1 rounds",
        ),
        ("unrecorded", 2, "dataset elsewhere/rounds-v0 is not on this machine; get it: hub data download elsewhere/rounds-v0"),
    ],
)
def test_a_dataset_that_cannot_be_had_ends_the_command_before_any_run(paper, code, said, tmp_path, monkeypatch, hub_here):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "datasets"))
    found, out, err = hub_here("reproduce", paper)
    assert (found, out) == (code, "")
    assert said in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not (tmp_path / "runs").exists()


def test_what_a_budget_learns_from_is_listed(hub_here):
    assert "  learning from workshop/rounds-v0\n" in hub_here("reproduce", "lessons", "--list")[1]


FAULTS = {
    "it is about learning curves, and study lessons names none": {"study": {"curve": None, "threshold": None}},
    "threshold 0.9 must be a number that the study's curve can reach, and curve is None": {"study": {"curve": None}},
    "threshold nan must be a number": {"study": {"threshold": math.nan}},
    "over different train_steps in study lessons (fast its default, slow 100)": {"slow": {"train_steps": 100}},
    "measure must be improvement or difference, not 'ratio'": {"claim": {"measure": "ratio"}},
    "quantity must be score or curve, not 'height'": {"claim": {"quantity": "height"}},
}


@pytest.mark.parametrize("said", FAULTS)
def test_contradictions_about_curves_are_answered_in_one_line(said, hub_here, monkeypatch):
    sound, change = find_reproduction("lessons").reproduction, FAULTS[said]
    (study,) = sound.budgets["small"].studies
    fast, slow, idle = study.entrants
    entrants = (fast, dataclasses.replace(slow, **change.get("slow", {})), idle)
    study = dataclasses.replace(study, entrants=entrants, **change.get("study", {}))
    claims = tuple(dataclasses.replace(claim, **change.get("claim", {})) for claim in sound.claims)
    faulty = hub.Reproduction(claims=claims, budgets={"small": hub.Budget(summary="", studies=(study,))})
    monkeypatch.setattr("hub_workshop.lessons", lambda: faulty)
    code, out, err = hub_here("reproduce", "lessons", "--list")
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert said in err
