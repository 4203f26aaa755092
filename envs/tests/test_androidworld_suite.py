"""AndroidWorld's list of tasks, and its episodes over a package with a checkout's interfaces. Says nothing of real devices."""

from __future__ import annotations

import importlib.util
import json
import random
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import gymnasium as gym
import hub_envs  # noqa: F401  registers the ids
import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled, ResetNeeded
from gymnasium.utils.env_checker import check_env
from hub_envs.androidworld import doctor, elements, suite

from .androidworld_package import write

NAME = "androidworld/Suite-v0"
TYPE = '{"action_type":"input_text","index":0,"text":"Ada"}'
DONE = '{"action_type":"status","goal_status":"complete"}'


def test_the_suite_has_116_tasks_and_their_budgets() -> None:
    tasks = suite.tasks()
    assert len(tasks) == 116
    assert list(tasks) == sorted(tasks)
    assert sum(task.budget for task in tasks.values()) == 2349
    assert all(task.budget == int(10 * task.complexity) for task in tasks.values())
    counts = {level: sum(task.difficulty == level for task in tasks.values()) for level in ("easy", "medium", "hard")}
    assert counts == {"easy": 61, "medium": 36, "hard": 19}
    assert tasks["ExpenseAddMultipleFromMarkor"].apps == ("pro expense", "markor")
    assert tasks["ContactsAddContact"].parameters == ("name", "number")
    assert tasks["CameraTakePhoto"].parameters == ()


@pytest.mark.parametrize(
    ("seed", "task", "number", "expected"),
    [
        (30, "ContactsAddContact", 0, 1155463587),
        (30, "AudioRecorderRecordAudio", 0, 2842804519),
        (42, "ContactsAddContact", 1, 337716731),
    ],
)
def test_instances_are_drawn_with_the_references_seeds(seed: int, task: str, number: int, expected: int) -> None:
    assert suite.instance_seed(seed, task, number) == expected


def test_without_a_checkout_the_list_says_why_it_knows_no_goals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "android_world", None)
    listed = suite.listing(42, combinations=2)
    assert len(listed) == 232
    assert [(i.task.name, i.number, i.seed) for i in listed if i.task.name == "ContactsAddContact"][1] == (
        "ContactsAddContact",
        1,
        337716731,
    )
    assert {i.goal for i in listed} == {None}
    assert {i.without_goal for i in listed} == {"the android_world checkout needs android_world.registry, which is not installed"}


def test_elements_leave_out_what_says_nothing_and_fit_whole() -> None:
    many = [{"text": "a" * 20}, {"text": "ü"}, {"text": "c"}]
    assert json.loads(elements.dumps(many, 1000)) == many
    assert elements.dumps(many, 1000).isascii()
    two = elements.dumps(many[:2], 1000)
    assert elements.dumps(many, len(two)) == two
    assert json.loads(elements.dumps(many, len(two) - 1)) == many[:1]
    assert elements.dumps(many, 10) == "[]"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Make a package with a checkout's interfaces importable."""
    write(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "android_world"]:
        monkeypatch.delitem(sys.modules, name)
    yield importlib.import_module("android_world")
    for name in [name for name in sys.modules if name.partition(".")[0] == "android_world"]:
        del sys.modules[name]


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Give two ports on which something listens, and a program to be called adb."""
    adb = tmp_path / "adb"
    adb.write_text("#!/bin/sh\n")
    adb.chmod(0o755)
    with socket.create_server(("localhost", 0)) as console, socket.create_server(("localhost", 0)) as grpc:
        yield {"console_port": console.getsockname()[1], "grpc_port": grpc.getsockname()[1], "adb": str(adb)}


@pytest.fixture
def env(checkout: ModuleType, ports: dict[str, Any]) -> Iterator[gym.Env[Any, Any]]:
    made = gym.make(NAME, **ports, screen_size=(4, 6), task="ContactsAddContact", suite_seed=30, pause=0, render_mode="rgb_array")
    yield made
    made.close()


def test_the_environment_is_gymnasiums(env: gym.Env[Any, Any]) -> None:
    check_env(env.unwrapped)


def test_an_episode_is_set_up_played_scored_and_torn_down(checkout: ModuleType, env: gym.Env[Any, Any]) -> None:
    random.seed(5)
    expected = random.random()
    random.seed(5)
    observation, info = env.reset(seed=1)
    assert random.random() == expected, "Python's global generator is left alone"
    assert observation["goal"].startswith("Add ")
    assert observation["screenshot"].shape == (6, 4, 3)
    (element,) = json.loads(observation["elements"])
    assert element == {
        "class_name": "android.widget.EditText",
        "bbox_pixels": {"x_min": 0, "x_max": 3, "y_min": 1, "y_max": 5},
        "is_editable": True,
    }
    assert info == {"task": "ContactsAddContact", "success": 0.0, "invalid": 0.0, "suite_seed": 30}
    for _ in range(2):
        observation, reward, terminated, truncated, info = env.step(TYPE)
        assert (reward, terminated, truncated, info["success"], info["invalid"]) == (0.0, False, False, 0.0, 0.0)
    assert json.loads(observation["elements"])[0]["text"] == "Ada Ada"
    assert np.array_equal(env.render(), observation["screenshot"])
    _, reward, terminated, truncated, info = env.step(DONE)
    assert (reward, terminated, truncated, info["success"]) == (1.0, True, False, 1.0)
    assert checkout.calls == [
        *("load setup=False freeze=True", "initialize ContactsAddContact", "reset go_home=True", "input_text", "input_text"),
        *("score ContactsAddContact", "tear down ContactsAddContact"),
    ]
    with pytest.raises(ResetNeeded):
        env.unwrapped.step(DONE)


def test_the_goal_is_the_instance_that_the_list_tells(
    checkout: ModuleType, env: gym.Env[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = suite.tasks()["ContactsAddContact"]
    monkeypatch.setattr(suite, "tasks", lambda: {"ContactsAddContact": task})
    (listed,) = suite.listing(30)
    assert listed.without_goal is None
    assert env.reset(seed=1)[0]["goal"] == env.reset(seed=2)[0]["goal"] == listed.goal


def test_a_part_of_the_task_earns_a_part_and_no_success(env: gym.Env[Any, Any]) -> None:
    env.reset(seed=1)
    env.step(TYPE)
    _, reward, terminated, _, info = env.step(DONE)
    assert (reward, terminated, info["success"]) == (0.5, True, 0.0)


def test_who_never_says_done_earns_nothing(checkout: ModuleType, env: gym.Env[Any, Any]) -> None:
    env.reset(seed=1)
    ends = [env.step(TYPE)[1:4] for _ in range(12)]
    assert ends == [(0.0, False, False)] * 11 + [(0.0, False, True)]
    assert "score ContactsAddContact" not in checkout.calls
    assert checkout.calls[-1] == "tear down ContactsAddContact"


@pytest.mark.parametrize(
    ("action", "said"),
    [("click it", "is not JSON"), ('{"action_type":"click","index":4}', "ValueError: Invalid element index: 4")],
)
def test_what_cannot_be_done_takes_a_step_and_is_said(env: gym.Env[Any, Any], action: str, said: str) -> None:
    env.reset(seed=1)
    for left in reversed(range(12)):
        _, reward, terminated, truncated, info = env.step(action)
        assert (reward, terminated, truncated, info["invalid"]) == (0.0, False, left == 0, 1.0)
        assert said in info["error"]


def test_a_new_episode_tears_down_the_old_one(checkout: ModuleType, env: gym.Env[Any, Any]) -> None:
    env.reset(seed=1)
    env.reset(seed=2)
    assert checkout.calls[3:5] == ["tear down ContactsAddContact", "initialize ContactsAddContact"]
    env.close()
    assert checkout.calls[-2:] == ["tear down ContactsAddContact", "close"]


def test_a_task_that_raises_is_a_failed_episode(checkout: ModuleType, env: gym.Env[Any, Any]) -> None:
    checkout.broken.add("initialize")
    _, info = env.reset(seed=1)
    assert "IndexError: list index out of range" in info["error"]
    _, reward, terminated, _, info = env.step(TYPE)
    assert (reward, terminated, info["success"], info["error"]) == (0.0, True, 0.0, "IndexError: list index out of range")
    checkout.broken = {"score"}
    env.reset(seed=1)
    _, reward, terminated, _, info = env.step(DONE)
    assert (reward, terminated, info["error"]) == (0.0, True, "ValueError: no such table: playing_queue")


def test_a_device_that_fails_is_no_failed_episode(checkout: ModuleType, env: gym.Env[Any, Any]) -> None:
    checkout.broken = {"initialize", "device"}
    with pytest.raises(RuntimeError, match="a11y"):
        env.reset(seed=1)
    env.close()
    checkout.broken = {"emulator"}
    with pytest.raises(ConnectionError, match=r"the Android emulator could not be set up .*: RuntimeError: adb: device offline"):
        env.unwrapped.reset(seed=1)


def test_a_turned_screen_keeps_its_coordinates(env: gym.Env[Any, Any]) -> None:
    env.reset(seed=1)
    observation, *_ = env.step('{"action_type":"open_app","app_name":"camera"}')
    assert observation["screenshot"].shape == (6, 4, 3)
    assert np.array_equal(observation["screenshot"][..., 0] > 0, np.arange(6)[:, None] * np.ones((1, 4)) < 4)


def test_a_miniwob_page_ends_itself(checkout: ModuleType, ports: dict[str, Any]) -> None:
    env = gym.make(NAME, **ports, screen_size=(4, 6), family="miniwob", pause=0)
    _, info = env.reset(seed=1)
    assert (info["task"], info["suite_seed"]) == ("MiniWobClickTest", 1)
    assert env.step(TYPE)[1:4] == (0.0, False, False)
    assert env.step(TYPE)[1:4] == (1.0, True, False)
    assert "reset go_home=False" in checkout.calls
    env.close()


def test_another_size_of_screen_is_told(checkout: ModuleType, ports: dict[str, Any]) -> None:
    env = gym.make(NAME, **ports)
    with pytest.raises(ValueError, match=r"4 x 6 pixels: make the environment with screen_size=\(4, 6\)"):
        env.reset(seed=1)
    env.close()


def test_without_a_device_making_one_fails_with_the_stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("HOME", "/nowhere")
    with pytest.raises(DependencyNotInstalled) as caught:
        gym.make(NAME, console_port=1, grpc_port=2)
    said = str(caught.value)
    getting = () if importlib.util.find_spec("android_world") else ("git clone",)
    for part in (*getting, "apt install adb", "emulator -avd", "phonesim/Suite-v0", "miniwob/click-test-2-v1", "androidworld/Server-v0"):
        assert part in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("kwargs", "said"), [({"task": "ContactsAdd"}, "has no task 'ContactsAdd'"), ({"family": "web"}, "family must be")]
)
def test_bad_arguments_are_refused(kwargs: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        gym.make(NAME, **kwargs)


def test_the_checkup_says_what_is_there_and_what_to_type(checkout: ModuleType, ports: dict[str, Any]) -> None:
    found = {finding["name"]: finding for finding in doctor.examine(ports["adb"], ports["console_port"], ports["grpc_port"])}
    assert list(found) == ["adb", "android_env", "android_world", "emulator"]
    assert all(finding["ok"] and finding["remedy"] is None for finding in found.values())
    assert found["android_world"]["detail"] == checkout.__file__
    (emulator,) = [finding for finding in doctor.examine(ports["adb"], 1, ports["grpc_port"]) if not finding["ok"]]
    assert emulator["detail"] == "no Android emulator listens on port 1"
    assert "-grpc" in emulator["remedy"]
