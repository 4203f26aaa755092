"""A real episode of BrowserGym's MiniWoB++ in a real Chromium, as a user plays it: run, recording, replay."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hub.results.files import read_result
from hub.results.recordings import read_recording

_WHERE = "from playwright.sync_api import sync_playwright as start\nwith start() as p:\n    print(p.chromium.executable_path)"


def _has(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Let Playwright take the system's Chromium for its own, and BrowserGym the pages that MiniWoB++'s package brings."""
    for module, package in (("browsergym.miniwob", "browsergym-miniwob"), ("miniwob", "miniwob")):
        if not _has(module):
            pytest.skip(f"needs BrowserGym and MiniWoB++'s pages: pip install {package}")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium: apt install chromium")
    pages = importlib.util.find_spec("miniwob")
    assert pages is not None
    assert pages.submodule_search_locations is not None
    environ = {
        **os.environ,
        "HUB_HOME": str(tmp_path / "hub-home"),
        "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "browsers"),
        "MINIWOB_URL": (Path(pages.submodule_search_locations[0]) / "html/miniwob").as_uri() + "/",
    }
    found = subprocess.run([sys.executable, "-c", _WHERE], env=environ, capture_output=True, text=True, check=True).stdout
    browser = Path(found.strip())
    browser.parent.mkdir(parents=True)
    browser.symlink_to(chromium)
    return environ


@pytest.mark.browser
def test_an_episode_is_played_recorded_and_replayed(environ: dict[str, str], tmp_path: Path) -> None:
    # in processes of their own: Playwright leaves an event loop running in the thread that started it
    def hub(*words: str | Path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "hub", *map(str, words)], env=environ, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    limit = ("--env-arg", "max_episode_steps=10")
    env = "browsergym/miniwob.click-test"
    hub("run", "--agent", "gui-random", "--env", env, *limit, "--episodes", "1", "--record", "--out", "run")
    result = read_result(tmp_path / "run")
    episode = result.episodes[0]
    assert (result.env.distribution, episode.return_, episode.terminated) == ("browsergym-miniwob", 1.0, True)
    recording = read_recording(tmp_path / "run", episode)
    assert recording is not None
    assert recording.first.texts["goal"] == "Click the button."
    assert [step.reward for step in recording.steps] == [*[0.0] * (episode.length - 1), 1.0]
    screens = [np.asarray(Image.open(tmp_path / "run/episodes/0" / str(seen.screen))) for seen in (recording.first, *recording.steps)]
    assert {screen.shape for screen in screens} == {(321, 498, 3)}
    assert len(np.unique(screens[0])) > 10  # a page with a button
    assert "confirmed (1 episodes" in hub("verify", "run")
