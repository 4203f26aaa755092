"""A killed training goes on where its agent saved it last, and nothing in the result shows it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.checkpoints import build_agent
from hub.curves import Curve
from hub.errors import DamagedFile, HubError, UsageError
from hub.results.files import read_cost
from hub.running.journal import open_journal
from hub.running.orders import Order, order_run
from hub.running.preparation import prepare_agent
from hub.running.progress import SilentProgress
from hub.running.seeds import training_seeds
from hub.running.unfinished import NAME, TrainingFile
from hub.training import Training

WORDS = ("--agent", "steady", "--env", "lab-walk", "--train-steps", "40")
PLAYED = list(islice(training_seeds(0), 8))
"""Seeds of the first episodes of a training with seed 0; it saves itself before each."""

Apart = Callable[..., Any]


def order(folder: Path, **changes: Any) -> Order:
    return order_run(**{"agent": "steady", "env": "lab-walk", "train_steps": 40, "episodes": 3, "out": folder, **changes})


class Killed(Exception):
    """Stands for SIGKILL inside one process."""


def learn(ordered: Order, saves: int | None) -> tuple[dict[str, np.ndarray], int, Curve | None] | None:
    """Train in one session that ends after so many saves; return weights, steps and learning curve if it came to the end."""
    left = iter(range(saves - 1)) if saves is not None else None

    def on_save() -> None:
        if left is not None and next(left, None) is None:
            raise Killed

    record = ordered.configuration.agent
    agent = build_agent(record, ordered.task)
    file = TrainingFile(ordered.folder, ordered.configuration)
    training = Training(ordered.task, steps=record.train_steps, seed=record.seed, file=file, on_save=on_save)
    try:
        agent.learn(training)
    except Killed:
        return None
    return agent.weights(), training.done, training.curve


@settings(max_examples=12)
@given(sessions=st.lists(st.integers(1, 5), max_size=4))
def test_any_number_of_sessions_learns_what_one_learns(sessions: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    straight = learn(order(tmp_path_factory.mktemp("straight")), None)
    ordered = order(tmp_path_factory.mktemp("cut"))
    ends: Iterator[int | None] = iter([*sessions, None])
    while (done := learn(ordered, next(ends))) is None:
        pass
    assert straight is not None
    assert done[1:] == straight[1:]
    assert done[2] is not None
    assert done[2].steps[-1] == done[1]
    assert {name: array.tobytes() for name, array in done[0].items()} == {name: array.tobytes() for name, array in straight[0].items()}


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, laboratory: None) -> Path:
    import hub

    folder = tmp_path_factory.mktemp("straight") / "run"
    hub.run(agent="steady", env="lab-walk", train_steps=40, episodes=3, out=folder)
    return folder


def same(folder: Path, straight: Path) -> None:
    for name in ("result.json", "agent/agent.json", "agent/weights.safetensors", "agent/curve.json"):
        assert (folder / name).read_bytes() == (straight / name).read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["agent", "cost.json", "journal.sqlite", "result.json"]


@pytest.mark.parametrize("episode", [0, 3])
def test_kill_dash_nine_in_training_costs_the_episode_in_flight(episode: int, apart: Apart, tmp_path: Path, straight: Path) -> None:
    run = ("run", *WORDS, "--episodes", "3", "--out", tmp_path / "run")
    killed = apart(*run, LAB_FAULT=f"killed:{PLAYED[episode]}")
    assert killed.returncode == -9
    again = apart(*run)
    assert again.returncode == 0, again.stderr
    assert "hub: the training of steady goes on from step" in again.stderr
    same(tmp_path / "run", straight)


REPLACE = """
import os, pathlib, signal, sys
plain, saves = pathlib.Path.replace, []
def replace(self, target):
    saves.append(target) if target.name == "training.safetensors" else None
    if len(saves) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(self, target)
pathlib.Path.replace = replace
from hub.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("command", ["run", "train"])
def test_a_kill_between_writing_and_renaming_leaves_the_save_before(command: str, apart: Apart, tmp_path: Path, straight: Path) -> None:
    folder = tmp_path / "run"
    words = (command, *WORDS, *(("--episodes", "3") if command == "run" else ()), "--out", folder)
    killed = subprocess.run([sys.executable, "-c", REPLACE, *map(str, words)], capture_output=True, check=False)
    assert killed.returncode == -9
    assert len(list(folder.glob(f".{NAME}.*.tmp"))) == 1
    saved = TrainingFile(folder, order(folder).configuration).read()
    assert saved is not None
    assert saved.seeds == 1
    assert apart(*words).returncode == 0
    assert not list(folder.glob(f"*{NAME}*")), "left behind"
    assert apart("run", *WORDS, "--episodes", "3", "--out", folder).returncode == 0
    same(folder, straight)


def test_an_agent_that_was_saved_leaves_no_unfinished_training(tmp_path: Path, straight: Path) -> None:
    """A kill after the agent is saved and before the training's file is removed."""
    ordered = order(tmp_path)
    learn(ordered, 2)
    (tmp_path / "agent").symlink_to(straight / "agent")
    prepare_agent(ordered, 60.0, SilentProgress())
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("command", ["run", "train"])
def test_an_interruption_says_what_it_leaves(command: str, apart: Apart, tmp_path: Path) -> None:
    words = (command, *WORDS, "--out", tmp_path / "run")
    stopped = apart(*words, LAB_FAULT=f"interrupt:{PLAYED[3]}")
    assert stopped.returncode == 130
    saved = TrainingFile(tmp_path / "run", order(tmp_path / "run").configuration).read()
    assert saved is not None
    assert f"interrupted; the training goes on from step {saved.steps} next time" in stopped.stderr
    never = apart(command, "--agent", "tally", *WORDS[2:], "--out", tmp_path / "never", LAB_FAULT="interrupt:")
    assert "interrupted; the training starts anew next time" in never.stderr


def test_the_seconds_of_a_killed_session_are_counted_up_to_its_last_save(apart: Apart, tmp_path: Path) -> None:
    run = ("run", *WORDS, "--env-arg", "pause=0.01", "--episodes", "3", "--out", tmp_path)
    assert apart(*run, LAB_FAULT=f"killed:{PLAYED[3]}").returncode == -9
    with open_journal(tmp_path, order(tmp_path, env_args={"pause": 0.01}).configuration) as journal:
        first = journal.cost("train")[0]
    assert first >= 3 * 3 * 0.01  # three episodes of at least three steps
    assert apart(*run).returncode == 0
    cost = read_cost(tmp_path)
    assert cost.train_wall_s >= 40 * 0.01
    assert cost.train_wall_s > first


def test_a_failing_training_that_was_taken_up_says_so(apart: Apart, tmp_path: Path) -> None:
    words = ("train", *WORDS, "--out", tmp_path)
    apart(*words, LAB_FAULT=f"killed:{PLAYED[3]}")
    failed = apart(*words, LAB_FAULT=f"raise:{PLAYED[4]}")
    assert failed.returncode == 1
    assert "without that file it starts anew" in failed.stderr


def test_damage_is_refused_wherever_it_is(tmp_path: Path) -> None:
    ordered = order(tmp_path)
    learn(ordered, 3)
    file = TrainingFile(tmp_path, ordered.configuration)
    whole = file.path.read_bytes()
    for place in range(0, len(whole), 41):
        file.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DamagedFile, match=r"training\.safetensors is damaged.*Delete it"):
            file.read()
    for length in (0, 7, 40, len(whole) - 1):
        file.path.write_bytes(whole[:length])
        with pytest.raises(DamagedFile, match="the training starts anew"):
            file.read()
    file.path.write_bytes(whole)
    assert file.read() is not None


def test_a_damaged_training_ends_the_command_in_one_line(apart: Apart, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"not safetensors")
    failed = apart("train", *WORDS, "--out", tmp_path)
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    assert f"the unfinished training {tmp_path / NAME} is damaged" in failed.stderr


@pytest.mark.parametrize(
    ("changes", "differing"),
    [
        ({"seed": 1}, "agent.seed is 0 there and 1 here"),
        ({"train_steps": 41}, "agent.train_steps is 40 there"),
        ({"agent_args": {"gain": 2.0}}, "agent.config.gain is 1.0 there and 2.0 here"),
        ({"env_args": {"longest": 9}}, "env.kwargs.longest is absent there"),
    ],
)
def test_another_training_is_refused_by_name(changes: dict[str, Any], differing: str, tmp_path: Path) -> None:
    learn(order(tmp_path), 2)
    other = order(tmp_path, **changes)
    with pytest.raises(UsageError, match=f"holds another unfinished training: .*{differing}"):
        learn(other, 2)
    assert learn(order(tmp_path, episodes=5), None) is not None, "how the agent is judged is another matter"


def test_what_is_saved_comes_back_and_what_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    ordered = order(tmp_path)
    file = TrainingFile(tmp_path, ordered.configuration)
    arrays = {"scalar": np.array(1.5), "empty": np.zeros((0, 3), np.int8), "turned": np.arange(6).reshape(2, 3).T}
    facts = {"huge": 2**127, "text": "\u00e9\n", "nothing": None, "list": [1, 2.5]}
    file.write(arrays, facts, steps=7, seeds=3)
    saved = file.read()
    assert saved is not None
    assert (saved.steps, saved.seeds, saved.facts) == (7, 3, facts)
    for name, array in arrays.items():
        np.testing.assert_array_equal(saved.arrays[name], array)
        assert saved.arrays[name].dtype == array.dtype
    for wrong in ({"value": float("nan")}, {"value": np.int64(1)}):
        with pytest.raises(ValueError, match="must be JSON values"):
            file.write({}, wrong, steps=8, seeds=3)
    with pytest.raises(ValueError, match="cannot be saved"):
        file.write({"objects": np.array([None])}, {}, steps=8, seeds=3)
    (tmp_path / "blocked").touch()
    with pytest.raises(HubError, match="cannot write"):
        TrainingFile(tmp_path / "blocked", ordered.configuration).write({}, {}, steps=8, seeds=3)
    kept = file.read()
    assert kept is not None
    assert kept.steps == 7


def test_saving_is_due_seldom_and_seldomer_where_it_takes_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("hub.training.time.monotonic", lambda: now[0])
    ordered = order(tmp_path)

    class Slow(TrainingFile):
        def write(self, *arrays: Any, **place: Any) -> None:
            now[0] += 2.0

    training = Training(ordered.task, steps=1, file=Slow(tmp_path, ordered.configuration))
    due = []
    for moment in (0.0, 9.9, 10.0):
        now[0] = moment
        due.append(training.save_due)
    training.save({}, {})
    for moment in (12.0, 51.9, 52.0):
        now[0] = moment
        due.append(training.save_due)
    assert due == [False, False, True, False, False, True]


def test_without_a_folder_nothing_is_saved_or_due(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    training = Training(order(tmp_path).task, steps=1)
    monkeypatch.setattr("hub.training.time.monotonic", lambda: 1e9)
    training.save({"a": np.zeros(1)}, {})
    assert training.saved is None
    assert not training.save_due
    assert not list(tmp_path.iterdir())


def test_the_header_says_what_the_file_is(tmp_path: Path) -> None:
    ordered = order(tmp_path)
    learn(ordered, 2)
    data = (tmp_path / NAME).read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    document = json.loads(header["__metadata__"]["training"])
    assert document["schema"] == "hub/training/1"
    assert document["configuration"]["agent"]["name"] == "steady"
