"""Any CUBE task as a Gymnasium environment, by the URL of its server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled, ResetNeeded
from numpy.typing import NDArray

from hub_envs.cube import contents
from hub_envs.cube.rpc import Client, CubeError
from hub_envs.texts import fit, text_space

ACTION, TOOLS, TEXT = 20_000, 100_000, 200_000
"""Longest texts, in characters."""

Observation = dict[str, Any]


class TaskEnv(gym.Env[Observation, str]):
    """A task of the CUBE standard behind its JSON-RPC server: tools to call, texts and images in return.

    **Observation.** `Dict(goal=Text, tools=Text, text=Text)`: what the task said first, which states its aim; a JSON list of its tools,
    each with `name`, `description` and `parameters` (a JSON Schema); and what it said last, structures as JSON. With `screen_size` also
    `screenshot=Box(0, 255, (H, W, 3), uint8)`: the newest image. Images without a `screen_size`, and sounds, are not shown:
    `info["left_out"]` counts them.

    **Action.** `Text`: a tool call as JSON, `{"name": "click", "arguments": {"x": 5, "y": 7}}`; `arguments` may be left out. What is no
    such object, or names no tool, is never sent: it takes a step, `info["invalid"]` is 1 and `info["error"]` says why. So does a call that
    the task answers with an error.

    **Dynamics.** The task's. CUBE has no seeds: a task's own configuration fixes them.

    **Reward.** What the task gives, usually at its end.

    **End.** The task's `done` terminates, its `truncated` truncates. `max_steps` truncates too; the step's reward is then the task's
    evaluation of what was reached.

    Infos: `success` (1 at the end if the last reward is at least 1), `invalid`, `error`, `left_out`, `task` (the URL), and `details`, what
    the task says.

    Args:
        url: of a running task's server; `cube/spawn` of a benchmark's server gives one.
        screen_size: width and height of the task's images, pixels; None where it has none, or they are not to be shown.
        max_steps: steps of an episode.
        timeout: seconds until a call has failed.
        render_mode: None or `"rgb_array"`: the newest image.

    Raises:
        DependencyNotInstalled: no CUBE task answers at `url`.
        ValueError: `max_steps` is below 1, or a screen's size is not two numbers; from `reset` and `step`: images have another size.
        CubeError: from `reset` and `step`: the server fails.

    Source: cube-standard 0.1.0rc10. Tested with a server that speaks its protocol; cube-standard itself needs Python 3.12.

    Versions: v0.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 1}  # noqa: RUF012

    def __init__(
        self,
        *,
        url: str,
        screen_size: Sequence[int] | None = None,
        max_steps: int = 100,
        timeout: float = 120.0,
        render_mode: str | None = None,
    ) -> None:
        if max_steps < 1:
            raise ValueError(f"max_steps must be at least 1, not {max_steps}")
        shown: dict[str, spaces.Space[Any]] = {"goal": text_space(TEXT), "tools": text_space(TOOLS), "text": text_space(TEXT)}
        self._shape: tuple[int, int, int] | None = None
        if screen_size is not None:
            width, height = screen_size
            self._shape = (height, width, 3)
            shown["screenshot"] = spaces.Box(0, 255, self._shape, np.uint8)
        self.observation_space = spaces.Dict(shown)
        self.action_space = text_space(ACTION)
        self.render_mode = render_mode
        self._url = url
        self._max_steps = max_steps
        self._client = Client(url, timeout=timeout)
        try:
            self._tools = self._list_tools()
        except CubeError as error:
            self._client.close()
            raise DependencyNotInstalled(f"no CUBE task is ready: {error}. See docs/androids.md") from error
        self._goal = ""
        self._last = contents.Shown("", (), ())
        self._image: NDArray[np.uint8] | None = None
        self._steps: int | None = None

    def _list_tools(self) -> list[dict[str, Any]]:
        tools = self._client.call("tools/list")
        if not isinstance(tools, list) or not all(isinstance(tool, dict) and "name" in tool for tool in tools):
            raise CubeError(f"tools/list: {self._url} gives no list of tools with names")
        return [{key: tool[key] for key in ("name", "description", "parameters") if key in tool} for tool in tools]

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Reset the task; its own configuration determines it, and no seed."""
        super().reset(seed=seed)
        answer = _mapping(self._client.call("cube/reset"), "cube/reset", "obs")
        self._steps = 0
        self._image = None if self._shape is None else np.zeros(self._shape, np.uint8)
        self._last = contents.read(answer["obs"])
        self._goal = fit(self._last.text, TEXT)
        return self._observation(), self._info(answer, None)

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Call one tool."""
        if self._steps is None:
            raise ResetNeeded("the episode is over, or none has begun: call reset()")
        self._steps += 1
        try:
            call = parse(action, [str(tool["name"]) for tool in self._tools])
            answer = _mapping(self._client.call("cube/step", call), "cube/step", "obs")
            error = _said(answer.get("error"))
            self._last = contents.read(answer["obs"])
        except ValueError as problem:
            answer, error = {}, str(problem)
        terminated = bool(answer.get("done", False))
        truncated = not terminated and bool(answer.get("truncated", False))
        reward = float(answer.get("reward") or 0.0)
        if not terminated and not truncated and self._steps >= self._max_steps:
            truncated = True
            reward = float(_mapping(self._client.call("cube/evaluate"), "cube/evaluate", "reward")["reward"])
        info = self._info(answer, error)
        if terminated or truncated:
            self._steps = None
            info["success"] = float(reward >= 1.0)
        return self._observation(), reward, terminated, truncated, info

    def _observation(self) -> Observation:
        said = self._last
        shown: Observation = {"goal": self._goal, "tools": fit(json.dumps(self._tools), TOOLS), "text": fit(said.text, TEXT)}
        if self._image is not None:
            if said.images:
                self._image = said.images[-1]
                if self._image.shape != self._shape:
                    height, width, _ = self._image.shape
                    raise ValueError(f"the task's images have {width} x {height} pixels: make it with screen_size=({width}, {height})")
            shown["screenshot"] = self._image.copy()
        return shown

    def _info(self, answer: Mapping[str, Any], error: str | None) -> dict[str, Any]:
        hidden = len(self._last.left_out) + (len(self._last.images) if self._shape is None else 0)
        info = {"task": self._url, "success": 0.0, "invalid": float(error is not None), "left_out": float(hidden)}
        return {**info, "details": answer.get("info") or {}, **({} if error is None else {"error": error})}

    def render(self) -> NDArray[np.uint8] | None:
        """Return the newest image, uint8 (H, W, 3), when made with `"rgb_array"` and a `screen_size`."""
        return None if self.render_mode is None or self._image is None else self._image.copy()

    def close(self) -> None:
        """Hang up; the task stays with whoever started its server."""
        self._client.close()


def parse(text: str, tools: Sequence[str]) -> dict[str, Any]:
    """Read a tool call.

    Raises:
        ValueError: it is no JSON object with the `name` of a tool and an object `arguments`; the message is one sentence.
    """
    try:
        call = json.loads(text)
    except (ValueError, RecursionError):
        call = None
    if not isinstance(call, dict) or not set(call) <= {"name", "arguments"} or "name" not in call:
        raise ValueError('the action is no JSON object with the keys name and arguments, such as {"name": "final_step", "arguments": {}}')
    if call["name"] not in tools:
        raise ValueError(f"the task has no tool {call['name']!r}, only {', '.join(tools)}")
    arguments = call.get("arguments", {})
    if not isinstance(arguments, dict):
        raise ValueError(f"arguments is {arguments!r}, not a JSON object")
    return {"name": call["name"], "arguments": arguments}


def _mapping(result: Any, method: str, key: str) -> dict[str, Any]:
    if not isinstance(result, dict) or key not in result:
        raise CubeError(f"{method}: the server's result has no {key!r}")
    return result


def _said(error: Any) -> str | None:
    """Return what a CUBE `StepError` says, without its stack."""
    if not error:
        return None
    return f"{error.get('error_type')}: {error.get('exception_str')}"
