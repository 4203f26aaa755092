"""Environments of other packages with spaces of their own, as BrowserGym's: from `hub info` to receipt, recording and replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from PIL import Image

from hub.errors import HubError
from hub.results.files import read_result
from hub.results.recordings import read_recording
from hub.running.canonical import value_bytes

Hub = Callable[..., tuple[int, str, str]]
NAME, CLOCK = "elsewhere/Page-v0", "elsewhere/Clock-v0"


class Words(gym.Space[str]):
    """Any text."""

    def contains(self, x: Any) -> bool:
        return isinstance(x, str)

    def __repr__(self) -> str:
        return "Words()"


class Anything(gym.Space[Any]):
    """Whatever it is."""

    def contains(self, x: Any) -> bool:
        return True


class Picture(gym.Space[np.ndarray]):
    """A picture of any size."""

    def __init__(self) -> None:
        super().__init__((-1, -1, 3), np.uint8)

    def contains(self, x: Any) -> bool:
        return isinstance(x, np.ndarray) and x.ndim == 3


class Page(gym.Env[dict[str, Any], str]):
    """A page that grows by what is typed, for three steps; with `raw` it shows an object that no receipt can hold."""

    def __init__(self, raw: bool = False) -> None:
        self.observation_space = spaces.Dict({"goal": Words(), "screenshot": Picture(), "tree": Anything()})
        self.action_space = Words()
        self._raw = raw

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self._typed: list[str] = []
        self._start = int(self.np_random.integers(100))
        return self._observe(), {}

    def step(self, action: str) -> Any:
        self._typed.append(action)
        return self._observe(), float(action == "go"), len(self._typed) == 3, False, {}

    def _observe(self) -> dict[str, Any]:
        lines = np.arange(self._start, self._start + len(self._typed))
        picture = np.full((70 + 10 * len(self._typed), 80, 3), self._start, np.uint8)
        tree = object() if self._raw else {"lines": lines, "count": np.int64(len(lines))}
        return {"goal": f"Type go after {self._start}.", "screenshot": picture, "tree": tree}


@pytest.fixture(autouse=True)
def elsewhere() -> Iterator[None]:
    """Register the page by a function that no name leads to."""

    def made(**kwargs: Any) -> Page:
        return Page(**kwargs)

    gym.register(NAME, entry_point=made)
    gym.register(CLOCK, entry_point=made, nondeterministic=True)
    yield
    del gym.registry[NAME], gym.registry[CLOCK]


def test_a_recorded_run_is_replayed_and_edited_words_are_refuted(hub_here: Hub, tmp_path: Path) -> None:
    run = ("run", "--agent", "constant", "--agent-arg", "action=go", "--env", NAME, "--episodes", "2", "--out", tmp_path, "--record")
    assert hub_here(*run)[0] == 0
    result = read_result(tmp_path)
    assert [episode.return_ for episode in result.episodes] == [3.0, 3.0]
    assert len({episode.digests.observations for episode in result.episodes}) == 2
    for episode in result.episodes:
        recording = read_recording(tmp_path, episode)
        assert recording is not None
        assert recording.first.texts["goal"].startswith("Type go after ")
        assert [step.action for step in recording.steps] == ["go", "go", "go"]
        folder = tmp_path / "episodes" / str(episode.index)
        screens = [folder / str(seen.screen) for seen in (recording.first, *recording.steps)]
        assert [len(np.asarray(Image.open(screen))) for screen in screens] == [
            70,
            80,
            90,
            100,
        ]
    assert hub_here("verify", tmp_path)[0] == 0
    document = json.loads((tmp_path / "result.json").read_text())
    document["episodes"][0]["actions"]["data"][1] = "stop"
    (tmp_path / "result.json").write_text(json.dumps(document))
    code, out, _ = hub_here("verify", tmp_path)
    assert code == 1
    assert "refuted" in out


def test_what_no_receipt_can_hold_is_one_clear_line(hub_here: Hub, tmp_path: Path) -> None:
    run = ("run", "--agent", "constant", "--agent-arg", "action=go", "--env", NAME, "--env-arg", "raw=true", "--out", tmp_path)
    code, _, err = hub_here(*run)
    assert code != 0
    assert "cannot be recorded: <object object" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("name", "replayed"), [(NAME, True), (CLOCK, False)])
def test_who_runs_what_cannot_be_replayed_is_told_so(hub_here: Hub, tmp_path: Path, name: str, replayed: bool) -> None:
    run = ("run", "--agent", "constant", "--agent-arg", "action=go", "--env", name, "--episodes", "1", "--out", tmp_path)
    code, out, _ = hub_here(*run)
    assert code == 0
    assert (f"hub verify cannot replay this: seed and actions do not determine {name} (hub info {name})" in out) is not replayed
    assert (hub_here("verify", tmp_path)[0] == 0) is replayed


def test_info_looks_into_a_function_that_no_name_leads_to(hub_here: Hub) -> None:
    code, out, _ = hub_here("info", NAME)
    assert code == 0
    assert "action space: Words()" in out
    assert "problem" not in out


def test_bytes_tell_arrays_within_objects_apart() -> None:
    def digest(value: Any) -> bytes:
        return value_bytes(Anything(), value)

    zeros = np.zeros(4, np.float32)
    assert digest({"a": zeros}) == digest({"a": zeros.copy()})
    assert len({digest(a) for a in (zeros, zeros.reshape(2, 2), zeros.astype(np.float64), zeros + 1)}) == 4
    assert digest({"n": np.int64(3)}) == digest({"n": 3})
    assert digest(np.array([1, 2], ">i4")) == digest(np.array([1, 2], "<i4"))
    with pytest.raises(HubError, match="cannot be recorded"):
        digest(np.array([object()]))
