"""A folder for what hub keeps, and a phone that needs no browser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces
from hub_envs.androidworld.actions import Action, parse
from hub_envs.solutions import TAG
from hub_envs.texts import text_space

import hub

WORDS = ("apricot", "bergamot", "cherry", "damson", "elderberry")
WIDTH, HEIGHT = 100, 200


class PocketPhone(gym.Env[dict[str, Any], str]):
    """A phone with one app, which saves one word; `goal` names it, or a page that has to be read first tells it (`carried=True`)."""

    def __init__(self, *, screenshot: bool = True, carried: bool = False, budget: int = 15) -> None:
        parts = {"goal": text_space(200), "elements": text_space(5000)}
        pixels = {"screenshot": spaces.Box(0, 255, (HEIGHT, WIDTH, 3), np.uint8)} if screenshot else {}
        self.observation_space = spaces.Dict({**parts, **pixels})
        self.action_space = text_space(500)
        self._carried, self._budget = carried, budget
        self.model = PocketSolutions(carried)

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self._word = word_of(seed or 0)
        self._page, self._text, self._saved, self._steps = "home", "", "", 0
        return self._observe(), {}

    def step(self, action: str) -> Any:
        self._steps += 1
        try:
            read, why = parse(action), ""
        except ValueError as mistake:
            read, why = Action("unknown"), str(mistake)
        self._do(read)
        done = read.action_type == "status"
        reward = float(done and self._saved == self._word)
        info = {"invalid": float(bool(why)), "success": reward, "error": why}
        return self._observe(), reward, done, self._steps >= self._budget and not done, info

    def _do(self, action: Action) -> None:
        elements = self._elements()
        pressed = ""
        if action.index is not None and 0 <= action.index < len(elements):
            pressed = elements[action.index]["content_description"]
        elif action.x is not None and action.y is not None:
            pressed = next((e["content_description"] for e in elements if _inside(e["bbox_pixels"], action.x, action.y)), "")
        match action.action_type, pressed:
            case "navigate_back" | "navigate_home", _:
                self._page = "home"
            case "open_app", _:
                self._page = "app"
            case "input_text", "Word" if action.text is not None:
                self._text = action.text if action.clear_text else self._text + action.text
            case "click", "Save":
                self._saved = self._text
            case "click", "Letter":
                self._page = "letter"
            case "click", "Words":
                self._page = "app"

    def _elements(self) -> list[dict[str, Any]]:
        pages = {"home": ["Letter", "Words"], "letter": ["Sender"], "app": ["Word", "Save", "Saved"]}
        texts = {"Sender": f"Save {self._word} please" if self._carried else "", "Word": self._text, "Saved": self._saved}
        return [element(name, texts.get(name, ""), row, is_editable=name == "Word") for row, name in enumerate(pages[self._page])]

    def _observe(self) -> dict[str, Any]:
        goal = "Save the word in the letter." if self._carried else f"Save the word {self._word}."
        shown: dict[str, Any] = {"goal": goal, "elements": json.dumps(self._elements())}
        if "screenshot" in self.observation_space.spaces:
            shade = {"home": 0, "letter": 60, "app": 120}[self._page] + len(self._text) + 20 * bool(self._saved)
            shown["screenshot"] = np.full((HEIGHT, WIDTH, 3), shade, np.uint8)
        return shown


def element(name: str, text: str, row: int, **flags: bool) -> dict[str, Any]:
    """An element of 60 x 20 pixels in a row of its own."""
    box = {"x_min": 20, "x_max": 80, "y_min": 10 + 50 * row, "y_max": 30 + 50 * row}
    shown = {"text": text, "content_description": name, "is_clickable": True, "class_name": "Button", "bbox_pixels": box, **flags}
    return {key: value for key, value in shown.items() if value}


def _inside(box: Mapping[str, int], x: int, y: int) -> bool:
    return box["x_min"] <= x < box["x_max"] and box["y_min"] <= y < box["y_max"]


def word_of(seed: int) -> str:
    return WORDS[seed % len(WORDS)]


class PocketSolutions:
    """The phone's `Solutions`."""

    def __init__(self, carried: bool) -> None:
        self._carried = carried

    def oracle(self, seed: int) -> PocketScript:
        reading = [{"action_type": "click", "index": 0}, {"action_type": "navigate_back"}] if self._carried else []
        typed = {"action_type": "input_text", "index": 0, "text": word_of(seed), "clear_text": True}
        return PocketScript([*reading, {"action_type": "open_app", "app_name": "Words"}, typed, {"action_type": "click", "index": 1}])

    def wrong(self, seed: int) -> Mapping[str, PocketScript]:
        return {}


class PocketScript:
    """Moves in a row; says that it is done when they are over."""

    def __init__(self, moves: list[dict[str, Any]]) -> None:
        self._moves = iter([*moves, {"action_type": "status", "goal_status": "complete"}])

    def act(self, observation: Mapping[str, Any]) -> str:
        move = next(self._moves)
        if move.get("index", 0) >= len(json.loads(observation["elements"])):
            raise LookupError("it is not on the screen")
        return json.dumps(move)


gym.register("PocketPhone-v0", PocketPhone)


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_HOME", str(tmp_path_factory.mktemp("hub_home")))
        yield


@pytest.fixture
def play() -> Any:
    """Play an agent's episodes of these seeds on its `PocketPhone`, side by side; return the actions and the return of each."""

    def played(agent: hub.Agent, seeds: Sequence[int] = range(10)) -> list[tuple[list[str], float]]:
        phones = [PocketPhone(**agent.task.env_kwargs) for _ in seeds]
        shown = [phone.reset(seed=seed)[0] for seed, phone in zip(seeds, phones, strict=True)]
        agent.begin(list(range(len(seeds))), list(seeds))
        actions: list[list[str]] = [[] for _ in seeds]
        earned, playing = [0.0] * len(seeds), list(range(len(seeds)))
        while playing:
            batch = {key: _stacked([shown[slot][key] for slot in playing]) for key in agent.task.observation_space}
            for slot, action in zip(list(playing), agent.act(batch, np.array(playing)), strict=True):
                actions[slot].append(action)
                shown[slot], earned[slot], terminated, truncated, _ = phones[slot].step(action)
                if terminated or truncated:
                    playing.remove(slot)
        return list(zip(actions, earned, strict=True))

    return played


@pytest.fixture
def returns(play: Any) -> Any:
    """Return what an agent earns in as many episodes."""
    return lambda agent, episodes=10: [earned for _, earned in play(agent, range(episodes))]


def _stacked(parts: list[Any]) -> Any:
    return tuple(parts) if isinstance(parts[0], str) else np.stack(parts)


@pytest.fixture
def phone() -> Any:
    """What an agent is told about a `PocketPhone` of these keyword arguments."""

    def task(**kwargs: Any) -> hub.Task:
        env = PocketPhone(**kwargs)
        return hub.Task(
            env_id="PocketPhone-v0",
            env_kwargs=kwargs,
            observation_space=env.observation_space,
            action_space=env.action_space,
            model=env.model,
            model_tag=TAG,
        )

    return task
