"""What goes wrong in the middle of a run: one clear line, finished episodes kept, and a resumed run that shows nothing of it."""

from __future__ import annotations

import contextlib
import importlib
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.errors import HubError
from hub.running.seeds import evaluation_seeds
from hub.running.watchdog import open_watchdog

SEED = evaluation_seeds("standard", 1, "lab/Walk-v0", 8)[5]
WORDS = ("run", "--agent", "tally", "--env", "lab-walk", "--episodes", "8", "--slots", "2")
Apart = Callable[..., Any]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, laboratory: None) -> bytes:
    import hub

    folder = tmp_path_factory.mktemp("straight") / "run"
    hub.run(agent="tally", env="lab-walk", episodes=8, out=folder)
    return (folder / "result.json").read_bytes()


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory, laboratory: None) -> bytes:
    import hub

    folder = tmp_path_factory.mktemp("parted") / "run"
    hub.run(agent="tally", env="lab-levels", out=folder)
    return (folder / "result.json").read_bytes()


def resumes_to(expected: bytes, folder: Path, apart: Apart) -> None:
    done = apart(*WORDS, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "result.json").read_bytes() == expected


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("raise", "environment lab/Walk-v0, episode 5"),
        ("hang", "hangs in episode"),
        ("hang-in-c", "hangs in episode"),
        ("full", "finished episodes are safe in it: make room"),
        ("memory", "raised MemoryError"),
    ],
)
def test_a_fault_is_one_line_and_the_run_goes_on_later(fault: str, said: str, apart: Apart, tmp_path: Path, expected: bytes) -> None:
    failed = apart(*WORDS, "--out", tmp_path, "--step-timeout", "0.8", LAB_FAULT=f"{fault}:{SEED}")
    assert failed.returncode == 1
    assert said in failed.stderr
    assert failed.stderr.count("\n") == 1
    assert failed.stdout == ""
    resumes_to(expected, tmp_path, apart)


def test_a_hang_names_pair_episodes_step_and_place(apart: Apart, tmp_path: Path) -> None:
    failed = apart(*WORDS, "--out", tmp_path, "--slots", "1", "--step-timeout", "0.8", LAB_FAULT=f"hang:{SEED}")
    assert (
        "environment lab-walk or agent tally hangs in episode 5 (step 3): no step ended within 0.8 s (at _hang, hub_lab.py" in failed.stderr
    )
    assert "--step-timeout" in failed.stderr


def test_a_hang_in_training_is_noticed_and_slow_learning_is_not(apart: Apart, tmp_path: Path) -> None:
    failed = apart(*WORDS, "--out", tmp_path, "--step-timeout", "0.8", LAB_FAULT="hang-in-c:")
    assert failed.returncode == 1
    assert "environment lab-walk in the training of tally hangs" in failed.stderr
    assert not (tmp_path / "agent").exists()
    pondering = apart(*WORDS, "--out", tmp_path / "slow", "--step-timeout", "0.5", "--agent-arg", "ponder=1.2")
    assert pondering.returncode == 0


def test_a_fault_in_training_is_one_line(apart: Apart, tmp_path: Path) -> None:
    failed = apart(*WORDS, "--out", tmp_path, LAB_FAULT="raise:")
    assert failed.returncode == 1
    assert "the training of tally on lab/Walk-v0 failed after 2 steps: ValueError: the floor is missing" in failed.stderr
    assert failed.stderr.count("\n") == 1


@pytest.mark.parametrize(("fault", "said"), [("killed", "killed by SIGKILL"), ("memory", "ran out of memory")])
def test_a_dead_worker_is_replaced_and_nothing_is_lost(fault: str, said: str, apart: Apart, tmp_path: Path, expected: bytes) -> None:
    done = apart(
        *(*WORDS, "--engine", "process", "--workers", "2", "--out", tmp_path / "run"),
        LAB_FAULT=f"{fault}:{SEED}",
        LAB_ONCE=tmp_path / "once",
    )
    assert done.returncode == 0
    assert said in done.stderr
    assert "5" in done.stderr.partition("played episode")[2]
    assert (tmp_path / "run" / "result.json").read_bytes() == expected


def test_workers_that_keep_dying_end_the_run_with_signal_and_episodes(apart: Apart, tmp_path: Path, expected: bytes) -> None:
    words = (*WORDS, "--engine", "process", "--workers", "1", "--slots", "1", "--out", tmp_path)
    failed = apart(*words, LAB_FAULT=f"killed:{SEED}")
    assert failed.returncode == 1
    last = failed.stderr.splitlines()[-1]
    assert "killed by SIGKILL" in last
    assert "played episode 5 of lab-walk with tally; 3 have died" in last
    resumes_to(expected, tmp_path, apart)


@pytest.mark.parametrize("fault", ["hang-in-c", "raise"])
def test_what_fails_in_a_worker_is_told_as_here(fault: str, apart: Apart, tmp_path: Path) -> None:
    words = (*WORDS, "--engine", "process", "--workers", "1", "--out", tmp_path, "--step-timeout", "0.8")
    failed = apart(*words, LAB_FAULT=f"{fault}:{SEED}")
    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1
    assert ("hangs in episode" if fault == "hang-in-c" else "step raised ValueError") in failed.stderr


@pytest.mark.parametrize(("fault", "levels", "code"), [("killed", "train", -9), ("terminate", "train", 130), ("killed", "test", -9)])
def test_what_ends_a_run_with_held_out_levels_in_either_part_shows_nowhere(
    fault: str, levels: str, code: int, apart: Apart, tmp_path: Path, parted: bytes
) -> None:
    words = ("run", "--agent", "tally", "--env", "lab-levels", "--slots", "2", "--out", tmp_path / "run")
    seed = evaluation_seeds("lab-levels", 1, "lab/Levels-v0", 6)[4]
    failed = apart(*words, LAB_FAULT=f"{fault}:{seed}", LAB_LEVELS=levels)
    assert failed.returncode == code
    shutil.copytree(tmp_path / "run", tmp_path / "copy")  # looking into a journal changes its files
    with contextlib.closing(sqlite3.connect(tmp_path / "copy" / "journal.sqlite")) as journal:
        (kept,) = journal.execute("SELECT count(*) FROM episodes").fetchone()
    assert 3 <= kept - (6 if levels == "train" else 0) <= 5
    if fault == "terminate":
        assert f"{kept} of 12 episodes are kept" in failed.stderr
    done = apart(*words)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "result.json").read_bytes() == parted


def test_a_result_that_cannot_be_written_loses_nothing(apart: Apart, tmp_path: Path, expected: bytes) -> None:
    apart(*WORDS, "--out", tmp_path, LAB_FAULT=f"raise:{SEED}")
    (tmp_path / "cost.json").mkdir()
    failed = apart(*WORDS, "--out", tmp_path)
    assert failed.returncode == 1
    assert "cannot write" in failed.stderr
    assert failed.stderr.count("\n") == 1
    (tmp_path / "cost.json").rmdir()
    resumes_to(expected, tmp_path, apart)


def test_kill_dash_nine_at_any_moment_leaves_a_run_that_resumes_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    kill = importlib.import_module("kill")
    trials = kill.series(tmp_path, kills=5, episodes=12, stream=random.Random(7))
    assert [trial.identical for trial in trials] == [True] * 5
    assert {trial.hit for trial in trials} != {"finished"}


def test_no_room_for_temporary_files_is_one_line(apart: Apart, tmp_path: Path) -> None:
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); from hub.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    failed = subprocess.run([sys.executable, "-c", script, *WORDS, "--out", tmp_path / "run"], capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1
    assert "cannot begin a run" in failed.stderr
    with pytest.raises(HubError, match="cannot write to the temporary folder"):
        open_watchdog(1.0, tmp_path / "nowhere")
