from __future__ import annotations

import numpy as np
import pytest

import hub
from hub.reproduction.judging import judged
from hub.reproduction.page import page
from hub.reproduction.scores import study_scores
from hub.reproduction.table import table_of
from hub.specs import PaperSpec

from .made import declared, document

PAPER = PaperSpec(name="darts", title="On Darts", authors="A. Thrower", year=2025, url="https://example.org/darts")


def noisy(level: float, seed: int) -> np.ndarray:
    return level + np.random.default_rng(seed).normal(0, 0.5, size=(6, 10))


def judge(claim: hub.Claim, **scores: dict[str, np.ndarray]):
    (found,) = judged(document(scores), declared(claim, studies=tuple(scores))).claims
    return found


@pytest.mark.parametrize(
    ("ours", "at_least", "verdict"),
    [(12.0, 0.0, "holds"), (12.0, 0.4, "does not hold"), (8.0, 0.0, "does not hold"), (10.0, 0.0, "undecided"), (12.0, 0.2, "undecided")],
)
def test_the_verdict_is_where_the_interval_lies(ours, at_least, verdict):
    claim = hub.Claim(text="It wins.", agent="ours", over=("good", "bad"), at_least=at_least)
    found = judge(claim, one={"ours": noisy(ours, 0), "good": noisy(10, 1), "bad": noisy(5, 2)})
    assert found.verdict == verdict
    assert found.best == {"one": "good"}
    assert found.estimate == pytest.approx(ours / 10 - 1, abs=0.05)


def test_a_claim_about_several_studies_averages_them():
    claim = hub.Claim(text="It wins on average.", agent="ours", over=("good",))
    worse, better = {"ours": noisy(9, 0), "good": noisy(10, 1)}, {"ours": noisy(15, 2), "good": noisy(10, 3)}
    found = judge(claim, one=worse, two=better)
    assert found.estimate == pytest.approx(0.2, abs=0.03)
    assert found.verdict == "holds"


def test_where_lower_is_better_a_lower_score_holds():
    claim = hub.Claim(text="It wins.", agent="ours", over=("good",))
    made = document({"one": {"ours": noisy(8, 0), "good": noisy(10, 1)}}, higher=False)
    assert judged(made, declared(claim)).claims[0].verdict == "holds"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"studies": ("two",)}, "study two is not in this budget"),
        ({"over": ("other",)}, "other takes no part in study one"),
        ({"over": ("broken",)}, "broken in study one was not run: it broke"),
        ({"agent": "broken"}, "broken in study one was not run: it broke"),
        ({"over": ("zero",)}, "the best of the others may score 0"),
    ],
)
def test_what_was_not_run_is_not_tested_and_says_so(change, reason):
    claim = hub.Claim(**({"text": "It wins.", "agent": "ours", "over": ("good",)} | change))
    scores = {"ours": noisy(12, 0), "good": noisy(10, 1), "zero": noisy(0, 2), "broken": np.empty((6, 0))}
    found = judge(claim, one=scores)
    assert found.verdict == "not tested"
    assert found.estimate is None
    assert reason in found.reason


def test_a_study_that_was_left_out_leaves_the_claim_untested():
    claim = hub.Claim(text="It wins.", agent="ours", over=("good",))
    made = document({"one": {"ours": noisy(12, 0), "good": noisy(10, 1)}})
    found = judged(made, declared(claim, studies=("one", "two"))).claims[0]
    assert (found.verdict, found.reason) == ("not tested", "study two was left out")


def test_the_table_normalises_between_the_null_entrant_and_the_bound():
    level = np.ones((4, 2))
    (study,) = study_scores(document({"one": {"null": 2 * level, "ours": 8 * level, "good": 5 * level}}, bounds=12.0)).values()
    table = table_of(study)
    assert [(row.entrant.label, row.normalised) for row in table.rows] == [("ours", 60.0), ("good", 30.0), ("null", 0.0)]
    assert (table.best_baseline, table.upper_bound) == ("good", 12.0)
    ours, good, _ = table.rows
    assert table.measure == "improvement"
    assert ours.over_baselines is not None
    assert ours.over_baselines.estimate == pytest.approx(0.6)
    assert good.over_baselines is None
    assert ours.metrics == {"misses": 2.0}
    assert ours.decisions_per_cpu_s == 40.0


def test_without_bound_or_null_entrant_nothing_is_normalised():
    level = np.ones((4, 2))
    for made in (document({"one": {"null": level, "ours": level}}), document({"one": {"ours": level}}, bounds=3.0)):
        (study,) = study_scores(made).values()
        assert {row.normalised for row in table_of(study).rows} == {None}


def test_the_page_holds_every_verdict_and_number_and_depends_on_its_data_alone():
    claims = (
        hub.Claim(text="It | wins.", agent="ours", over=("good",), published=hub.Published(value=24.8, unit="%", where="abstract")),
        hub.Claim(text="It wins by far.", agent="ours", over=("good",), at_least=0.5),
    )
    reproduction = declared(*claims)
    made = judged(document({"one": {"ours": noisy(12, 0), "good": noisy(10, 1), "broken": np.empty((6, 0))}}), reproduction)
    text = page(PAPER, reproduction, [made])
    assert text == page(PAPER, reproduction, [made])
    assert "| It \\| wins. | **holds** | +2" in text
    assert "| 24.8 % (abstract) |" in text
    assert "| It wins by far. | **does not hold** |" in text
    assert "- broken: not run: it broke" in text
    assert "over good" in text
    assert all(
        len({line.replace("\\|", "").count("|") for line in block.splitlines()}) == 1 for block in text.split("\n\n") if "| ---" in block
    )
