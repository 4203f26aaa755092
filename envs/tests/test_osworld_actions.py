"""Both action spaces as code, and what is not an action."""

import json

import pytest
from hub_envs.osworld.actions import translate


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ({"action_type": "MOVE_TO", "parameters": {"x": 3, "y": 4.5}}, "pyautogui.moveTo(x=3, y=4.5)"),
        ({"action_type": "CLICK", "parameters": {}}, "pyautogui.click()"),
        ({"action_type": "CLICK", "x": 1, "y": 2}, "pyautogui.click(x=1, y=2)"),
        (
            {"action_type": "CLICK", "parameters": {"button": "right", "x": 1, "y": 2, "num_clicks": 2}},
            "pyautogui.click(button='right', x=1, y=2, clicks=2)",
        ),
        ({"action_type": "MOUSE_DOWN"}, "pyautogui.mouseDown()"),
        ({"action_type": "MOUSE_UP", "button": "left"}, "pyautogui.mouseUp(button='left')"),
        ({"action_type": "RIGHT_CLICK", "x": 1, "y": 2}, "pyautogui.rightClick(x=1, y=2)"),
        ({"action_type": "DOUBLE_CLICK"}, "pyautogui.doubleClick()"),
        ({"action_type": "DRAG_TO", "x": 5, "y": 6}, "pyautogui.dragTo(5, 6, duration=0.5, button='left', mouseDownUp=True)"),
        ({"action_type": "SCROLL", "parameters": {"dx": 2, "dy": -3}}, "pyautogui.hscroll(2); pyautogui.vscroll(-3)"),
        ({"action_type": "SCROLL", "dy": 5}, "pyautogui.vscroll(5)"),
        ({"action_type": "TYPING", "parameters": {"text": "it's\n<b>"}}, 'pyautogui.typewrite("it\'s\\n<b>")'),
        ({"action_type": "PRESS", "key": "Enter"}, "pyautogui.press('enter')"),
        ({"action_type": "KEY_DOWN", "key": "shift"}, "pyautogui.keyDown('shift')"),
        ({"action_type": "KEY_UP", "key": "shift"}, "pyautogui.keyUp('shift')"),
        ({"action_type": "HOTKEY", "keys": ["ctrl", "S"]}, "pyautogui.hotkey('ctrl', 's')"),
        ({"action_type": "WAIT"}, "WAIT"),
        ({"action_type": "FAIL", "parameters": {}}, "FAIL"),
        ({"action_type": "DONE"}, "DONE"),
    ],
)
def test_computer_13_becomes_code(action, code):
    assert translate(json.dumps(action), "computer_13") == code
    if code not in ("WAIT", "FAIL", "DONE"):
        compile(code, "<action>", "exec")


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("", "JSON"),
        ("click", "JSON"),
        ("[]", "action_type"),
        ('{"action_type": 3}', "action_type"),
        ('{"action_type": "TAP"}', "MOVE_TO"),
        ('{"action_type": "CLICK", "parameters": 3}', "object"),
        ('{"action_type": "CLICK", "x": 3}', "together"),
        ('{"action_type": "CLICK", "z": 3}', "'z'"),
        ('{"action_type": "CLICK", "x": "a", "y": 1}', "number"),
        ('{"action_type": "CLICK", "x": NaN, "y": 1}', "number"),
        ('{"action_type": "CLICK", "x": true, "y": 1}', "number"),
        ('{"action_type": "CLICK", "num_clicks": 4}', "1, 2 or 3"),
        ('{"action_type": "CLICK", "num_clicks": 2.0}', "1, 2 or 3"),
        ('{"action_type": "CLICK", "button": "wheel"}', "left"),
        ('{"action_type": "MOVE_TO"}', "x and y"),
        ('{"action_type": "SCROLL"}', "dx or dy"),
        ('{"action_type": "TYPING"}', "text"),
        ('{"action_type": "TYPING", "text": 3}', "string"),
        ('{"action_type": "PRESS", "key": "any"}', "'any'"),
        ('{"action_type": "HOTKEY", "keys": "ctrl"}', "list"),
        ('{"action_type": "HOTKEY", "keys": []}', "list"),
        ('{"action_type": "HOTKEY", "keys": ["ctrl", "nokey"]}', "'nokey'"),
    ],
)
def test_what_is_not_an_action_of_computer_13_says_why(action, why):
    with pytest.raises(ValueError, match=why):
        translate(action, "computer_13")


def test_code_is_an_action_of_pyautogui():
    assert translate(" pyautogui.click(1, 2)\n", "pyautogui") == "pyautogui.click(1, 2)"
    assert translate("DONE\n", "pyautogui") == "DONE"
    with pytest.raises(ValueError, match="line 2"):
        translate("import time\nclick(", "pyautogui")
    with pytest.raises(ValueError, match="empty"):
        translate("  ", "pyautogui")
