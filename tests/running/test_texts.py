"""Texts and pictures beside each other, from observation to receipt: a screen that is read and pressed by text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

import hub
from hub.checkpoints import build_agent
from hub.results.files import read_result
from hub.results.models import AgentRecord
from hub.running.loop import Rules
from hub.running.worlds import open_world
from hub.running.worlds.leaves import belongs

from .playing import episodes_of

RECORD = AgentRecord(name="clerk", seed=0, plugin="lab", distribution="hub-lab", version="1.0")
Hub = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("env", ["lab-desk", "lab-desks"])
def test_the_same_bits_in_every_engine_and_a_receipt_that_replays(hub_here: Hub, tmp_path: Path, env: str) -> None:
    ways = [["--slots", "1"], ["--slots", "3"], ["--engine", "process", "--workers", "2", "--slots", "2"]]
    for number, way in enumerate(ways):
        assert hub_here("run", "--agent", "clerk", "--env", env, "--out", tmp_path / str(number), *way)[0] == 0
    assert len({(tmp_path / str(number) / "result.json").read_bytes() for number in range(len(ways))}) == 1
    assert hub_here("verify", tmp_path / "0")[0] == 0


def test_the_native_batch_plays_what_the_single_one_plays() -> None:
    rules = Rules(metrics={"invalid": "sum"})
    played = []
    for env, width in (("lab-desk", 1), ("lab-desk", 4), ("lab-desks", 1), ("lab-desks", 4)):
        agent = build_agent(RECORD, hub.describe(env))
        played.append(episodes_of(open_world(env, {}, width), lambda task, agent=agent: agent, rules=rules))
    assert played[0]
    assert all(other == played[0] for other in played)


def test_actions_stay_readable_in_the_receipt_and_unreadable_ones_are_counted(hub_here: Hub, tmp_path: Path) -> None:
    assert hub_here("run", "--agent", "clerk", "--env", "lab-desk", "--out", tmp_path)[0] == 0
    for episode in read_result(tmp_path).episodes:
        assert episode.actions is not None
        unread = sum(action == "click there" for action in episode.actions.data)
        assert episode.metrics["invalid"] == unread
        assert episode.agent_metrics["tokens"] == 3 * episode.length


def test_an_edited_text_is_refuted(hub_here: Hub, tmp_path: Path) -> None:
    hub_here("run", "--agent", "clerk", "--env", "lab-desk", "--out", tmp_path)
    result = read_result(tmp_path)
    first = result.episodes[0]
    assert first.actions is not None
    log = first.actions.model_copy(update={"data": ["nothing", *first.actions.data[1:]]})
    verdict = hub.verify(result.model_copy(update={"episodes": [first.model_copy(update={"actions": log}), *result.episodes[1:]]}))
    assert verdict.state == "refuted"


@pytest.mark.parametrize("env", ["lab-desk", "lab-desks"])
def test_a_killed_run_goes_on_to_the_same_bytes(hub_here: Hub, apart: Callable[..., Any], tmp_path: Path, env: str) -> None:
    words = ("run", "--agent", "clerk", "--env", env, "--slots", "1")
    assert hub_here(*words, "--out", tmp_path / "whole")[0] == 0
    seed = read_result(tmp_path / "whole").episodes[2].seed
    assert apart(*words, "--out", tmp_path / "killed", LAB_FAULT=f"killed:{seed}").returncode == -9
    assert hub_here(*words, "--out", tmp_path / "killed")[0] == 0
    assert (tmp_path / "killed" / "result.json").read_bytes() == (tmp_path / "whole" / "result.json").read_bytes()


@pytest.mark.parametrize("env", ["lab-desk", "lab-desks"])
def test_it_passes_the_conformance_checks(hub_here: Hub, env: str) -> None:
    code, out, _ = hub_here("check", env, "--steps", "30", "--json")
    failed = [row for subject in json.loads(out)["subjects"] for row in subject["checks"] if row["state"] == "failed"]
    assert (code, failed) == (0, [])


@given(st.text(max_size=8) | st.none() | st.integers() | st.lists(st.sampled_from("ab")))
def test_texts_belong_as_gymnasium_says(value: object) -> None:
    for space in (spaces.Text(5), spaces.Text(4, min_length=0, charset="abü\n"), spaces.Text(6, charset="")):
        assert belongs(space, value) == space.contains(value)


def test_tables_show_what_the_agent_counts(hub_here: Hub, tmp_path: Path) -> None:
    for name, env_args in (("a", ()), ("b", ("--agent-arg", "slip=x"))):
        code, out, _ = hub_here("run", "--agent", "clerk", "--env", "lab-desk", "--out", tmp_path / name, *env_args)
        assert (code, "tokens" in out) == (0, True)
    tokens = [episode.agent_metrics["tokens"] for episode in read_result(tmp_path / "a").episodes]
    assert "tokens" in hub_here("compare", tmp_path / "a", tmp_path / "b")[1]
    sides = json.loads(hub_here("compare", tmp_path / "a", tmp_path / "b", "--json")[1])["results"]
    assert sides[0]["counted"]["tokens"]["mean"] == pytest.approx(sum(tokens) / len(tokens))
