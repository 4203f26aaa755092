"""`hub compare`."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from hub.cli import main
from hub.results.files import read_result, write_result
from hub.results.scores import episode_score, episode_scores

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def edit(runs, tmp_path):
    """Write a copy of the random agent's result with other fields, and return its path."""

    def write(name="edited.json", **parts):
        result = read_result(runs / "random")
        update = {part: getattr(result, part).model_copy(update=fields) for part, fields in parts.items()}
        write_result(result.model_copy(update=update), tmp_path / name)
        return str(tmp_path / name)

    return write


def compare_json(capsys, *words):
    assert main(["compare", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_holds_intervals_and_pairs(runs, capsys):
    found = compare_json(capsys, str(runs / "random"), str(runs / "constant" / "result.json"))
    ours, theirs = (episode_scores(read_result(runs / agent)) for agent in ("random", "constant"))
    assert [row["label"] for row in found["results"]] == ["random", "constant"]
    assert found["results"][0]["mean"] == pytest.approx(ours.mean())
    assert found["results"][0]["ci_low"] <= found["results"][0]["iqm"] <= found["results"][0]["ci_high"]
    (pair,) = found["pairs"]
    assert pair["improvement"]["estimate"] == pytest.approx(np.heaviside(np.subtract.outer(ours, theirs), 0.5).mean())
    assert pair["paired"] == len(ours)
    assert pair["difference"]["estimate"] == pytest.approx((ours - theirs).mean())
    assert found["warnings"] == []


def test_table_shows_both_agents(runs, capsys):
    assert main(["compare", str(runs / "random"), str(runs / "constant")]) == 0
    shown = capsys.readouterr().out
    assert "CartPole-v1" in shown
    assert "random" in shown
    assert "constant" in shown
    assert "warning" not in shown


def test_same_agent_twice_gets_two_labels(runs, edit, capsys):
    found = compare_json(capsys, str(runs / "random"), edit("other.json"), edit("other.json"))
    assert [row["label"] for row in found["results"]] == ["random (random)", "random (other)", "random (other) #3"]
    assert found["pairs"][0]["improvement"]["estimate"] == 0.5
    assert found["pairs"][0]["difference"] == {"estimate": 0.0, "low": 0.0, "high": 0.0, "confidence": 0.95}


def test_other_conditions_are_warned_of(runs, edit, capsys):
    words = [str(runs / "random"), edit(protocol={"version": 7, "max_steps": 3})]
    (warning,) = compare_json(capsys, *words)["warnings"]
    assert warning.startswith("random (random) and random (edited) were not judged alike")
    assert warning.endswith("protocol (standard v1 and standard v7), step limit (None and 3)")
    main(["compare", *words])
    assert "warning: random (random)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("parts", "aspect"),
    [
        ({"env": {"id": "Acrobot-v1"}}, "environments"),
        ({"env": {"kwargs": {"x": 1}}}, "environment arguments"),
        ({"protocol": {"higher_is_better": False}}, "directions"),
    ],
)
def test_results_that_cannot_be_compared_are_refused(runs, edit, capsys, parts, aspect):
    assert main(["compare", str(runs / "random"), edit(**parts)]) == 2
    assert f"cannot be compared: their {aspect}" in capsys.readouterr().err


def test_lower_may_be_better(runs, edit, capsys):
    low = {"protocol": {"higher_is_better": False}}
    found = compare_json(capsys, edit("a.json", **low), edit("b.json", **low))
    assert found["higher_is_better"] is False


@pytest.mark.parametrize(("name", "start"), [("plot.png", PNG), ("plot.svg", b"<?xml")], ids=["png", "svg"])
def test_plot_is_written(runs, tmp_path, capsys, name, start):
    assert main(["compare", str(runs / "random"), str(runs / "constant"), "--plot", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_bytes().startswith(start)


def test_plot_of_another_kind_is_refused(runs, tmp_path, capsys):
    assert main(["compare", str(runs / "random"), "--plot", str(tmp_path / "plot.pdf")]) == 2
    assert "a plot is written as .png or .svg" in capsys.readouterr().err


def test_plot_without_matplotlib_names_the_extra(runs, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["compare", str(runs / "random"), "--plot", str(tmp_path / "plot.png")]) == 2
    assert "pip install 'gymhub[plot]'" in capsys.readouterr().err


def test_metric_that_an_episode_lacks_is_damage(result):
    from hub.errors import DamagedFile

    with pytest.raises(DamagedFile, match="episode 0 has no metric 'speed'"):
        episode_score(result.episodes[0], "speed")
