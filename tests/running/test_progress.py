from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.running.progress import RunningScore, open_progress

RUN = ("run", "--agent", "tally", "--env", "lab-walk", "--episodes", "12", "--slots", "2", "--env-arg", "pause=0.01")


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_the_running_score_is_the_mean_with_its_interval(scores: list[float]) -> None:
    running = RunningScore()
    for score in scores:
        running.add(score)
    half = 1.96 * np.std(scores, ddof=1) / np.sqrt(len(scores))
    said = [float(number) for number in re.findall(r"-?[\d.]+(?:e[+-]\d+)?", str(running))]
    assert said == pytest.approx([np.mean(scores), np.mean(scores) - half, np.mean(scores) + half], rel=1e-3, abs=1e-3)


def test_there_is_no_score_before_the_first_episode_and_no_interval_before_the_second() -> None:
    running = RunningScore()
    assert str(running) == ""
    running.add(2.5)
    assert str(running) == "score 2.5"


def test_a_terminal_shows_rate_time_left_score_and_what_training_reports(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "hub", *RUN, "--out", str(tmp_path)]
    with subprocess.Popen(
        command, stderr=theirs, stdout=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "200", "TERM": "xterm"}
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert process.returncode == 0
    assert re.search(r"train tally .*40/40 steps .* mean ", text)
    assert re.search(r"evaluate tally .*12/12 episodes .*episodes/s, .*steps/s .*0:00:0\d .*score .*\[", text)


def test_elsewhere_nothing_is_shown_but_what_must_be_said(
    apart: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apart(*RUN, "--out", tmp_path).stderr == ""
    with open_progress(shown=False) as progress:
        progress.begin("title", 10, "steps")
        progress.advance_to(3)
        progress.steps(2)
        progress.note("note")
        progress.say("a worker died")
    assert capsys.readouterr().err == "hub: a worker died\n"
