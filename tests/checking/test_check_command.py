"""`hub check` as a command: what it prints, and the code it ends with."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from hub.checking.subjects import Plan
from hub.checking.suites import COMMON_CHECKS, SINGLE_CHECKS, agent_checks, name_of, parallel_checks, promise_of
from hub.checking.targets import TRIAL_ENVIRONMENTS, _candidates, targets
from hub.cli import main
from hub.commands.check import configure

QUICK = ["--episodes", "1", "--steps", "40"]


def checked(capsys, *words):
    code = main(["check", *words, *QUICK, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_an_environment_that_passes(capsys):
    code, report = checked(capsys, "CartPole-v1", "--env-arg", "sutton_barto_reward=true", "--seed", "5")
    (subject,) = report["subjects"]
    assert (code, report["passed"], subject["kind"], subject["name"]) == (0, True, "environment", "CartPole-v1")
    assert [row["check"] for row in subject["checks"]] == [name_of(check) for check in COMMON_CHECKS + SINGLE_CHECKS]
    assert {row["state"] for row in subject["checks"]} == {"passed", "not applicable"}


def test_an_environment_that_fails_is_told_in_a_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert main(["check", "faulty_environments:faulty/ClipsActionInPlace-v0", *QUICK]) == 1
    shown = capsys.readouterr().out
    assert "actions-not-modified" in shown
    assert "step changed the action it was given" in shown
    assert "right: clip and scale a copy" in shown
    assert "1 failed" in shown


@pytest.mark.parametrize(
    ("fault", "what", "place"),
    [
        ("Exits", "the process exited with code 3", ""),
        ("Crashes", "the process was killed by SIGSEGV", "in string_at"),
        ("Hangs", "no answer within 6 s", "in move"),
    ],
)
def test_a_subject_that_takes_its_process_down_is_reported_with_its_place(fault, what, place, capsys):
    code = main(["check", f"faulty_environments:faulty/{fault}-v0", "--episodes", "1", "--steps", "60", "--timeout", "6", "--json"])
    rows = json.loads(capsys.readouterr().out)["subjects"][0]["checks"]
    assert code == 1
    assert (rows[0]["check"], rows[0]["state"], rows[0]["what"]) == ("builds-and-plays", "failed", what)
    assert place in rows[0]["where"]
    assert {row["check"] for row in rows} == {name_of(check) for check in COMMON_CHECKS + SINGLE_CHECKS}


def test_an_agent_is_checked_on_the_environment_named(capsys):
    code, report = checked(capsys, "constant", "--env", "CartPole-v1", "--agent-arg", "action=1")
    (subject,) = report["subjects"]
    assert (code, subject["kind"], subject["name"]) == (0, "agent", "constant on CartPole-v1")
    assert [row["check"] for row in subject["checks"]] == [name_of(check) for check in agent_checks()]


def test_agents_are_tried_at_home_then_in_gymnasiums_environments_then_in_anybodys_games(monkeypatch):
    rows = [("their/Walk-v0", "their", "gymnasium"), ("their/Game-v0", "their", "parallel"), ("mine/Maze-v0", "mine", "gymnasium")]
    monkeypatch.setattr("hub.registry.environments", lambda: [dict(zip(("id", "plugin", "kind"), row, strict=True)) for row in rows])
    assert list(_candidates("mine")) == ["mine/Maze-v0", *TRIAL_ENVIRONMENTS, "their/Game-v0"]


def test_a_plugin_stands_for_all_that_it_registers():
    names = {target.name for target in targets("baselines", Plan())}
    assert {"random on CartPole-v1", "dqn on CartPole-v1", "sac on Pendulum-v1"} <= names


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["CartPole-v11"], "did you mean"),
        (["CartPole-v1", "--episodes", "0"], "--episodes must be at least 1"),
        (["CartPole-v1", "--timeout", "0"], "--timeout must be a positive number"),
        (["CartPole-v1", "--env", "Taxi-v4"], "--env means nothing for environment"),
        (["CartPole-v1", "--agent-arg", "a=1"], "--agent-arg means nothing for environment"),
        (["CartPole-v1", "--env-arg", "gravity=1"], "gravity"),
        (["CartPole-v1", "--as", "agent"], "unknown agent"),
        (["dqn", "--env", "Pendulum-v1"], "dqn cannot act in Pendulum-v1"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(words, part, capsys):
    assert main(["check", *words]) == 2
    error = capsys.readouterr().err.strip()
    assert part in error
    assert "\n" not in error


def test_every_option_is_documented():
    parser = argparse.ArgumentParser()
    configure(parser)
    page = (Path(__file__).parents[2] / "docs" / "check.md").read_text()
    options = [word for action in parser._actions for word in action.option_strings if word not in ("-h", "--help")]
    assert [option for option in options if f"| `{option}" not in page] == []


def test_every_check_says_what_it_promises_here_and_in_the_documentation():
    checks = {*COMMON_CHECKS, *SINGLE_CHECKS, *parallel_checks(), *agent_checks()}
    assert all(promise_of(check).endswith(".") for check in checks)
    page = (Path(__file__).parents[2] / "docs" / "check.md").read_text()
    assert [check for check in checks if f"| `{name_of(check)}` | {promise_of(check)} |" not in page] == []
    assert len({name_of(check) for check in checks}) == len(checks)
