"""`hub run --record`: what it keeps, that it changes nothing, and what it says when it cannot."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import hub
from hub.environments import describe
from hub.results.files import read_result
from hub.results.recordings import read_recording
from hub.running.recording import screen_leaf

Hub = Callable[..., tuple[int, str, str]]
CLERK = ("run", "--agent", "clerk", "--env")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded") / "run"
    hub.run(agent="clerk", env="lab-desk", out=folder, progress=False, record=True)
    return folder


def test_recording_changes_no_bytes_and_every_engine_records_the_same(hub_here: Hub, recorded: Path, tmp_path: Path) -> None:
    assert hub_here(*CLERK, "lab-desk", "--out", tmp_path / "plain")[0] == 0
    ways = ("--record", "--engine", "process", "--workers", "2", "--slots", "2")
    assert hub_here(*CLERK, "lab-desk", "--out", tmp_path / "process", *ways)[0] == 0
    assert not (tmp_path / "plain" / "episodes").exists()
    for other in ("plain", "process"):
        assert (tmp_path / other / "result.json").read_bytes() == (recorded / "result.json").read_bytes()
    assert files(tmp_path / "process" / "episodes") == files(recorded / "episodes")


def test_a_recording_holds_screens_texts_actions_and_what_the_agent_said(recorded: Path) -> None:
    for episode in read_result(recorded).episodes:
        recording = read_recording(recorded, episode)
        assert recording is not None
        assert recording.episode == episode.model_copy(update={"actions": None, "chain": ""})
        assert recording.first.texts["goal"].startswith("press ")
        assert [entry["step"] for entry in recording.transcript] == list(range(episode.length))
        assert sum(step.reward for step in recording.steps) == episode.return_
        assert sum(float(step.info["invalid"]) for step in recording.steps) == episode.metrics["invalid"]
        folder = recorded / "episodes" / str(episode.index)
        shown = [recording.first.screen, *(step.screen for step in recording.steps)]
        pictures = [np.asarray(Image.open(folder / str(name))) for name in shown]
        assert {path.name for path in folder.iterdir()} == set(shown)
        for before, after, step in zip(pictures, pictures[1:], recording.steps, strict=False):
            assert step.texts == {}  # goal and elements stay as they were
            if step.info["invalid"]:
                assert np.array_equal(before, after)
                assert step.info["error"] == "no action: JSONDecodeError"
    assert len({name for name in files(recorded / "episodes") if name.endswith(".png")}) < sum(
        e.length for e in read_result(recorded).episodes
    )


def test_a_native_batch_is_recorded_as_its_single_environments(recorded: Path, tmp_path: Path) -> None:
    result = hub.run(agent="clerk", env="lab-desks", out=tmp_path / "batch", progress=False, record=True)
    plain = hub.run(agent="clerk", env="lab-desks", out=tmp_path / "plain", slots=1, progress=False)
    assert result == plain
    assert hub.verify(result).state == "confirmed"
    recording = read_recording(tmp_path / "batch", result.episodes[0])
    assert recording is not None
    assert {"task", "invalid", "success"} <= set(recording.steps[0].info)
    assert recording.first.screen == "0.png"


def test_where_observations_show_no_screen_the_environment_renders(hub_here: Hub, tmp_path: Path) -> None:
    words = ("run", "--agent", "random", "--env", "CartPole-v1", "--env-arg", "max_episode_steps=3", "--episodes", "2")
    assert hub_here(*words, "--out", tmp_path / "run", "--record")[0] == 0
    assert hub_here(*words, "--out", tmp_path / "plain")[0] == 0
    assert (tmp_path / "run" / "result.json").read_bytes() == (tmp_path / "plain" / "result.json").read_bytes()
    screens = sorted((tmp_path / "run" / "episodes" / "1").iterdir())
    assert {"0.png", "3.png"} <= {path.name for path in screens} <= {"0.png", "1.png", "2.png", "3.png"}
    assert np.asarray(Image.open(screens[0])).shape == (400, 600, 3)


def test_small_grids_of_symbols_are_no_screens() -> None:
    from gymnasium import spaces

    def image(height: int) -> spaces.Box:
        return spaces.Box(0, 255, (height, 80, 3), np.uint8)

    assert screen_leaf(image(7)) is None
    assert screen_leaf(image(64)) == 0
    assert screen_leaf(spaces.Dict({"a": image(100), "screenshot": image(70), "z": image(90)})) == 1
    assert screen_leaf(spaces.Dict({"a": image(70), "b": image(90)})) == 1


def test_a_killed_run_goes_on_recording(hub_here: Hub, apart: Callable[..., Any], tmp_path: Path) -> None:
    words = ("run", "--agent", "random", "--env", "lab-walk", "--episodes", "4", "--slots", "1", "--record", "--out", tmp_path / "run")
    seeds = hub.evaluate("random", "lab-walk", episodes=4, out=tmp_path / "plain").episodes
    killed = apart(*words, LAB_FAULT=f"killed:{seeds[2].seed}")
    assert killed.returncode == -9
    assert len([path for path in (tmp_path / "run" / "episodes").iterdir() if path.name.startswith(".")]) == 1
    assert hub_here(*words)[0] == 0
    assert sorted(path.name for path in (tmp_path / "run" / "episodes").glob("*.json")) == [f"{index}.json" for index in range(4)]
    assert not list((tmp_path / "run" / "episodes").glob(".*"))
    assert read_result(tmp_path / "run").episodes == seeds


def test_an_episode_that_fails_leaves_no_draft(hub_here: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_FAULT", "raise:")
    code, _, err = hub_here("run", "--agent", "random", "--env", "lab-walk", "--episodes", "2", "--record", "--out", tmp_path)
    assert (code, "the floor is missing" in err) == (1, True)
    assert list((tmp_path / "episodes").iterdir()) == []


def test_episodes_that_were_finished_unrecorded_are_told_of(hub_here: Hub, tmp_path: Path) -> None:
    assert hub_here(*CLERK, "lab-desk", "--out", tmp_path)[0] == 0
    code, _, err = hub_here(*CLERK, "lab-desk", "--out", tmp_path, "--record")
    assert code == 0
    assert "5 episodes were finished before and not recorded" in err


@pytest.mark.parametrize(
    ("slip", "reason"),
    [
        ("nan", "transcript raised ValueError: Out of range float values are not JSON compliant"),
        ("array", "transcript raised TypeError: Object of type ndarray is not JSON serializable"),
        ("step", "transcript has an entry whose step is None; it must be the index of the action that it led to"),
    ],
)
def test_a_transcript_that_json_cannot_hold_is_one_clear_line(hub_here: Hub, tmp_path: Path, slip: str, reason: str) -> None:
    code, _, err = hub_here(*CLERK, "lab-desk", "--agent-arg", f"slip={slip}", "--record", "--out", tmp_path / "run")
    assert code == 1
    assert "agent Clerk, episode " in err
    assert reason in err
    assert hub_here(*CLERK, "lab-desk", "--agent-arg", f"slip={slip}", "--out", tmp_path / "unrecorded")[0] == 0


def test_without_pillow_the_line_to_type_is_given(hub_here: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "PIL" else real(name, *rest))
    code, _, err = hub_here(*CLERK, "lab-desk", "--record", "--out", tmp_path / "run")
    assert (code, err) == (2, "hub: recording screens needs 'pillow', which is not installed: pip install 'gymhub[record]'\n")
    assert not (tmp_path / "run").exists()


def test_an_agent_object_leaves_no_recording() -> None:
    class Still(hub.Agent):
        def act(self, observations: Any, slots: np.ndarray) -> Any:
            return np.ones(len(slots), np.int64)

    with pytest.raises(hub.HubError, match="save it for other engines, resumable runs and recordings"):
        hub.evaluate(Still(describe("lab-walk", {})), episodes=1, record=True)


def test_a_recording_of_another_run_is_refused(recorded: Path, tmp_path: Path) -> None:
    episode = read_result(recorded).episodes[0]
    other = episode.model_copy(update={"digests": episode.digests.model_copy(update={"actions": "0" * 32})})
    with pytest.raises(hub.HubError, match="is the recording of another run's episode 0"):
        read_recording(recorded, other)
    assert read_recording(tmp_path, episode) is None


def test_the_published_schema_holds_for_a_recording(recorded: Path) -> None:
    import jsonschema

    from hub.results.schema import FOLDER

    jsonschema.validate(json.loads((recorded / "episodes" / "0.json").read_text()), json.loads((FOLDER / "recording-1.json").read_text()))
