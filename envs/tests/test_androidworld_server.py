"""AndroidWorld's HTTP client against a server of the same end points. Says nothing of real devices."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import gymnasium as gym
import hub_envs  # noqa: F401  registers the ids
import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled
from gymnasium.utils.env_checker import check_env
from hub_envs.androidworld.server import ServerError

NAME = "androidworld/Server-v0"
TYPE = '{"action_type":"input_text","x":1,"y":2,"text":"Ada"}'
DONE = '{"action_type":"status","goal_status":"complete"}'


class Answers:
    """What the server answers: method, path -> status, JSON value; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bodies: list[Any] = []
        ok = {"status": "success", "message": "done"}
        self.to: dict[str, tuple[int, Any]] = {
            "GET /health": (200, {"status": "success"}),
            "GET /suite/reinitialize": (200, ok),
            "GET /suite/task_list": (200, {"task_list": ["CameraTakePhoto", "ContactsAddContact"]}),
            "GET /task/goal": (200, {"goal": "Take one photo."}),
            "POST /task/initialize": (200, ok),
            "POST /reset": (200, ok),
            "GET /screenshot": (200, {"pixels": np.arange(72).reshape(6, 4, 3).tolist()}),
            "POST /execute_action": (200, ok),
            "GET /task/score": (200, {"score": 1.0}),
            "POST /task/tear_down": (200, ok),
        }


@pytest.fixture
def server() -> Iterator[tuple[str, Answers]]:
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            answers.asked.append(f"{self.command} {parts.path} {query}" if query else f"{self.command} {parts.path}")
            length = int(self.headers.get("Content-Length") or 0)
            if length:
                answers.bodies.append(json.loads(self.rfile.read(length)))
            status, value = answers.to.get(f"{self.command} {parts.path}", (404, {"detail": "Not Found"}))
            body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_address[1]}/", answers
        listening.shutdown()
        thread.join()


@pytest.fixture
def env(server: tuple[str, Answers]) -> Iterator[gym.Env[Any, Any]]:
    made = gym.make(NAME, url=server[0], task="CameraTakePhoto", suite_seed=30, screen_size=(4, 6), pause=0)
    yield made
    made.close()


def test_the_environment_is_gymnasiums(env: gym.Env[Any, Any]) -> None:
    check_env(env.unwrapped)


def test_a_whole_episode(server: tuple[str, Answers], env: gym.Env[Any, Any]) -> None:
    answers = server[1]
    observation, info = env.reset(seed=3)
    assert set(observation) == {"goal", "screenshot"}
    assert observation["goal"] == "Take one photo."
    assert np.array_equal(observation["screenshot"], np.arange(72, dtype=np.uint8).reshape(6, 4, 3))
    assert info == {"task": "CameraTakePhoto", "success": 0.0, "invalid": 0.0, "suite_seed": 30}
    assert env.step(TYPE)[1:4] == (0.0, False, False)
    assert answers.bodies == [json.loads(TYPE)]
    _, reward, terminated, truncated, info = env.step(DONE)
    assert (reward, terminated, truncated, info["success"]) == (1.0, True, False, 1.0)
    asks_task = "{'task_type': 'CameraTakePhoto', 'task_idx': '0'}"
    look = "GET /screenshot {'wait_to_stabilize': 'false'}"
    assert answers.asked == [
        "GET /health",
        "GET /suite/reinitialize {'n_task_combinations': '1', 'seed': '30', 'task_family': 'android_world'}",
        "GET /suite/task_list {'max_index': '-1'}",
        f"GET /task/goal {asks_task}",
        f"POST /task/initialize {asks_task}",
        "POST /reset {'go_home': 'true'}",
        *(look, "POST /execute_action", look, look),
        f"GET /task/score {asks_task}",
        f"POST /task/tear_down {asks_task}",
    ]


def test_the_budget_truncates_without_a_score(server: tuple[str, Answers], env: gym.Env[Any, Any]) -> None:
    env.reset(seed=3)
    assert [env.step(TYPE)[1:4] for _ in range(10)] == [(0.0, False, False)] * 9 + [(0.0, False, True)]
    assert not [asked for asked in server[1].asked if asked.startswith("GET /task/score")]


def test_without_a_task_the_seed_picks_one(server: tuple[str, Answers]) -> None:
    answers = server[1]
    env = gym.make(NAME, url=server[0], screen_size=(4, 6), pause=0)
    answers.to["GET /suite/task_list"] = (200, {"task_list": list(env.unwrapped._phone.names())})  # type: ignore[attr-defined]
    picked = [env.reset(seed=seed)[1] for seed in (1, 1, 2, 3)]
    assert picked[0] == picked[1]
    assert len({info["task"] for info in picked}) > 1
    assert [info["suite_seed"] for info in picked] == [1, 1, 2, 3]
    env.close()


def test_what_the_executor_refuses_takes_a_step(server: tuple[str, Answers], env: gym.Env[Any, Any]) -> None:
    env.reset(seed=3)
    server[1].to["POST /execute_action"] = (500, "Internal Server Error")
    _, reward, terminated, truncated, info = env.step(TYPE)
    assert (reward, terminated, truncated, info["invalid"]) == (0.0, False, False, 1.0)
    assert "/execute_action answers 500: Internal Server Error" in info["error"]


def test_a_task_that_raises_on_the_server_is_a_failed_episode(server: tuple[str, Answers], env: gym.Env[Any, Any]) -> None:
    answers = server[1]
    answers.to["POST /task/initialize"] = (500, "Internal Server Error")
    assert "/task/initialize answers 500" in env.reset(seed=3)[1]["error"]
    assert env.step(TYPE)[1:4] == (0.0, True, False)
    answers.to["POST /task/initialize"] = (200, {})
    answers.to["GET /task/score"] = (500, "Internal Server Error")
    env.reset(seed=3)
    _, reward, terminated, _, info = env.step(DONE)
    assert (reward, terminated, info["success"]) == (0.0, True, 0.0)
    assert "/task/score answers 500" in info["error"]


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("GET /suite/reinitialize", (400, {"detail": "Invalid task family"}), "reinitialize answers 400: .*Invalid task family"),
        ("GET /suite/task_list", (200, {"task_list": []}), "has no task CameraTakePhoto"),
        ("GET /suite/task_list", (200, {}), "answers without 'task_list'"),
        ("GET /task/goal", (200, "<html>"), "answers no JSON object"),
        ("POST /task/initialize", (422, {"detail": "field required"}), "initialize answers 422"),
        ("GET /screenshot", (500, "Internal Server Error"), "screenshot answers 500"),
        ("GET /screenshot", (200, {"pixels": [[1, 2], [3]]}), "gave no picture"),
        ("GET /screenshot", (200, {"pixels": [[[1, 2, 300]]]}), "gave no picture"),
    ],
)
def test_a_server_that_fails_is_no_failed_episode(
    server: tuple[str, Answers], env: gym.Env[Any, Any], path: str, answer: tuple[int, Any], said: str
) -> None:
    server[1].to[path] = answer
    with pytest.raises(ServerError, match=said):
        env.reset(seed=3)


def test_without_a_server_making_one_fails_and_says_how_to_start_it(server: tuple[str, Answers]) -> None:
    server[1].to["GET /health"] = (500, {"detail": "Environment not initialized"})
    with pytest.raises(DependencyNotInstalled, match=r"health answers 500: .*Environment not initialized.*docker run --privileged"):
        gym.make(NAME, url=server[0])
    with pytest.raises(DependencyNotInstalled, match="does not answer"):
        gym.make(NAME, url="http://127.0.0.1:1")
