"""What an agent reports while it trains is kept beside it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hub
from hub.checkpoints import CURVE, copy_checkpoint, read_checkpoint, read_curve, save_agent
from hub.curves import ROWS, Curve, CurveRecorder
from hub.environments import describe
from hub.errors import DamagedFile
from hub.results.files import canonical_bytes, parse_document
from hub.results.models import AgentRecord, EnvironmentRecord
from hub.training import Training

NUMBERS = st.dictionaries(st.sampled_from("abc"), st.floats(allow_nan=True, allow_infinity=True), max_size=3)
REPORTS = st.lists(st.tuples(st.integers(0, 40), NUMBERS), max_size=60)
"""Steps since the report before, and the numbers reported."""


def recorded(reports: list[tuple[int, dict[str, float]]], budget: int, cut: int | None = None) -> Curve | None:
    """Return the curve of `reports`, written to a file and taken up again after the first `cut` of them."""
    recorder, steps = CurveRecorder(budget, rows=20), 0
    for number, (since, numbers) in enumerate(reports):
        if number == cut and (curve := recorder.curve()) is not None:
            recorder = CurveRecorder(budget, rows=20, curve=parse_document(canonical_bytes(curve).decode(), Curve, CURVE))
        steps += since
        recorder.add(steps, numbers)
    return recorder.curve()


@given(reports=REPORTS, budget=st.integers(1, 1500), cut=st.integers(0, 60))
def test_a_curve_that_is_taken_up_again_is_the_one_that_never_stopped(
    reports: list[tuple[int, dict[str, float]]], budget: int, cut: int
) -> None:
    assert recorded(reports, budget, cut) == recorded(reports, budget)


@given(reports=REPORTS, budget=st.integers(1, 1500))
def test_rows_are_few_and_hold_the_newest_finite_values(reports: list[tuple[int, dict[str, float]]], budget: int) -> None:
    curve = recorded(reports, budget)
    told: list[tuple[int, str, float]] = []
    steps = 0
    for since, numbers in reports:
        steps += since
        told += [(steps, name, value) for name, value in numbers.items() if math.isfinite(value)]
    if curve is None:
        assert not told
        return
    assert len(curve.steps) <= 20
    assert curve.steps[-1] == told[-1][0]
    for name, column in curve.values.items():
        mine = [(at, value) for at, each, value in told if each == name]
        for row, value in enumerate(column):
            since = curve.steps[row - 1] if row else -1
            known = [reported for at, reported in mine if since < at <= curve.steps[row]]
            assert value == (known[-1] if known else None)
    assert set(curve.values) == {name for _, name, _ in told}


def test_a_number_for_each_step_becomes_a_thousand_rows() -> None:
    recorder = CurveRecorder(250_000)
    for steps in range(1, 250_065):
        recorder.add(steps, {"loss": 1 / steps})
    curve = recorder.curve()
    assert curve is not None
    assert 0.9 * ROWS < len(curve.steps) <= ROWS
    assert curve.steps[-1] == 250_064
    assert np.ptp(np.diff(curve.steps[:-1])) <= 1


def test_the_curve_lies_beside_the_agent_and_goes_where_it_goes(tmp_path: Path) -> None:
    hub.run(agent="tally", env="lab-walk", train_steps=25, episodes=2, out=tmp_path / "run")
    curve = read_curve(tmp_path / "run/agent")
    assert curve is not None
    assert curve.steps == list(range(1, 26))
    assert list(curve.values) == ["mean"]
    copy_checkpoint(tmp_path / "run/agent", tmp_path / "copy")
    assert (tmp_path / "copy" / CURVE).read_bytes() == (tmp_path / "run/agent" / CURVE).read_bytes()
    (tmp_path / "copy" / CURVE).unlink()
    assert read_checkpoint(tmp_path / "copy") == read_checkpoint(tmp_path / "run/agent")
    assert read_curve(tmp_path / "copy") is None


def test_an_agent_that_reports_nothing_leaves_no_curve(tmp_path: Path) -> None:
    task = describe("CartPole-v1", {})
    training = Training(task, steps=10)
    training.report(loss=math.nan)
    assert training.curve is None
    record = AgentRecord(name="tally", seed=0, plugin="lab", distribution="hub-lab", version="1.0")
    env = EnvironmentRecord(id="CartPole-v1", plugin="gymnasium", distribution="gymnasium", version="1.0")

    class Still(hub.Agent):
        def act(self, observations: object, slots: np.ndarray) -> np.ndarray:
            return np.zeros(len(slots), np.int64)

    save_agent(Still(task), tmp_path / "agent", record, env, curve=training.curve)
    assert [file.name for file in (tmp_path / "agent").iterdir()] == ["agent.json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"schema": "hub/curve/1", "steps": [1, 1], "values": {}}', "steps must increase"),
        ('{"schema": "hub/curve/1", "steps": [1, 2], "values": {"loss": [0.5]}}', "loss has 1 values for 2 rows"),
        ('{"schema": "hub/curve/1", "steps": [1, 2], "values"', "was it cut short"),
        ('{"schema": "hub/curve/2", "steps": []}', "install a hub that reads it"),
    ],
)
def test_a_damaged_curve_says_what_is_wrong(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / CURVE).write_text(text)
    with pytest.raises(DamagedFile, match=said):
        read_curve(tmp_path)
