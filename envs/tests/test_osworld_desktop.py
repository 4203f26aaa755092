"""The environment on real desktops, with real programs."""

import contextlib

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env
from hub_envs.osworld import doctor
from hub_envs.osworld.tasks import programs

pytestmark = pytest.mark.desktop


def made(task, **kwargs):
    names = programs(task) if isinstance(task, str) else {"mousepad"}
    try:
        doctor.require(*names)
    except gym.error.DependencyNotInstalled as missing:
        pytest.skip(str(missing))
    return gym.make("hub_envs:osworld/Desktop-v0", task=task, **{"pause": 0.1, **kwargs})


def played(env, script, seed):
    seen, info = env.reset(seed=seed)
    over, invalid, reward = False, 0.0, 0.0
    while not over:
        assert reward == 0.0
        seen, reward, terminated, truncated, info = env.step(script.act(seen))
        over, invalid = terminated or truncated, invalid + info["invalid"]
    assert terminated
    assert not invalid
    assert info["success"] == float(reward == 1.0)
    return reward


@pytest.mark.parametrize(
    ("task", "fault"),
    [
        ("editor-append-line", "greater-for-less"),
        ("terminal-make-executable", "for-everybody"),
        ("infeasible-copy-from-stick", "makes-a-file"),
    ],
)
def test_the_oracle_solves_a_task_and_a_near_miss_does_not(task, fault):
    env = made(task)
    scripts = env.unwrapped.model
    assert played(env, scripts.oracle(3), 3) == 1.0
    assert played(env, scripts.wrong(3)[fault], 3) == 0.0
    env.close()


def test_calc_is_told_a_number():
    env = made("calc-enter-value", accessibility_tree=False)
    assert played(env, env.unwrapped.model.oracle(1), 1) == 1.0
    env.close()


LEFT_BEHIND = {
    "id": "left-behind",
    "instruction": "Wait.",
    "config": [],
    "evaluator": {
        "func": "exact_match",
        "result": {"type": "vm_command_line", "command": ["ls", "/home/user/left", "/tmp/left"]},
        "expected": {"type": "rule", "rules": {"expected": "/home/user/left\n/tmp/left\n"}},
    },
}


def test_a_file_of_one_episode_is_absent_in_the_next():
    env = made(LEFT_BEHIND, accessibility_tree=False)
    env.reset()
    env.step("for name in ('/home/user/left', '/tmp/left'): open(name, 'w').close()")
    assert env.step("DONE")[1] == 1.0
    env.reset()
    assert env.step("DONE")[1] == 0.0
    env.close()


def test_scrolling_and_less_than_go_the_way_that_is_written():
    lines = "".join(f"line {number}\\n" for number in range(300))
    source = {
        "id": "scroll",
        "instruction": "Scroll.",
        "config": [
            {"type": "execute", "parameters": {"command": ["bash", "-c", f"printf '{lines}' > ~/long.txt"]}},
            {"type": "launch", "parameters": {"command": ["mousepad", "/home/user/long.txt"]}},
            {
                "type": "execute_with_verification",
                "parameters": {"command": ["true"], "verification": {"window_exists": "long.txt"}, "max_wait_time": 60},
            },
        ],
        "evaluator": {
            "func": "check_include_exclude",
            "result": {"type": "vm_command_line", "command": ["tail", "-n", "1", "/home/user/long.txt"]},
            "expected": {"type": "rule", "rules": {"include": ["1 < 2 > 0"]}},
        },
    }
    env = made(source, action_space="computer_13", accessibility_tree=False)
    start, _ = env.reset()
    down = env.step('{"action_type": "SCROLL", "parameters": {"dy": -5}}')[0]
    assert (down["screenshot"] != start["screenshot"]).any()
    up = env.step('{"action_type": "SCROLL", "parameters": {"dy": 5}}')[0]
    assert (up["screenshot"] != down["screenshot"]).any()
    env.step('{"action_type": "HOTKEY", "parameters": {"keys": ["ctrl", "end"]}}')
    env.step('{"action_type": "TYPING", "parameters": {"text": "1 < 2 > 0"}}')
    env.step('{"action_type": "HOTKEY", "parameters": {"keys": ["ctrl", "s"]}}')
    assert env.step('{"action_type": "DONE"}')[1] == 1.0
    env.close()


KILL = """
import os, signal
for process in os.listdir("/proc"):
    if process.isdigit() and int(process) not in (1, 2, os.getpid()):
        if {program!r} in open(f"/proc/{{process}}/cmdline").read():
            os.kill(int(process), signal.SIGKILL)
"""


@pytest.mark.parametrize(("program", "tree"), [("Xvfb", False), ("--session", True), ("", False)])
def test_an_agent_that_switches_its_desktop_off_earns_nothing(program, tree):
    with contextlib.closing(made("editor-append-line", accessibility_tree=tree)) as env:
        env.reset(seed=1)
        last = env.step(KILL.format(program=program))
        for _ in range(5):
            if last[2]:
                break
            last = env.step("WAIT")
        observation, reward, terminated, truncated, info = last
        assert (reward, terminated, truncated) == (0.0, True, False)
        assert "no longer answers" in info["error"]
        assert env.observation_space.contains(observation)
        env.reset(seed=2)


def test_gymnasiums_checker_passes():
    env = made(LEFT_BEHIND, render_mode="rgb_array", marks=True, terminal=True)
    check_env(env.unwrapped, skip_close_check=True)
    env.close()
