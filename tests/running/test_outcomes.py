"""Environments that look otherwise on another machine: `deterministic="outcomes"`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import hub
from hub.checking.transcripts import Transcript
from hub.results.models import Result
from hub.results.replay import differing_streams
from hub.specs import EnvironmentSpec

Hub = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return hub.run(agent="random", env="lab-fonts", episodes=3, out=tmp_path_factory.mktemp("fonts") / "run", progress=False)


def test_the_same_screen_is_confirmed_and_said(result: Result) -> None:
    verdict = hub.verify(result)
    assert (verdict.state, verdict.episodes) == ("confirmed", 3)
    assert verdict.reasons[-1].endswith("3 of 3 episodes were seen as recorded, too")


def test_another_screen_is_confirmed_and_said(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_FONTS", "0.5")
    verdict = hub.verify(result)
    assert (verdict.state, verdict.episodes) == ("confirmed", 3)
    assert verdict.reasons[-1].endswith("0 of 3 episodes were seen as recorded, too")


def test_other_outcomes_are_refuted(result: Result) -> None:
    first = result.episodes[0].model_copy(update={"digests": result.episodes[0].digests.model_copy(update={"outcomes": "0" * 32})})
    verdict = hub.verify(result.model_copy(update={"episodes": [first, *result.episodes[1:]]}))
    assert verdict.state == "refuted"
    assert any("its outcomes are others when replayed" in reason for reason in verdict.reasons)


def test_streams_are_compared_as_far_as_the_environment_promises(result: Result) -> None:
    recorded = result.episodes[0]
    played = recorded.model_copy(update={"digests": recorded.digests.model_copy(update={"observations": "x", "actions": "y"})})
    spec = EnvironmentSpec(id="lab/X-v0", entry_point="hub_lab:Walk")
    assert differing_streams(recorded, played, spec) == ["actions", "observations"]
    assert differing_streams(recorded, played, EnvironmentSpec(id="lab/X-v0", entry_point="a:B", deterministic="outcomes")) == ["actions"]


def test_other_processes_may_see_something_else_while_one_may_not() -> None:
    one = Transcript(0, 0, [{"observation": b"a", "info['x']": b"1"}, {"observation['b']": b"a", "reward": b"2"}])
    other = Transcript(0, 0, [{"observation": b"b", "info['x']": b"1"}, {"observation['b']": b"b", "reward": b"2"}])
    assert one.digest() != other.digest()
    assert one.digest(seen=False) == other.digest(seen=False)
    assert one.digest(seen=False) != Transcript(0, 0, [{"observation": b"a", "info['x']": b"0"}]).digest(seen=False)


def test_it_is_shown(hub_here: Hub) -> None:
    facts: dict[str, Any] = json.loads(hub_here("info", "lab-fonts", "--json")[1])["environment"]
    assert facts["deterministic"] == "outcomes"
    assert "deterministic: outcomes" in hub_here("info", "lab-fonts")[1]
