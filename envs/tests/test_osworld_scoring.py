"""OSWorld's task format, preparations and rules for scores, against a control server that stands in for a machine."""

import copy
import json
import pickle
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from hub_envs.osworld.client import ActionError, Desktop, DesktopError
from hub_envs.osworld.context import Context
from hub_envs.osworld.environment import DesktopEnv
from hub_envs.osworld.evaluators import OURS, for_foreign_tasks
from hub_envs.osworld.remote import find_provider
from hub_envs.osworld.scoring import evaluate
from hub_envs.osworld.setup import prepare
from hub_envs.osworld.task import read_task

from .osworld_guest import Guest


@pytest.fixture
def guest(tmp_path):
    root = tmp_path / "guest"
    root.mkdir()
    guest = Guest(root)
    yield guest
    guest.close()


@pytest.fixture
def context(guest, tmp_path):
    desktop = Desktop(guest.url)
    for name in ("cache", "task"):
        (tmp_path / name).mkdir()
    yield Context(desktop, tmp_path / "task", tmp_path / "cache", (64, 48))
    desktop.close()


def task(**evaluator):
    return {"id": "t", "instruction": "Do it.", "config": [], "evaluator": evaluator}


def says(text):
    return {"type": "vm_command_line", "command": ["echo", text]}


def rule(**rules):
    return {"type": "rule", "rules": rules}


def score(context, source, *, failed=False):
    return evaluate(read_task(source, OURS.known), context, OURS, failed=failed).score


RIGHT = {"func": "exact_match", "result": says("a"), "expected": rule(expected="a\n")}


# The format


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": ""}, '"id"'),
        ({"instruction": None}, '"instruction"'),
        ({"evaluator": {}}, '"evaluator"'),
        ({"evaluator": {**RIGHT, "conj": "xor"}}, "xor"),
        ({"config": [{"type": "upload"}]}, "parameters"),
        ({"config": [{"type": "upload_fil", "parameters": {}}]}, "did you mean 'upload_file'"),
        ({"evaluator": {**RIGHT, "func": "exact_mach"}}, "did you mean 'exact_match'"),
        ({"evaluator": {**RIGHT, "result": {"type": "vm_fil"}}}, "did you mean 'vm_file'"),
        ({"evaluator": {**RIGHT, "func": ["exact_match", "exact_match"]}}, "as long as"),
        ({"evaluator": {**RIGHT, "postconfig": [{"type": "nap", "parameters": {}}]}}, "postconfig: unknown setup type 'nap'"),
    ],
)
def test_a_task_that_cannot_be_played_says_what_is_wrong(change, why):
    with pytest.raises(ValueError, match=why):
        read_task({**task(**RIGHT), **change}, OURS.known)


def test_tasks_are_read_from_files(tmp_path):
    path = tmp_path / "t.json"
    with pytest.raises(ValueError, match="no task at"):
        read_task(path, OURS.known)
    path.write_text("{")
    with pytest.raises(ValueError, match="not JSON"):
        read_task(path, OURS.known)
    path.write_text(json.dumps(task(**RIGHT)))
    assert read_task(path, OURS.known).folder == tmp_path


# Scores


def test_one_metric(context):
    assert score(context, task(**RIGHT)) == 1
    assert score(context, task(**{**RIGHT, "result": says("b")})) == 0
    assert score(context, task(**RIGHT), failed=True) == 0


def test_infeasible_is_right_for_who_says_so(context):
    assert score(context, task(func="infeasible"), failed=True) == 1
    assert score(context, task(func="infeasible")) == 0


@pytest.mark.parametrize(
    ("conj", "texts", "expected"),
    [("and", "aa", 1), ("and", "ab", 0), ("and", "ba", 0), ("or", "ab", 1), ("or", "ba", 1), ("or", "bb", 0)],
)
def test_several_metrics(context, conj, texts, expected):
    part = {"func": ["exact_match"] * 2, "conj": conj, "result": [says(t) for t in texts], "expected": [rule(expected="a\n")] * 2}
    assert score(context, task(**part)) == expected


def test_partial_scores_are_averaged_by_and_and_the_best_counts_for_or(context, guest):
    (context.folder / "gold.txt").write_text("a\nb\nc\nd\n")
    (guest.root / "same.txt").write_text("a\nb\nc\nd\n")
    (guest.root / "half.txt").write_text("a\nb\nx\ny\n")
    files = [{"type": "vm_file", "path": f"/{name}.txt", "dest": f"{name}.txt"} for name in ("same", "half")]
    gold = {"type": "cloud_file", "path": "gold.txt", "dest": "gold.txt"}
    part = {"func": ["diff_text_file"] * 2, "result": files, "expected": [gold] * 2}
    assert score(context, task(**part)) == pytest.approx(0.75)
    assert score(context, task(**part, conj="or")) == 1
    assert score(context, task(**{**part, "result": files[::-1]}, conj="or")) == 1


def test_a_missing_file_and_a_broken_one_score_nothing(context, guest):
    part = {
        "func": "compare_table",
        "result": {"type": "vm_file", "path": "/a.xlsx", "dest": "a.xlsx"},
        "options": {"rules": []},
    }
    assert score(context, task(**part)) == 0
    (guest.root / "a.xlsx").write_text("no workbook")
    verdict = evaluate(read_task(task(**part), OURS.known), context, OURS, failed=False)
    assert verdict.score == 0
    assert "compare_table" in verdict.trouble


def test_files_are_given_one_or_several_and_none_where_there_is_none(context, guest):
    (guest.root / "a.txt").write_text("a")
    config = {"type": "vm_file", "multi": True, "path": ["/a.txt", "/b.txt"], "dest": ["one", "two"]}
    a = str(context.cache / "one")
    assert OURS.getters["vm_file"](context, config) == a  # of several the first, where the task does not say which
    assert OURS.getters["vm_file"](context, {**config, "gives": [0, 1]}) == [a, None]
    assert OURS.getters["vm_file"](context, {**config, "gives": [1]}) is None
    assert OURS.getters["vm_wallpaper"](context, {"dest": "wallpaper.png"}) is None  # this guest has none


def test_postconfig_comes_before_the_metric(context):
    step = {"type": "execute", "parameters": {"command": ["touch", "{SCREEN_WIDTH}x{SCREEN_HEIGHT_HALF}"]}}
    part = {"func": "exact_match", "result": {"type": "vm_command_line", "command": ["ls"]}, "expected": rule(expected="64x24\n")}
    assert score(context, task(**part)) == 0
    assert score(context, task(**part, postconfig=[step])) == 1


# Preparations


def test_files_are_put_into_the_guest(context, guest):
    (context.folder / "in.txt").write_bytes(b"x\0y")
    upload = {"type": "upload_file", "parameters": {"files": [{"local_path": "in.txt", "path": "/deep/out.txt"}]}}
    local = {"type": "download", "parameters": {"files": [{"url": "https://example.invalid/in.txt", "path": "/copy.txt"}]}}
    prepare(context, [upload, local])
    assert (guest.root / "deep/out.txt").read_bytes() == (guest.root / "copy.txt").read_bytes() == b"x\0y"


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ({"type": "login", "parameters": {"platform": "drive"}}, "accounts"),
        ({"type": "download", "parameters": {"files": [{"url": "http://127.0.0.1:1/a", "path": "/a"}]}}, "a copy at"),
        ({"type": "upload_file", "parameters": {"files": [{"local_path": "none", "path": "/a"}]}}, "step 1 .*upload_file"),
        ({"type": "open", "parameters": {"path": "/a"}}, "open"),
    ],
)
def test_a_preparation_that_fails_says_which(context, step, why):
    with pytest.raises(DesktopError, match=why):
        prepare(context, [step])


def test_wrong_parameters_are_the_tasks_mistake(context):
    with pytest.raises(ValueError, match="sleep, has wrong parameters"):
        prepare(context, [{"type": "sleep", "parameters": {"minutes": 1}}])
    with pytest.raises(ValueError, match=r"step 1 .*upload_file, lacks 'local_path'"):
        prepare(context, [{"type": "upload_file", "parameters": {"files": [{"path": "/a"}]}}])


def test_until_waits_for_a_command(context, guest):
    script = "echo x >> n; wc -l < n"
    prepare(context, [{"type": "execute", "parameters": {"command": ["sh", "-c", script], "stdout": "n.txt", "until": {"stdout": "2"}}}])
    assert (guest.root / "n").read_text() == "x\nx\n"
    assert (context.cache / "n.txt").read_text().strip() == "2"


# OSWorld's own server, which has none of our endpoints


def test_the_client_falls_back_to_what_osworlds_server_has(guest):
    desktop = Desktop(guest.url)
    desktop.act("pyautogui.click(1, 2)")
    desktop.act("pyautogui.click(3, 4)")
    assert [path for path, _ in guest.asked] == ["/act", "/execute", "/execute"]
    assert guest.asked[-1][1]["command"][2].endswith("\npyautogui.click(3, 4)")
    with pytest.raises(ActionError, match="raise X"):
        desktop.act("raise X")
    assert desktop.screenshot().shape == (48, 64, 3)
    assert desktop.settle(5.0, looks=2, interval=0.05)
    assert desktop.file("/none") is None
    desktop.close()


def test_a_desktop_that_is_gone_is_an_error_of_its_own():
    desktop = Desktop("http://127.0.0.1:1")
    with pytest.raises(DesktopError, match="has gone"):
        desktop.screenshot()
    with pytest.raises(DesktopError, match="no OSWorld control server"):
        desktop.wait(0.1)


# A whole episode on a running server


def made(guest, **kwargs):
    source = {**task(func="exact_match", result={"type": "vm_command_line", "command": ["cat", "a"]}, expected=rule(expected="x\n"))}
    source["config"] = [{"type": "execute", "parameters": {"command": ["sh", "-c", "echo x > a"]}}]
    return gym.make("hub_envs:osworld/Desktop-v0", task=source, provider=guest.url, screen=(64, 48), pause=0.0, **kwargs)


def test_an_episode_ends_with_its_score(guest):
    env = made(guest, marks=True, terminal=True, render_mode="rgb_array")
    seen, info = env.reset(seed=0)
    assert env.observation_space.contains(seen)
    assert seen["instruction"] == "Do it."
    assert "OK &#10003;" in seen["accessibility_tree"]
    elements = json.loads(seen["elements"])
    assert [element["content_description"] for element in elements] == ["OK ✓"]
    assert elements[0]["bbox_pixels"] == {"x_min": 10, "x_max": 50, "y_min": 20, "y_max": 36}
    assert seen["screenshot"].any()
    assert not env.render().any()
    assert info["task"] == info["task_id"] == "t"
    assert info["task_config"]["id"] == "t"
    seen, reward, terminated, truncated, info = env.step("click(")
    assert (reward, terminated, truncated, info["invalid"], info["success"]) == (0, False, False, 1.0, 0.0)
    assert "Python" in info["error"]
    _, reward, _, _, info = env.step("raise Y")
    assert info["invalid"] == 1.0
    _, reward, terminated, truncated, info = env.step("DONE")
    assert (reward, terminated, truncated, info["invalid"], info["success"], info["score"]) == (1.0, True, False, 0.0, 1.0, 1.0)
    assert info["evaluator"] == for_foreign_tasks().name
    with pytest.raises(gym.error.ResetNeeded):
        env.unwrapped.step("DONE")
    env.close()


def test_the_budget_truncates_and_is_judged(guest):
    env = made(guest, max_steps=2)
    env.reset()
    assert env.step("pyautogui.click()")[1:4] == (0.0, False, False)
    assert env.step("pyautogui.click()")[1:4] == (1.0, False, True)
    env.reset()
    assert env.step("FAIL")[1:4] == (0.0, True, False)
    env.close()


def test_computer_13_reaches_the_guest(guest):
    env = made(guest, action_space="computer_13")
    env.reset()
    env.step('{"action_type": "SCROLL", "parameters": {"dy": 2}}')
    codes = [
        payload["command"][2].rpartition("\n")[2]
        for path, payload in guest.asked
        if path == "/execute" and payload["command"][0] == "python"
    ]
    assert codes == ["pyautogui.vscroll(2)"]
    assert env.unwrapped.model is None
    with pytest.raises(ValueError, match="an action is a text, and is 3"):
        env.unwrapped.step(3)
    env.close()


def test_a_copy_is_an_environment_of_its_own(guest):
    env = made(guest, max_steps=3)
    env.reset()
    for copied in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        with pytest.raises(gym.error.ResetNeeded):
            copied.unwrapped.step("DONE")
        copied.reset()
        assert copied.step("DONE")[1:3] == (1.0, True)
        copied.close()
    assert env.step("DONE")[1:3] == (1.0, True)
    env.close()


def test_a_task_may_come_with_a_reset(guest):
    env = made(guest)
    _, info = env.reset(options={"task_config": {**task(func="infeasible"), "id": "other"}})
    assert info["task"] == "other"
    assert env.step("FAIL")[1] == 1.0
    env.close()


def test_another_screen_size_is_an_error(guest):
    env = gym.make("hub_envs:osworld/Desktop-v0", task=task(**RIGHT), provider=guest.url, screen=(1280, 800))
    with pytest.raises(DesktopError, match=r"screen=\(64, 48\)"):
        env.reset()


@pytest.mark.parametrize(
    ("kwargs", "why"),
    [
        ({"task": "calc-enter-valu"}, "did you mean 'calc-enter-value'"),
        ({"task": "none.json"}, "no task at"),
        ({"action_space": "mouse"}, "computer_13"),
        ({"max_steps": 0}, "max_steps"),
        ({"render_mode": "human"}, "rgb_array"),
        ({"provider": "vmwear"}, "vmware"),
        ({"provider": "qemu"}, "hostfwd"),
        ({"provider": "http://127.0.0.1:1", "provider_options": {"a": 1}}, "provider_options"),
    ],
)
def test_wrong_arguments_say_what_would_be_right(kwargs, why):
    with pytest.raises(ValueError, match=why):
        DesktopEnv(**{"task": task(**RIGHT), "provider": "http://127.0.0.1:1", **kwargs})


# OSWorld's own package, where it can be imported: a package of the same shape stands in for it


@pytest.fixture
def desktop_env(tmp_path, monkeypatch):
    package = tmp_path / "packages" / "desktop_env"
    files = {
        "evaluators/metrics": (
            "def exact_match(result, rules):\n    return 0.25\ndef only_theirs(result):\n    return float(result == 'theirs')\n"
        ),
        "evaluators/getters": "def get_only_theirs(env, config):\n    return env.vm_ip and env.controller.server and config['say']\n",
        "controllers": "",
        "controllers/python": (
            "class PythonController:\n    def __init__(self, vm_ip, server_port):\n        self.server = (vm_ip, server_port)\n"
        ),
        "providers": (
            "class Manager:\n    def get_vm_path(self, **_):\n        return 'image'\n"
            "class Provider:\n    log = []\n    def __getattr__(self, name):\n"
            "        return lambda *a: (self.log.append(name), 'HOST' if name == 'get_ip_address' else None)[1]\n"
            "def create_vm_manager_and_provider(name, region):\n    return Manager(), Provider()\n"
        ),
    }
    for name, text in {"": "", "evaluators": "", **files}.items():
        folder = package / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    for_foreign_tasks.cache_clear()
    yield package
    for_foreign_tasks.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "desktop_env"]:
        del sys.modules[name]


def test_osworlds_own_metrics_and_getters_judge_tasks_from_elsewhere(desktop_env, context):
    theirs = for_foreign_tasks()
    assert theirs.name.startswith("desktop_env")
    source = task(
        func=["exact_match", "only_theirs"],
        result=[says("a"), {"type": "only_theirs", "say": "theirs"}],
        expected=[rule(expected="a\n"), None],
    )
    assert evaluate(read_task(source, theirs.known), context, theirs, failed=False).score == 0.625
    with pytest.raises(ValueError, match="only_theirs"):
        read_task(source, OURS.known)


def test_osworlds_package_that_cannot_be_imported_leaves_ours(desktop_env):
    Path(desktop_env / "evaluators/metrics/__init__.py").write_text("import module_that_nobody_has")
    assert "module_that_nobody_has" in for_foreign_tasks().name
    assert for_foreign_tasks().metrics == OURS.metrics


def test_osworlds_machines_are_reverted_between_episodes(desktop_env, guest):
    provider = find_provider("docker", (64, 48), {"snapshot": "clean"})
    address = guest.url.removeprefix("http://")
    provider._provider.__class__.get_ip_address = lambda *_: f"{address}:9222:8006:8080"
    for _ in range(2):
        machine = provider.start()
        assert machine.url == guest.url
        machine.stop()
    assert provider._provider.log == ["start_emulator", "stop_emulator", "revert_to_snapshot", "start_emulator", "stop_emulator"]


def test_osworlds_providers_say_what_they_need():
    with pytest.raises(gym.error.DependencyNotInstalled, match="pip install desktop-env"):
        find_provider("vmware", (1920, 1080), {})


def test_stillness_is_told_from_movement(guest):
    desktop = Desktop(guest.url)
    guest.screen[10:26, 7] = 255  # a caret
    assert desktop.settle(5.0, looks=2, interval=0.05)
    answers = iter(range(10**6))
    original = guest.reply

    def moving(path, payload, headers):
        if path == "/screenshot":
            guest.screen = np.full((48, 64, 3), next(answers) % 250, np.uint8)
        return original(path, payload, headers)

    guest.reply = moving
    assert not desktop.settle(0.6, looks=2, interval=0.05)
    desktop.close()
