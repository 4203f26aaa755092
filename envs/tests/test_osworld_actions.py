"""Both action spaces as code, and what is not an action."""

import json

import pytest
from hub_envs.osworld.actions import translate
from hypothesis import given
from hypothesis import strategies as st


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


@pytest.mark.parametrize(
    "code", ["-" * 16_000 + "1", "a" + ".b" * 8_000, "1" + "+1" * 8_000, "(" * 16_000, "a\0b", "'\ud800'", "9" * 5_000]
)
def test_code_that_breaks_pythons_parser_is_no_action(code):
    with pytest.raises(ValueError, match="not Python"):
        translate(code, "pyautogui")


def test_code_that_python_only_warns_of_is_an_action():
    assert translate("x = 1 is 1; re.sub('\\d', '', 'a1')", "pyautogui").startswith("x = 1")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["left", "enter", "ctrl", "A"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
NAMES = ["x", "y", "dx", "dy", "num_clicks", "button", "text", "key", "keys"]
TYPES = ["MOVE_TO", "CLICK", "MOUSE_DOWN", "RIGHT_CLICK", "DRAG_TO", "SCROLL", "TYPING", "PRESS", "KEY_UP", "HOTKEY", "TAP"]


@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3))
def test_whatever_is_translated_is_one_line_of_python_and_the_rest_is_refused(kind, parameters):
    try:
        code = translate(json.dumps({"action_type": kind, "parameters": parameters}), "computer_13")
    except ValueError:
        return
    assert "\n" not in code
    assert translate(code, "pyautogui") == code


def test_code_is_an_action_of_pyautogui():
    assert translate(" pyautogui.click(1, 2)\n", "pyautogui") == "pyautogui.click(1, 2)"
    assert translate("DONE\n", "pyautogui") == "DONE"
    with pytest.raises(ValueError, match="line 2"):
        translate("import time\nclick(", "pyautogui")
    with pytest.raises(ValueError, match="empty"):
        translate("  ", "pyautogui")
