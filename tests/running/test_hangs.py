"""The record of a hang, and its reporter: what happens to that or to its folder is no matter of the run's."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from hub.running import hangs
from hub.running.watchdog import open_watchdog, reported_watchdog


def test_a_folder_that_somebody_else_removed_is_no_fault(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", hangs.__file__, str(tmp_path / "gone")]
    done = subprocess.run(command, input=hangs.FAREWELL, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_is_watched_last_is_what_hangs(tmp_path: Path) -> None:
    with open_watchdog(60.0, tmp_path) as watchdog:
        watchdog.name("something with a long name")
        watchdog.name("it")
        assert hangs.read_hang(tmp_path) is None
        (tmp_path / hangs.TRACE).write_text("Timeout (0:01:00)!")
        assert hangs.read_hang(tmp_path) == "it hangs: no step ended within 60 s; --step-timeout sets the limit"


def test_a_reporter_that_was_killed_does_not_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with reported_watchdog(60.0) as watchdog:
        (reporter,) = [child for child in psutil.Process().children() if hangs.__file__ in child.cmdline()]
        reporter.kill()
        reporter.wait()
        watchdog.tick()
