"""CUBE tasks under Gymnasium, against a server of this file that speaks the protocol. cube-standard itself needs Python 3.12."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import gymnasium as gym
import hub_envs  # noqa: F401  registers the ids
import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled, ResetNeeded
from gymnasium.utils.env_checker import check_env
from hub_envs.cube.environment import parse
from hub_envs.cube.rpc import CubeError
from PIL import Image

NAME = "cube/Task-v0"
TOOLS = [
    {"_type": "cube.core.ActionSchema", "name": "increment", "description": "Add to the counter.", "parameters": {"type": "object"}},
    {"_type": "cube.core.ActionSchema", "name": "final_step", "description": "Stop the task execution.", "parameters": {}},
]


def content(kind: str, data: Any, name: str | None = None) -> dict[str, Any]:
    return {"_type": f"cube.core.{kind}", "tool_call_id": None, "name": name, "data": data}


def picture(value: int) -> str:
    file = io.BytesIO()
    Image.new("RGB", (4, 3), (value, 0, 0)).save(file, format="PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


class Counter:
    """A task: count to three. Its answers have cube-standard's shapes."""

    def __init__(self) -> None:
        self.count = 0
        self.called: list[tuple[str, Any]] = []
        self.instead: dict[str, Any] = {}

    def observation(self, text: str) -> dict[str, Any]:
        contents = [content("TextContent", text), content("StructuredContent", {"count": self.count}, "state")]
        return {"_type": "cube.core.Observation", "contents": [*contents, content("ImageContent", picture(self.count))], "error": None}

    def answer(self, method: str, params: dict[str, Any]) -> Any:
        if method == "tools/list":
            return TOOLS
        if method == "cube/reset":
            self.count = 0
            return {"obs": self.observation("Count to three."), "info": {"task_id": "count-to-3"}}
        if method == "cube/evaluate":
            return {"reward": self.count / 4, "info": {}}
        assert method == "cube/step"
        error = None
        if params["arguments"].get("by", 1) < 0:
            error = {"error_type": "ValueError", "exception_str": "by must be positive", "stack_trace": "Traceback ..."}
        elif params["name"] == "increment":
            self.count += params["arguments"].get("by", 1)
        done = self.count >= 3 or params["name"] == "final_step"
        obs = self.observation("Action failed" if error else "Success")
        return {"obs": obs, "reward": float(done and self.count == 3), "done": done, "truncated": False, "info": {}, "error": error}


@pytest.fixture
def served() -> Iterator[tuple[str, Counter]]:
    counter = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert request["jsonrpc"] == "2.0"
            method, params = request["method"], request.get("params") or {}
            counter.called.append((method, params))
            reply = {"jsonrpc": "2.0", "id": request["id"]}
            instead = counter.instead.get(method)
            if instead is None:
                reply["result"] = counter.answer(method, params)
            elif isinstance(instead, dict):
                reply |= instead
            body = instead.encode() if isinstance(instead, str) else json.dumps(reply).encode()
            self.send_response(instead if isinstance(instead, int) else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", counter
        server.shutdown()
        thread.join()


@pytest.fixture
def env(served: tuple[str, Counter]) -> Iterator[gym.Env[Any, Any]]:
    made = gym.make(NAME, url=served[0], screen_size=(4, 3), max_steps=5, render_mode="rgb_array")
    yield made
    made.close()


def test_the_environment_is_gymnasiums(env: gym.Env[Any, Any]) -> None:
    check_env(env.unwrapped)


def test_a_whole_episode(served: tuple[str, Counter], env: gym.Env[Any, Any]) -> None:
    observation, info = env.reset(seed=1)
    assert observation["goal"] == observation["text"] == 'Count to three.\n\n## state\n{"count": 0}'
    assert json.loads(observation["tools"]) == [{key: tool[key] for key in ("name", "description", "parameters")} for tool in TOOLS]
    assert info == {"task": served[0], "success": 0.0, "invalid": 0.0, "left_out": 0.0, "details": {"task_id": "count-to-3"}}
    observation, reward, terminated, truncated, info = env.step('{"name": "increment"}')
    assert (reward, terminated, truncated, info["success"]) == (0.0, False, False, 0.0)
    assert observation["text"] == 'Success\n\n## state\n{"count": 1}'
    assert observation["goal"].startswith("Count to three.")
    assert np.array_equal(observation["screenshot"], np.broadcast_to(np.array([1, 0, 0], np.uint8), (3, 4, 3)))
    assert np.array_equal(env.render(), observation["screenshot"])
    _, reward, terminated, truncated, info = env.step('{"name": "increment", "arguments": {"by": 2}}')
    assert (reward, terminated, truncated, info["success"]) == (1.0, True, False, 1.0)
    assert served[1].called == [
        ("tools/list", {}),
        ("cube/reset", {}),
        ("cube/step", {"name": "increment", "arguments": {}}),
        ("cube/step", {"name": "increment", "arguments": {"by": 2}}),
    ]
    with pytest.raises(ResetNeeded):
        env.unwrapped.step("")


def test_stopping_early_is_no_success(env: gym.Env[Any, Any]) -> None:
    env.reset(seed=1)
    _, reward, terminated, _, info = env.step('{"name": "final_step"}')
    assert (reward, terminated, info["success"]) == (0.0, True, 0.0)


def test_the_step_limit_truncates_with_an_evaluation(env: gym.Env[Any, Any]) -> None:
    env.reset(seed=1)
    env.step('{"name": "increment", "arguments": {"by": 2}}')
    ends = [env.step("?")[1:4] for _ in range(4)]
    assert ends == [(0.0, False, False)] * 3 + [(0.5, False, True)]


def test_no_error_may_be_written_as_null(served: tuple[str, Counter], env: gym.Env[Any, Any]) -> None:
    served[1].instead["cube/evaluate"] = {"result": {"reward": 0.25, "info": {}}, "error": None}
    env.reset(seed=1)
    assert [env.step("?")[1] for _ in range(5)] == [0.0] * 4 + [0.25]


def test_an_error_of_the_task_is_told(env: gym.Env[Any, Any]) -> None:
    env.reset(seed=1)
    observation, _, terminated, _, info = env.step('{"name": "increment", "arguments": {"by": -1}}')
    assert (terminated, info["invalid"], info["error"]) == (False, 1.0, "ValueError: by must be positive")
    assert observation["text"].startswith("Action failed")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("increment", "no JSON object with the keys"),
        ("[]", "no JSON object with the keys"),
        ('{"arguments": {}}', "no JSON object with the keys"),
        ('{"name": "increment", "id": 1}', "no JSON object with the keys"),
        ('{"name": "click"}', "no tool 'click', only increment, final_step"),
        ('{"name": "increment", "arguments": [1]}', r"arguments is \[1\], not a JSON object"),
    ],
)
def test_what_is_no_call_is_never_sent(served: tuple[str, Counter], env: gym.Env[Any, Any], text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(text, ["increment", "final_step"])
    first, _ = env.reset(seed=1)
    observation, reward, terminated, truncated, info = env.step(text)
    assert (reward, terminated, truncated, info["invalid"]) == (0.0, False, False, 1.0)
    assert observation["text"] == first["text"]
    assert "cube/step" not in [method for method, _ in served[1].called]


def test_what_cannot_be_shown_is_counted(served: tuple[str, Counter]) -> None:
    env = gym.make(NAME, url=served[0])
    observation, info = env.reset(seed=1)
    assert "screenshot" not in observation
    assert info["left_out"] == 1.0
    sound = content("AudioContent", "UklGRg==")
    served[1].instead["cube/reset"] = {"result": {"obs": {"contents": [sound, content("TextContent", "Listen.")]}, "info": {}}}
    observation, info = env.reset(seed=1)
    assert (observation["text"], info["left_out"]) == ("Listen.", 1.0)
    env.close()


def test_images_of_another_size_are_told(served: tuple[str, Counter]) -> None:
    env = gym.make(NAME, url=served[0], screen_size=(8, 8))
    with pytest.raises(ValueError, match=r"4 x 3 pixels: make it with screen_size=\(4, 3\)"):
        env.reset(seed=1)
    env.close()


@pytest.mark.parametrize(
    ("method", "instead", "said"),
    [
        ("cube/step", {"error": {"code": -32603, "message": "no such container"}}, "cube/step: .* answers error -32603: no such container"),
        ("cube/step", {"result": None}, "cube/step: the server's result has no 'obs'"),
        ("cube/step", {"result": {"obs": {"contents": "Success"}}}, "is no CUBE observation"),
        ("cube/step", {"result": {"obs": {"contents": [content("ImageContent", "abc")]}}}, "an image that cannot be read"),
        ("cube/step", {}, "neither result nor error"),
        ("cube/step", {"id": 99}, "gives no JSON-RPC 2.0 answer to the call"),
        ("cube/step", "<html>", "gives no JSON-RPC 2.0 answer to the call"),
        ("cube/step", 502, "answers 502"),
    ],
)
def test_a_server_that_fails_is_told(served: tuple[str, Counter], env: gym.Env[Any, Any], method: str, instead: Any, said: str) -> None:
    env.reset(seed=1)
    served[1].instead[method] = instead
    with pytest.raises(CubeError, match=said):
        env.step('{"name": "increment"}')


def test_without_a_task_making_one_fails(served: tuple[str, Counter]) -> None:
    with pytest.raises(DependencyNotInstalled, match=r"no CUBE task is ready: tools/list: http://127.0.0.1:1 does not answer"):
        gym.make(NAME, url="http://127.0.0.1:1")
    served[1].instead["tools/list"] = {"error": {"code": -32601, "message": "Method not found: 'tools/list'"}}
    with pytest.raises(DependencyNotInstalled, match="error -32601: Method not found"):
        gym.make(NAME, url=served[0])
    with pytest.raises(ValueError, match="max_steps must be at least 1"):
        gym.make(NAME, url=served[0], max_steps=0)
