"""The reporter of hangs keeps to itself: what happens to it or its folder is no matter of the run's."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from hub.running import hangs
from hub.running.watchdog import reported_watchdog


def test_a_folder_that_somebody_else_removed_is_no_fault(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", hangs.__file__, str(tmp_path / "gone")]
    done = subprocess.run(command, input=hangs.FAREWELL, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reporter_that_was_killed_does_not_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with reported_watchdog(60.0) as watchdog:
        (reporter,) = [child for child in psutil.Process().children() if hangs.__file__ in child.cmdline()]
        reporter.kill()
        reporter.wait()
        watchdog.tick()
