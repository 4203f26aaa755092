"""What people get wrong about the desktop's tasks; none of it starts a desktop."""

import json
import subprocess
import sys

import gymnasium as gym
import pytest
from hub_envs.osworld.local import LocalMachine

NOWHERE = "http://127.0.0.1:9"
TASK = {"id": "mine", "instruction": "Do it.", "config": [], "evaluator": {"func": "infeasible"}}


def made(**kwargs):
    return gym.make("hub_envs:osworld/Desktop-v0", provider=NOWHERE, **kwargs).unwrapped


@pytest.mark.parametrize(
    ("kwargs", "why"),
    [
        ({"task": 3}, "a task is a name, the path of a JSON file or a mapping, not 3"),
        ({"task": ["a", "b"]}, "a task is a name"),
        ({"task": TASK, "screen": (0, 800)}, "screen is width and height in pixels"),
    ],
)
def test_arguments_of_the_wrong_kind(kwargs, why):
    with pytest.raises(ValueError, match=why):
        made(**kwargs)


def test_only_own_tasks_in_pyautogui_come_with_solutions(tmp_path):
    path = tmp_path / "task.json"
    path.write_text(json.dumps(TASK))
    assert made(task="editor-new-file").model is not None
    assert made(task=str(path)).model is None
    assert made(task=TASK).model is None
    assert made(task="editor-new-file", action_space="computer_13").model is None


@pytest.mark.parametrize("words", [["calc-total-colum"], ["calc-total-column", "--files", __file__]])
def test_the_list_of_tasks_tells_mistakes_in_a_line(words):
    told = subprocess.run([sys.executable, "-m", "hub_envs.osworld.tasks", *words], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (2, "")
    assert "did you mean 'calc-total-column'" in told.stderr or f"--files {__file__} cannot be written: File exists" in told.stderr


def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("HUB_ENVS_CACHE", str(file))
    with pytest.raises(RuntimeError, match=f"desktops. home cannot be kept in {file}/osworld .Not a directory.: set HUB_ENVS_CACHE"):
        LocalMachine((640, 480))
