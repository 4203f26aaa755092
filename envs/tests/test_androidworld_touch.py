"""android_env under Gymnasium, with android_env's fake simulator: interfaces only. Says nothing of tasks or devices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dm_env
import gymnasium as gym
import hub_envs  # noqa: F401  registers the ids
import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled, ResetNeeded
from gymnasium.utils.env_checker import check_env
from hub_envs.androidworld.touch import ended

NAME = "androidworld/AndroidEnv-v0"
LIFT = {"action_type": 1, "touch_position": np.zeros(2, np.float32)}


@pytest.fixture
def task(tmp_path: Path) -> str:
    file = tmp_path / "task.textproto"
    file.write_text('id: "five"\nname: "five steps"\nmax_episode_steps: 5\n')
    return str(file)


@pytest.fixture
def env(task: str) -> Iterator[gym.Env[Any, Any]]:
    made = gym.make(NAME, task=task, simulator="fake", screen_size=(32, 48), render_mode="rgb_array")
    yield made
    made.close()


def test_the_environment_is_gymnasiums(env: gym.Env[Any, Any]) -> None:
    check_env(env.unwrapped)
    assert env.observation_space["pixels"].shape == (48, 32, 3)  # type: ignore[index]


def test_the_step_limit_truncates_and_nothing_restarts_by_itself(env: gym.Env[Any, Any]) -> None:
    _, info = env.reset(seed=1)
    assert info["fake"] == 1.0
    ends = [env.step(LIFT)[2:4] for _ in range(6)]
    assert ends == [(False, False)] * 5 + [(False, True)]
    with pytest.raises(ResetNeeded):
        env.unwrapped.step(LIFT)
    env.reset()
    assert env.step(LIFT)[2:4] == (False, False)


@pytest.mark.parametrize(
    ("timestep", "expected"),
    [
        (dm_env.TimeStep(dm_env.StepType.FIRST, 0.0, 0.0, {}), (False, False)),
        (dm_env.transition(1.0, {}), (False, False)),
        (dm_env.termination(1.0, {}), (True, False)),
        (dm_env.truncation(1.0, {}), (False, True)),
    ],
)
def test_an_end_with_discount_0_terminates_and_another_truncates(timestep: dm_env.TimeStep, expected: tuple[bool, bool]) -> None:
    assert ended(timestep) == expected


def test_rewards_and_ends_come_from_the_log(tmp_path: Path) -> None:
    # the fake log says `episode end` in one line of a hundred, ten lines a second: the expression here matches its commonest line instead
    file = tmp_path / "task.textproto"
    regexps = r'reward: "^reward: ([0-9.]+)$" episode_end: "^reward: "'
    file.write_text(f'id: "log"\nlog_parsing_config {{ filters: "Tag:D" log_regexps {{ {regexps} }} }}\n')
    env = gym.make(NAME, task=str(file), simulator="fake", screen_size=(4, 4))
    env.reset(seed=1)
    rewards, terminated, truncated = [], False, False
    while not terminated and not truncated:
        _, reward, terminated, truncated, _ = env.step(LIFT)
        rewards.append(reward)
    env.close()
    assert (terminated, truncated) == (True, False)
    assert set(rewards[:-1]) <= {0.0, 0.5, 1.0}


def test_more_fingers_and_keys_are_more_actions(task: str) -> None:
    env = gym.make(NAME, task=task, simulator="fake", screen_size=(4, 4), fingers=2, keys=True)
    assert set(env.action_space.spaces) == {"action_type", "touch_position", "action_type_2", "touch_position_2", "keycode"}  # type: ignore[attr-defined]
    assert env.action_space["action_type"].n == 6  # type: ignore[index]


@pytest.mark.parametrize(
    ("kwargs", "said"),
    [
        ({"task": "nowhere.textproto"}, "'nowhere.textproto' is no file"),
        ({"simulator": "real"}, 'simulator must be "emulator" or "fake"'),
        ({"adb": "/bin/sh", "emulator": {"avd": "x"}}, "EmulatorLauncherConfig .*unexpected keyword argument 'avd'"),
    ],
)
def test_bad_arguments_are_refused(task: str, kwargs: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        gym.make(NAME, **{"task": task, **kwargs})


def test_without_adb_there_is_no_emulator(task: str) -> None:
    with pytest.raises(DependencyNotInstalled, match="apt install adb"):
        gym.make(NAME, task=task, adb="/nowhere/adb")
