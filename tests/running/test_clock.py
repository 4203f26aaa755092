"""A protocol's wall-clock limit of an episode, and the usual number of slots of a heavy environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import hub
from hub.results.files import canonical_bytes, read_result, write_result
from hub.results.models import Result
from hub.running import loop
from hub.running.loop import Rules
from hub.running.settings import Settings

from .playing import episodes_of, single
from .tiny_environments import Faulty

Hub = Callable[..., tuple[int, str, str]]


class Clock:
    """A monotonic clock that each look moves on by a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 1.0
        return self.now


def test_the_first_step_that_ends_after_the_limit_truncates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "time", Clock())
    episodes = episodes_of(single(Faulty, 1), seeds=range(2), rules=Rules(max_seconds=4.0))
    assert [(episode.length, episode.terminated, episode.timed_out) for episode in episodes] == [(4, False, True)] * 2


def test_an_episode_that_ends_by_itself_in_time_is_not_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "time", Clock())
    (episode,) = episodes_of(single(Faulty, 1), seeds=[1], rules=Rules(max_seconds=9.0))
    assert (episode.length, episode.terminated, episode.timed_out) == (9, True, False)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A run whose protocol gives each episode less time than it needs."""
    return hub.run(agent="random", env="lab-slow", out=tmp_path_factory.mktemp("cut") / "run", slots=1, progress=False)


def test_a_result_says_which_episodes_the_clock_ended_and_verifies(cut: Result) -> None:
    assert cut.protocol.max_seconds == 0.07
    assert [episode.timed_out for episode in cut.episodes] == [True] * 3
    assert b'"timed_out": true' in canonical_bytes(cut)
    verdict = hub.verify(cut)
    assert (verdict.state, verdict.episodes) == ("confirmed", 3)
    assert verdict.reasons == ["the clock ended 3 episodes after 0.07 s; no replay can check that they took so long"]


def test_an_episode_that_hides_what_ended_it_is_refuted(cut: Result) -> None:
    first = cut.episodes[0].model_copy(update={"timed_out": False})
    verdict = hub.verify(cut.model_copy(update={"episodes": [first, *cut.episodes[1:]]}))
    assert verdict.state == "refuted"
    assert any("goes on after its" in reason for reason in verdict.reasons)


def test_no_clock_ends_episodes_of_a_protocol_without_one(cut: Result) -> None:
    verdict = hub.verify(cut.model_copy(update={"protocol": cut.protocol.model_copy(update={"max_seconds": None})}))
    assert verdict.state == "refuted"
    assert "episode 0: the clock ended it, and the protocol sets no wall-clock limit" in verdict.reasons


def test_results_without_a_clock_keep_their_bytes(hub_here: Hub, tmp_path: Path) -> None:
    assert hub_here("run", "--agent", "random", "--env", "lab-walk", "--episodes", "2", "--out", tmp_path)[0] == 0
    data = (tmp_path / "result.json").read_bytes()
    assert b"max_seconds" not in data
    assert b"timed_out" not in data
    write_result(read_result(tmp_path), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == data


def test_a_heavy_environment_has_its_own_number_of_slots() -> None:
    assert [Settings().slots_for(100), Settings().slots_for(100, 2), Settings().slots_for(1, 2)] == [16, 2, 1]
    assert Settings(slots=5).slots_for(100, 2) == 5


def test_that_number_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened = []
    from hub.running import engines

    real = engines.open_world
    monkeypatch.setattr(engines, "open_world", lambda *words, **more: opened.append(words[2]) or real(*words, **more))
    hub.run(agent="random", env="lab-slow", out=tmp_path, progress=False)
    assert opened == [2]
