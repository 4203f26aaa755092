"""A screen with buttons, pressed by text: observations of text and pixels, actions of text, single and natively batched."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from hub_lab import fail_if_told

import hub

SHAPE = (72, 96, 3)
WORDS = ("save", "open", "quit", "über <b>")
SPACE = gym.spaces.Dict(
    {
        "goal": gym.spaces.Text(60, min_length=0, charset="abcdefghijklmnopqrstuvwxyzü <>/"),
        "screenshot": gym.spaces.Box(0, 255, SHAPE, np.uint8),
        "elements": gym.spaces.Text(2000, min_length=0, charset="".join(map(chr, range(32, 256)))),
    }
)
ACTIONS = gym.spaces.Text(200, min_length=0, charset="".join(map(chr, range(32, 127))))


class Desk(gym.Env[dict[str, Any], str]):
    """Press the button that the goal names, by its index or by where it is; an unreadable action passes a step.

    Observation: goal, screenshot and elements. Action: JSON. Reward: 1 for the right button. End: then, or after `steps` steps.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"]}

    def __init__(self, steps: int = 5, render_mode: str | None = None) -> None:
        self.observation_space, self.action_space = SPACE, ACTIONS
        self.render_mode, self._steps = render_mode, steps

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Lay the buttons out."""
        super().reset(seed=seed)
        self._seed, self._left = seed, self._steps
        self._order = self.np_random.permutation(len(WORDS))
        self._wanted = int(self.np_random.integers(len(WORDS)))
        self._pressed: set[int] = set()
        return self._seen(), {"task": "press"}

    def step(self, action: str) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Press."""
        if self._left == self._steps:
            fail_if_told(self._seed)
        self._left -= 1
        error = ""
        try:
            pressed = self._target(json.loads(action))
        except (ValueError, KeyError, TypeError) as fault:
            pressed, error = None, f"no action: {type(fault).__name__}"
        if pressed is not None:
            self._pressed.add(pressed)
        right = pressed is not None and self._order[pressed] == self._wanted
        info: dict[str, Any] = {"task": "press", "invalid": float(bool(error)), "success": float(right)}
        if error:
            info["error"] = error
        return self._seen(), float(right), bool(right), not right and self._left == 0, info

    def render(self) -> np.ndarray:
        """Draw a column of buttons; those that were pressed are dark."""
        picture = np.full(SHAPE, 255, np.uint8)
        for index in range(len(WORDS)):
            picture[index * 18 + 2 : index * 18 + 16, 8:88] = 60 if index in self._pressed else 200
        return picture

    def _target(self, action: Any) -> int | None:
        if action["action_type"] != "click":
            return None
        index = int(action["index"] if "index" in action else action["y"] // 18)
        if not 0 <= index < len(WORDS):
            raise ValueError(index)
        return index

    def _seen(self) -> dict[str, Any]:
        boxes = [
            {"text": WORDS[word], "bbox_pixels": {"x_min": 8, "x_max": 88, "y_min": index * 18 + 2, "y_max": index * 18 + 16}}
            for index, word in enumerate(self._order)
        ]
        return {"goal": f"press {WORDS[self._wanted]}", "screenshot": self.render(), "elements": json.dumps(boxes, ensure_ascii=False)}


class Desks(VectorEnv[Any, Any, Any]):
    """Desks side by side."""

    def __init__(self, num_envs: int, steps: int = 5, autoreset_mode: AutoresetMode = AutoresetMode.DISABLED) -> None:
        self.metadata = {"autoreset_mode": autoreset_mode}
        self.num_envs = num_envs
        self._desks = [Desk(steps) for _ in range(num_envs)]
        self.single_observation_space, self.single_action_space = SPACE, ACTIONS
        self.observation_space, self.action_space = batch_space(SPACE, num_envs), batch_space(ACTIONS, num_envs)
        self._now: list[dict[str, Any]] = [{}] * num_envs
        self._over = np.zeros(num_envs, np.bool_)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Reset the masked ones."""
        infos: dict[str, Any] = {}
        for slot in np.flatnonzero((options or {}).get("reset_mask", np.ones(self.num_envs, np.bool_))).tolist():
            self._now[slot], info = self._desks[slot].reset(seed=None if seed is None else seed[slot])
            infos = self._add_info(infos, info, slot)
            self._over[slot] = False
        return self._stacked(), infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Press in all of them."""
        assert not self._over.any(), "an ended slot was stepped"
        outcomes = [desk.step(action) for desk, action in zip(self._desks, actions, strict=True)]
        self._now = [outcome[0] for outcome in outcomes]
        rewards, terminated, truncated = (np.array([outcome[position] for outcome in outcomes]) for position in (1, 2, 3))
        self._over = terminated | truncated
        infos: dict[str, Any] = {}
        for slot, outcome in enumerate(outcomes):
            infos = self._add_info(infos, outcome[4], slot)
        return self._stacked(), rewards, terminated, truncated, infos

    def _stacked(self) -> dict[str, Any]:
        texts = {key: tuple(seen[key] for seen in self._now) for key in ("goal", "elements")}
        return {**texts, "screenshot": np.stack([seen["screenshot"] for seen in self._now])}


class Clerk(hub.Agent):
    """Presses what the episode's seed says: by index, by place, the wrong thing, nothing readable."""

    def __init__(self, task: hub.Task, *, seed: int = 0, slip: str = "") -> None:
        super().__init__(task, seed=seed)
        self._slip = slip
        self._rngs: dict[int, np.random.Generator] = {}
        self._said: dict[int, list[dict[str, Any]]] = {}

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start over."""
        for slot, seed in zip(slots, seeds, strict=True):
            self._rngs[slot], self._said[slot] = np.random.default_rng(seed), []

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Press something."""
        actions = []
        for goal, elements, screen, slot in zip(
            observations["goal"], observations["elements"], observations["screenshot"], slots.tolist(), strict=True
        ):
            words = [element["text"] for element in json.loads(elements)]
            index = int(self._rngs[slot].integers(len(words)))
            action = [
                json.dumps({"action_type": "click", "index": index}),
                json.dumps({"action_type": "click", "x": 40, "y": index * 18 + 9}),
                "click there",
            ][int(self._rngs[slot].integers(3))]
            reply = f"{words[index]} on a screen of {int(screen.mean())}"
            self._said[slot].append({"step": len(self._said[slot]), "role": "clerk", "prompt": goal, "reply": reply, "tokens": 3})
            actions.append(action)
        return tuple(actions)

    def episode_metrics(self, slot: int) -> Mapping[str, float]:
        """Return the tokens."""
        return {"tokens": 3.0 * len(self._said[slot])}

    def transcript(self, slot: int) -> Sequence[Mapping[str, Any]]:
        """Return what was said, or what breaks the contract."""
        slips: dict[str, list[Any]] = {"nan": [{"step": 0, "x": float("nan")}], "array": [{"step": np.ones(2)}], "step": [{"role": "x"}]}
        return slips.get(self._slip, self._said[slot])
