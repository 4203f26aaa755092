"""`hub watch --page`: one page that steps through a recorded or replayed episode."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import hub
from hub.results.files import read_result, write_result
from hub.results.marks import mark_of
from hub.results.recordings import read_recording

Hub = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded") / "run"
    hub.run(agent="clerk", env="lab-desk", out=folder, progress=False, record=True)
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bare") / "run"
    hub.run(agent="clerk", env="lab-desk", out=folder, progress=False)
    return folder


def data_in(page: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def pixels(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,")))))


def test_a_recorded_episode_becomes_a_page_with_screens_words_and_marks(hub_here: Hub, recorded: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code, out, _ = hub_here("watch", recorded, "--episode", "1", "--page", page)
    assert (code, out) == (0, f"episode 1 of clerk on lab/Desk-v0, recorded; wrote {page}\n")
    data = data_in(page)
    episode = read_result(recorded).episodes[1]
    recording = read_recording(recorded, episode)
    assert recording is not None
    assert data["goal"] == [recording.first.texts["goal"]]
    assert data["facts"]["return"] == f"{episode.return_:.6g}"
    assert {"invalid", "tokens", "seed", "steps"} <= set(data["facts"])
    *steps, end = data["moments"]
    assert len(steps) == episode.length
    assert [step["said"][0]["reply"] for step in steps] == [entry["reply"] for entry in recording.transcript]
    assert "action" not in end
    screen = recorded / "episodes" / "1" / str(recording.steps[-1].screen)
    assert np.array_equal(pixels(data["screens"][end["screen"]]), np.asarray(Image.open(screen)))
    assert len(set(data["screens"])) == len(data["screens"]) < len(data["moments"])
    for step, kept in zip(steps, recording.steps, strict=True):
        assert (step["invalid"], step["error"]) == (bool(kept.info["invalid"]), kept.info.get("error"))
        assert (step["mark"] is None) == bool(kept.info["invalid"])


def test_without_a_recording_the_receipt_is_replayed(hub_here: Hub, bare: Path, recorded: Path, tmp_path: Path) -> None:
    code, out, _ = hub_here("watch", bare, "--episode", "1", "--page", tmp_path / "page.html")
    assert (code, "replayed; wrote" in out) == (0, True)
    hub_here("watch", recorded, "--episode", "1", "--page", tmp_path / "recorded.html")
    replayed, original = data_in(tmp_path / "page.html"), data_in(tmp_path / "recorded.html")
    assert replayed["facts"]["from"] == "a replay of the receipt, without the agent's words"
    assert replayed["screens"] == original["screens"]
    assert [moment.get("mark") for moment in replayed["moments"]] == [moment.get("mark") for moment in original["moments"]]


def test_an_environment_that_only_renders_is_replayed_too(hub_here: Hub, tmp_path: Path) -> None:
    words = ("--agent", "random", "--env", "CartPole-v1", "--env-arg", "max_episode_steps=3", "--episodes", "1")
    hub_here("run", *words, "--out", tmp_path / "run")
    assert hub_here("watch", tmp_path / "run", "--page", tmp_path / "page.html")[0] == 0
    data = data_in(tmp_path / "page.html")
    assert pixels(data["screens"][0]).shape == (400, 600, 3)
    assert len(data["moments"]) == 4


def test_a_replay_that_differs_is_shown_and_ends_with_1(hub_here: Hub, bare: Path, tmp_path: Path) -> None:
    result = read_result(bare)
    first = result.episodes[0]
    forged = first.model_copy(update={"digests": first.digests.model_copy(update={"outcomes": "0" * 32})})
    write_result(result.model_copy(update={"episodes": [forged, *result.episodes[1:]]}), tmp_path / "forged.json")
    code, out, _ = hub_here("watch", tmp_path / "forged.json", "--page", tmp_path / "page.html")
    assert (code, "its outcomes differ" in out) == (1, True)
    assert "its outcomes differ from the receipt" in data_in(tmp_path / "page.html")["facts"]["from"]


class Addresses(HTMLParser):
    """Collects tags and what they point to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]


def test_the_page_needs_nothing_and_no_text_of_the_episode_becomes_markup(hub_here: Hub, recorded: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(recorded, folder)
    file = folder / "episodes" / "0.json"
    evil = '</script><img src=x onerror="alert(1)"><!-- {{data}} {{title}}'
    document = json.loads(file.read_text())
    document["first"]["texts"]["goal"] = document["transcript"][0]["reply"] = document["steps"][0]["action"] = evil
    file.write_text(json.dumps(document))
    assert hub_here("watch", folder, "--page", tmp_path / "page.html")[0] == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert data_in(tmp_path / "page.html")["goal"] == [evil]
    parser = Addresses()
    parser.feed(text)
    assert parser.addresses == []
    assert parser.tags.count("script") == 2
    assert not re.search(r"https?://|url\(|@import", text)


def test_without_pillow_a_replay_says_what_to_type(hub_here: Hub, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "PIL" else real(name, *rest))
    code, _, err = hub_here("watch", bare, "--page", tmp_path / "a.html")
    assert (code, "pip install 'gymhub[record]'" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{run}", "--episode", "9", "--page", "a.html"], "the result has no episode 9; it has episodes 0 to 4"),
        (["{run}", "--page", "a.png"], "a page is written as .html, not as 'a.png'"),
        (["{run}", "--page", "a.html", "--out", "a.gif"], "give either --out or --page"),
        (["--agent", "clerk", "--env", "lab-desk", "--page", "a.html"], "a page is made of a RESULT"),
    ],
)
def test_mistakes_are_explained(hub_here: Hub, bare: Path, words: list[str], said: str) -> None:
    code, out, err = hub_here("watch", *(word.format(run=bare) for word in words))
    assert (code, out) == (2, "")
    assert said in err


def test_what_was_neither_recorded_nor_can_be_replayed_says_what_to_do(hub_here: Hub, bare: Path, tmp_path: Path) -> None:
    result = read_result(bare)
    episodes = [episode.model_copy(update={"actions": None}) for episode in result.episodes]
    write_result(result.model_copy(update={"episodes": episodes}), tmp_path / "result.json")
    code, _, err = hub_here("watch", tmp_path, "--page", tmp_path / "a.html")
    assert (code, "was not recorded, and its actions were not kept either; run it again with --record" in err) == (2, True)


def test_a_lost_screen_is_one_clear_line(hub_here: Hub, recorded: Path, tmp_path: Path) -> None:
    shutil.copytree(recorded, tmp_path / "run")
    (tmp_path / "run" / "episodes" / "0" / "0.png").unlink()
    code, _, err = hub_here("watch", tmp_path / "run", "--page", tmp_path / "a.html")
    assert (code, "a screen of the recording cannot be read" in err) == (1, True)


ELEMENTS = json.dumps([{"text": "a"}, {"bbox_pixels": {"x_min": 3, "x_max": 10, "y_min": 4, "y_max": 24}}])


@pytest.mark.parametrize(
    ("action", "mark"),
    [
        ('{"action_type": "click", "x": 3, "y": 4.5}', {"x": 3.0, "y": 4.5}),
        ({"action_type": "CLICK", "parameters": {"x": 3, "y": 4}}, {"x": 3.0, "y": 4.0}),
        ('{"action_type": "click", "index": 1}', {"x": 3.0, "y": 4.0, "width": 7.0, "height": 20.0}),
        ("import pyautogui; pyautogui.doubleClick(x=12, y=34)", {"x": 12.0, "y": 34.0}),
        ("pyautogui.moveTo(1, 2.5)", {"x": 1.0, "y": 2.5}),
        ('{"action_type": "click", "index": 0}', None),
        ('{"action_type": "click", "index": 7}', None),
        ('{"action_type": "click", "x": "left", "y": true}', None),
        ("WAIT", None),
        ("[1, 2]", None),
        (3, None),
    ],
)
def test_an_action_is_marked_where_it_goes(action: Any, mark: dict[str, float] | None) -> None:
    assert mark_of(action, {"goal": "press a", "elements": ELEMENTS}) == mark


@pytest.mark.browser
def test_a_browser_shows_the_page(hub_here: Hub, recorded: Path, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs a browser: Debian's package chromium")
    hub_here("watch", recorded, "--episode", "1", "--page", tmp_path / "page.html")
    options = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}/profile",
        "--virtual-time-budget=2000",
        "--dump-dom",
    )
    done = subprocess.run([chromium, *options, (tmp_path / "page.html").as_uri()], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.count('class="number"') == len(data_in(tmp_path / "page.html")["moments"])
    assert 'aria-current="step"' in done.stdout
    assert '<p id="goal">press ' in done.stdout
    assert re.search(r'<div id="mark" class="(point)?" style="left:', done.stdout)
