"""Installed plugins that are wrong hurt nobody, and each is shown with its reason."""

from __future__ import annotations

import json

import psutil
import pytest


@pytest.fixture(scope="module")
def rows(crowded):
    done = crowded.hub("plugins", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return {row["distribution"]: row for row in json.loads(done.stdout)}


def test_every_broken_plugin_is_shown_with_its_state_and_reason(rows, broken_files):
    told = {file.stem: (rows[file.stem]["state"], rows[file.stem]["reason"]) for file in broken_files}
    expected = {file.stem: tuple(file.read_text().splitlines()[0].removeprefix("# ").split(": ", 1)) for file in broken_files}
    assert {name: got for name, got in told.items() if got[0] != expected[name][0] or expected[name][1] not in got[1]} == {}
    assert len(broken_files) >= 60


def test_nothing_that_a_plugin_started_goes_on_running(rows):
    commands = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert [command for command in commands if "left by a broken plugin" in command] == []


def test_reasons_are_one_line_each(rows):
    assert all("\n" not in row["reason"] for row in rows.values())


def test_good_plugins_beside_them_stay_good(rows):
    assert rows["good_one"]["state"] == rows["good_two"]["state"] == "ok"


def test_two_distributions_with_one_plugin_name_clash_and_both_are_named(rows):
    for name in ("clash_left", "clash_right"):
        assert rows[name]["state"] == "clashing"
        assert "clash_left 1.0 and clash_right 1.0" in rows[name]["reason"]


@pytest.mark.parametrize(
    "words", [["list", "envs"], ["list", "agents", "--json"], ["list", "protocols,papers"], ["plugins"], ["info", "good_one"]]
)
def test_listings_work_among_broken_plugins(crowded, rows, words):
    done = crowded.hub(*words)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_listings_show_what_good_plugins_bring_and_say_that_more_is_unusable(crowded, rows):
    done = crowded.hub("list", "envs", "--json")
    ids = [row["id"] for row in json.loads(done.stdout)]
    assert {"good_one/Maze-v0", "good_one/Maze-v1", "good_two/Maze-v0"} <= set(ids)
    assert not any(name.startswith(("clash/", "registers_cartpole/", "same_id_twice/")) for name in ids)
    assert "unusable plugins" in done.stderr


def test_no_plugin_is_imported_by_a_listing(crowded, rows, broken_files):
    done = crowded.python("-X", "importtime", "-m", "hub", "list", "envs")
    imported = {line.rsplit("|", 1)[-1].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert imported.isdisjoint({file.stem for file in broken_files} | {"good_one", "good_two"})


def test_why_shows_the_trace(crowded, rows):
    done = crowded.hub("plugins", "--why", "hook_raises")
    assert done.returncode == 0
    assert "ZeroDivisionError" in done.stdout
    assert "hook_raises.py" in done.stdout


@pytest.mark.parametrize(
    ("name", "where"), [("loops_forever", "loops_forever.py"), ("segfaults", "segfaults.py"), ("sleeps_forever", "sleeps_forever.py")]
)
def test_why_shows_where_a_plugin_hung_or_crashed(crowded, rows, name, where):
    assert where in crowded.hub("plugins", "--why", name).stdout


def test_asking_for_what_a_broken_plugin_would_bring_ends_with_3(crowded, rows):
    done = crowded.hub("info", "syntax_error/Maze-v0")
    assert done.returncode == 3
    assert "SyntaxError" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_agent_that_two_plugins_register_must_be_named_with_its_plugin(crowded, rows):
    bare = crowded.hub("info", "walker")
    assert bare.returncode == 2
    assert "good_one/walker or good_two/walker" in bare.stderr
    whole = crowded.hub("info", "good_two/walker", "--json")
    assert json.loads(whole.stdout)["agent"]["plugin"] == "good_two"


def test_gymnasium_is_unharmed(crowded, rows):
    code = "import hub, gymnasium as gym; print(gym.make('CartPole-v1').unwrapped.__class__.__name__, 'good_one/Maze-v1' in gym.registry)"
    done = crowded.python("-c", code)
    assert done.stdout.split() == ["CartPoleEnv", "True"], done.stderr
