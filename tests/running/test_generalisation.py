"""Held-out levels: agents train on other levels than they are judged on, and every run measures the gap between the two."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hub
from hub.checkpoints import read_checkpoint
from hub.environments import describe
from hub.errors import BrokenPlugin, UsageError
from hub.results.files import canonical_bytes, read_result
from hub.results.generalisation import generalise
from hub.results.models import Episode, ProtocolRecord, Result
from hub.results.schema import FOLDER
from hub.results.verify import verify
from hub.running.objects import evaluate_object
from hub.running.orders import order_run, tasks_of
from hub.running.settings import Settings
from hub.running.unfinished import TrainingFile

from .playing import Leaning
from .test_verify import numbers

Hub = Callable[..., tuple[int, str, str]]
TALLY = ("run", "--agent", "tally", "--env", "lab-levels")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("levels") / "run"
    hub.run(agent="tally", env="lab-levels", out=out)
    return out


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    return read_result(folder)


def test_a_run_plays_its_seeds_again_where_the_agent_trained(result: Result) -> None:
    found = result.generalisation
    assert found is not None
    assert (result.env.kwargs, found.kwargs) == ({"levels": "test"}, {"levels": "train"})
    assert [episode.seed for episode in found.episodes] == [episode.seed for episode in result.episodes]
    assert [episode.index for episode in found.episodes] == [6, 7, 8, 9, 10, 11]
    here, there = ([episode.return_ for episode in part.episodes] for part in (result, found))
    assert found.summary.mean == pytest.approx(np.mean(there))
    assert found.gap == pytest.approx(np.mean(there) - np.mean(here))
    assert found.gap < 0  # on test levels everything is higher up
    assert found.ci_low < found.gap < found.ci_high


def test_the_document_is_valid_and_has_an_episode_a_line(folder: Path) -> None:
    text = (folder / "result.json").read_text()
    jsonschema.validate(json.loads(text), json.loads((FOLDER / "result-1.json").read_text()))
    lines = [line for line in text.splitlines() if line.lstrip().startswith('{"index"')]
    assert [json.loads(line.rstrip(","))["index"] for line in lines] == list(range(12))
    assert canonical_bytes(read_result(folder)) == text.encode()


def test_an_agent_is_told_the_evaluated_arguments_and_trains_under_the_protocols(hub_here: Hub, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    for command in ("run", "train"):
        assert hub_here(command, *TALLY[3:], "--agent", "witness", "--out", tmp_path / command)[0] == 0
        assert load_file(tmp_path / command / "agent" / "weights.safetensors")["mean"].tolist() == [5.0, 0.0]
        checkpoint = read_checkpoint(tmp_path / command / "agent")
        assert (checkpoint.env.kwargs, checkpoint.training_kwargs) == ({"levels": "test"}, {"levels": "train"})


def test_in_each_part_an_agent_is_told_what_it_plays(tmp_path: Path) -> None:
    played = hub.run(agent="witness", env="lab-levels", train_steps=0, out=tmp_path)
    told = [{episode.agent_metrics["told"] for episode in episodes} for _, episodes in played.parts]
    assert told == [{5.0}, {0.0}]


def test_an_argument_of_the_user_counts_in_both_parts_but_the_protocols_own_is_trained_with(hub_here: Hub, tmp_path: Path) -> None:
    words = (*TALLY, "--env-arg", "levels=validation", "--env-arg", "longest=5", "--json", "--out", tmp_path / "run")
    document = json.loads(hub_here(*words)[1])
    assert document["env"]["kwargs"] == {"levels": "validation", "longest": 5}
    assert document["generalisation"]["kwargs"] == {"levels": "train", "longest": 5}
    assert max(episode["length"] for part in (document, document["generalisation"]) for episode in part["episodes"]) == 5
    assert verify(tmp_path / "run").state == "confirmed"
    trained = read_checkpoint(tmp_path / "run" / "agent")
    assert trained.env.kwargs | trained.training_kwargs == {"levels": "train", "longest": 5}


def test_where_nothing_is_held_back_there_is_no_gap_and_no_trace_of_it(hub_here: Hub, tmp_path: Path) -> None:
    document = json.loads(hub_here(*TALLY, "--env-arg", "levels=train", "--json", "--out", tmp_path / "levels")[1])
    assert "generalisation" not in document
    assert verify(tmp_path / "levels").state == "confirmed"
    hub_here(*TALLY[:3], "--env", "lab-walk", "--episodes", "2", "--out", tmp_path / "walk")
    written = [(tmp_path / "walk" / name).read_text() for name in ("result.json", "agent/agent.json")]
    assert not any(word in text for text in written for word in ("generalisation", "training_kwargs"))


def test_a_saved_agent_an_object_and_an_untrained_one_have_their_gaps(folder: Path, result: Result, tmp_path: Path) -> None:
    again = hub.evaluate(folder / "agent", out=tmp_path / "again")
    assert again.generalisation == result.generalisation
    untrained = hub.run(agent="random", env="lab-levels", out=tmp_path / "random")
    assert untrained.generalisation is not None

    class Still(hub.Agent):
        def act(self, observations: Any, slots: np.ndarray) -> Any:
            return np.ones(len(slots), np.int64)

    own = hub.evaluate(Still(describe("lab-levels", {"levels": "test"})), episodes=4)
    assert own.generalisation is not None
    assert verify(own).state == "confirmed"


def test_the_same_bits_for_any_engine_and_slots(folder: Path, hub_here: Hub, tmp_path: Path) -> None:
    way = ("--engine", "process", "--workers", "2", "--slots", "1")
    assert hub_here(*TALLY, *way, "--out", tmp_path)[0] == 0
    assert (tmp_path / "result.json").read_bytes() == (folder / "result.json").read_bytes()
    assert "finished before" in hub_here(*TALLY, "--out", tmp_path)[1]


def test_tables_show_the_gap(folder: Path, hub_here: Hub, tmp_path: Path) -> None:
    explained = "gap: how much better where agents train (levels=train) than here"
    for words in ((*TALLY, "--out", folder), ("compare", folder)):
        code, out, _ = hub_here(*words)
        assert code == 0
        assert explained in " ".join(out.split())
    (compared,) = json.loads(hub_here("compare", folder, "--json")[1])["results"]
    assert {"gap", "ci_low", "ci_high", "kwargs"} <= compared["generalisation"].keys()


def test_a_leaderboard_has_a_column_for_it(hub_here: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LEADERBOARDS", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    for agent in ("random", "tally"):
        assert hub_here("leaderboard", "run", "lab-levels", "--agent", agent)[0] == 0
    code, out, _ = hub_here("leaderboard", "show", "lab-levels")
    assert code == 0
    assert "gap" in out
    rows = json.loads(hub_here("leaderboard", "show", "lab-levels", "--json")[1])["rows"]
    (tally,) = [row for row in rows if row["agent"] == "tally"]
    document = read_result(tmp_path / "lab-levels" / "tally" / "00.json")
    assert document.generalisation is not None
    assert tally["gap"]["mean"] == pytest.approx(document.generalisation.gap)
    assert tally["gap"]["ci_low"] < tally["gap"]["mean"] < tally["gap"]["ci_high"]
    assert hub_here("leaderboard", "validate", tmp_path / "lab-levels")[0] == 0


def test_both_parts_are_replayed(result: Result) -> None:
    verdict = verify(result)
    assert (verdict.state, verdict.reasons, verdict.episodes) == ("confirmed", [], 12)


@settings(max_examples=20)
@given(data=st.data())
def test_any_edited_number_of_the_second_part_is_refuted_and_named(result: Result, data: st.DataObject) -> None:
    document = result.model_dump(mode="json", by_alias=True)
    *way, key = data.draw(st.sampled_from(sorted(numbers(document["generalisation"]), key=str)))
    inside = document["generalisation"]
    for step in way:
        inside = inside[step]
    old = inside[key]
    inside[key] = old[::-1] + "0" if isinstance(old, str) else not old if isinstance(old, bool) else old + 1
    verdict = verify(Result.model_validate(document))
    assert verdict.state == "refuted"
    part = "episode" if way[:1] == ["episodes"] else "generalisation"
    assert any(reason.startswith(part) for reason in verdict.reasons)
    if part == "episode" and key != "index":
        assert any(reason.startswith(f"episode {6 + way[1]}") for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda own: {"generalisation": None}, "there is no generalisation, and the protocol lets agents train with {'levels': 'train'}"),
        (
            lambda own: {"generalisation": own.generalisation.model_copy(update={"episodes": own.generalisation.episodes[:5]})},
            "there are 5 episodes in the generalisation, and the protocol says 6",
        ),
        (
            lambda own: {"generalisation": own.generalisation.model_copy(update={"kwargs": {"levels": "test"}})},
            "generalisation: kwargs is {'levels': 'test'}, by the protocol it is {'levels': 'train'}",
        ),
        (
            lambda own: {"protocol": own.protocol.model_copy(update={"training_kwargs": {}})},
            "there is a generalisation, and the protocol lets agents train under the arguments they are evaluated under",
        ),
    ],
)
def test_a_second_part_that_is_not_the_protocols_is_refuted(result: Result, change: Callable[[Result], Any], reason: str) -> None:
    verdict = verify(result.model_copy(update=change(result)))
    assert verdict.state == "refuted"
    assert reason in verdict.reasons


def test_a_positive_gap_is_worse_on_what_was_held_back_whichever_way_is_better(result: Result) -> None:
    def episodes(*returns: float) -> list[Episode]:
        return [episode.model_copy(update={"return_": value}) for episode, value in zip(result.episodes, returns, strict=False)]

    high, low = episodes(5.0, 7.0, 9.0), episodes(1.0, 3.0, 2.0)
    protocol = ProtocolRecord(name="p", version=1, episodes=3)
    found = generalise({}, protocol, low, high)
    assert (found.gap, found.ci_low, found.ci_high) == (5.0, 4.0, 7.0)
    mirrored = generalise({}, protocol.model_copy(update={"higher_is_better": False}), high, low)
    assert (mirrored.gap, mirrored.ci_low, mirrored.ci_high) == (5.0, 4.0, 7.0)


def test_a_gap_needs_no_levels() -> None:
    protocol = ProtocolRecord(name="standard", version=1, episodes=5, training_kwargs={"max_episode_steps": 9})
    played = evaluate_object(Leaning(describe("CartPole-v1")), "CartPole-v1", {}, protocol, Settings())
    assert played.generalisation is not None
    assert {episode.return_ for episode in played.generalisation.episodes} == {9.0}
    assert played.generalisation.gap == 9 - played.summary.mean


def test_training_in_other_spaces_is_the_protocols_fault() -> None:
    protocol = ProtocolRecord(name="lakes", version=1, episodes=1, training_kwargs={"map_name": "8x8"})
    with pytest.raises(BrokenPlugin, match=r"protocol lakes lets agents train with .* is Discrete\(64\), and .* is Discrete\(16\)"):
        tasks_of("FrozenLake-v1", {}, protocol)


def test_an_unfinished_training_on_other_levels_is_not_taken_up(tmp_path: Path) -> None:
    order = order_run(agent="steady", env="lab-levels", out=tmp_path)
    TrainingFile(tmp_path, order.configuration).write({}, {}, steps=3, seeds=1)
    other = order.configuration.protocol.model_copy(update={"training_kwargs": {"levels": "validation"}})
    with pytest.raises(UsageError, match=r'training_kwargs\.levels is "train" there and "validation" here'):
        TrainingFile(tmp_path, order.configuration.model_copy(update={"protocol": other})).read()
