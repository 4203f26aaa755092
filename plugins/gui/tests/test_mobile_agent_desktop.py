"""The paper's desktop actions as Python code."""

import numpy as np
import pytest
from gymnasium import spaces
from hub_envs.texts import text_space
from hub_gui.mobile_agent.actions import carried_out
from hub_gui.mobile_agent.agent import MobileAgentV3
from hub_gui.surfaces import surface_for
from hub_gui.surfaces.view import View

import hub
from hub.errors import ImpossiblePairing


def task(action_space="pyautogui"):
    parts = {"instruction": text_space(100), "screenshot": spaces.Box(0, 255, (80, 100, 3), np.uint8)}
    kwargs = {"action_space": action_space}
    return hub.Task(env_id="osworld/X-v0", env_kwargs=kwargs, observation_space=spaces.Dict(parts), action_space=text_space(300))


def written(found):
    return carried_out(surface_for("x", task()), found, View("", (), np.zeros((80, 100, 3), np.uint8)), (1000, 800))


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ({"action": "click", "coordinate": [500, 400]}, "pyautogui.click(x=50, y=40)"),
        ({"action": "right_click", "coordinate": [500, 400]}, "pyautogui.rightClick(x=50, y=40)"),
        ({"action": "middle_click", "coordinate": [500, 400]}, "pyautogui.click(x=50, y=40, button='middle')"),
        ({"action": "double_click", "coordinate": [500, 400]}, "pyautogui.doubleClick(x=50, y=40)"),
        ({"action": "mouse_move", "coordinate": [0, 800]}, "pyautogui.moveTo(x=0, y=79)"),
        (
            {"action": "drag", "coordinate": [0, 0], "coordinate2": [500, 400]},
            "pyautogui.moveTo(x=0, y=0); pyautogui.dragTo(50, 40, duration=0.5, button='left', mouseDownUp=True)",
        ),
        ({"action": "key", "keys": ["ctrl", "s"]}, "pyautogui.hotkey('ctrl', 's')"),
        ({"action": "type", "text": "a b"}, "pyautogui.typewrite('a b')"),
        (
            {"action": "type", "text": "a", "clear": True, "enter": True},
            "pyautogui.hotkey('ctrl', 'a'); pyautogui.press('backspace'); pyautogui.typewrite('a'); pyautogui.press('enter')",
        ),
        ({"action": "scroll", "pixels": -5}, "pyautogui.vscroll(-5)"),
        ({"action": "scroll", "pixels": 2, "coordinate": [500, 400]}, "pyautogui.moveTo(x=50, y=40); pyautogui.vscroll(2)"),
        ({"action": "wait", "time": 9}, "WAIT"),
        ({"action": "terminate", "status": "success"}, "DONE"),
        ({"action": "terminate", "status": "failure"}, "FAIL"),
    ],
)
def test_actions(found, code):
    assert written(found) == code


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"action": "key"}, "keys must be a list"),
        ({"action": "key", "keys": ["hyper"]}, "no key 'hyper'"),
        ({"action": "scroll", "pixels": 6}, "from -5 to 5"),
        ({"action": "scroll"}, "from -5 to 5"),
        ({"action": "open_app", "text": "x"}, "no action 'open_app' on a desktop"),
    ],
)
def test_what_is_no_action(found, message):
    with pytest.raises(ValueError, match=message):
        written(found)


def test_it_needs_the_action_space_of_code():
    with pytest.raises(ImpossiblePairing, match="action_space=pyautogui"):
        MobileAgentV3(task("computer_13"))
