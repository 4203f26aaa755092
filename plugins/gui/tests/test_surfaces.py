"""Phones and desktops as agents see them and act on them."""

import json

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from hub_envs.texts import text_space
from hub_gui.agents.trivial import GuiRandom
from hub_gui.marks import marked
from hub_gui.surfaces import surface_for

import hub
from hub.errors import HubError, ImpossiblePairing

TREE = """<desktop-frame xmlns:st="https://accessibility.ubuntu.example.org/ns/state"
 xmlns:cp="https://accessibility.ubuntu.example.org/ns/component">
<push-button name="Save" st:showing="true" st:visible="true" st:focusable="true" cp:screencoord="(20, 30)" cp:size="(40, 20)"/>
<panel name="no mark" st:showing="true" st:visible="true" cp:screencoord="(0, 0)" cp:size="(100, 80)"/></desktop-frame>"""


def desktop(action_space="pyautogui", **more):
    parts = {
        "instruction": text_space(100),
        "screenshot": spaces.Box(0, 255, (80, 100, 3), np.uint8),
        "accessibility_tree": text_space(2000),
    }
    kwargs = {"action_space": action_space}
    return hub.Task(
        env_id="osworld/X-v0", env_kwargs=kwargs, observation_space=spaces.Dict({**parts, **more}), action_space=text_space(300)
    )


def desktop_view(tree=TREE):
    shown = {"instruction": "Save it.", "screenshot": np.zeros((80, 100, 3), np.uint8), "accessibility_tree": tree}
    return surface_for("x", desktop()).view(shown)


def phone_view(phone, **kwargs):
    env = gym.make("PocketPhone-v0", disable_env_checker=True, **kwargs)
    env.reset(seed=1)
    observation = env.step('{"action_type":"open_app","app_name":"Words"}')[0]
    return surface_for("x", phone(**kwargs)).view(observation)


def test_a_phone_lists_what_it_shows(phone):
    view = phone_view(phone)
    assert view.goal == "Save the word bergamot."
    assert view.size == (100, 200)
    assert view.listing.splitlines()[0] == '0: Button content_description="Word" (clickable, editable) [20, 10, 80, 30]'
    assert view.centre(1) == (50, 70)
    assert phone_view(phone, screenshot=False).size == (80, 130)


@pytest.mark.parametrize(
    ("written", "action"),
    [
        ({"action_type": "click", "index": 1}, '{"action_type":"click","index":1}'),
        ({"action_type": "click", "x": 5, "y": 9}, '{"action_type":"click","x":5,"y":9}'),
        ({"action_type": "input_text", "index": 0, "text": "hé"}, '{"action_type":"input_text","index":0,"text":"h\\u00e9"}'),
        ({"action_type": "status", "goal_status": "complete"}, '{"action_type":"status","goal_status":"complete"}'),
        ({"action_type": "click", "index": 3}, "index 3 is none of the 3 elements"),
        ({"action_type": "click", "index": -1}, "index -1 is none"),
        ({"action_type": "click"}, "click needs index, or x and y"),
        ({"action_type": "jump"}, "not one of"),
        ({"action": "click"}, "unknown key 'action'"),
        ({}, "lacks action_type"),
    ],
)
def test_phone_actions(phone, written, action):
    surface, view = surface_for("x", phone()), phone_view(phone)
    if action.startswith("{"):
        assert surface.action(written, view) == action
    else:
        with pytest.raises(ValueError, match=action):
            surface.action(written, view)


@pytest.mark.parametrize(
    ("written", "action"),
    [
        ({"action_type": "CLICK", "parameters": {"index": 0}}, "pyautogui.click(x=40, y=40)"),
        ({"action_type": "CLICK", "index": 0}, "pyautogui.click(x=40, y=40)"),
        ({"action_type": "TYPING", "parameters": {"text": "it's"}}, 'pyautogui.typewrite("it\'s")'),
        ({"action_type": "HOTKEY", "parameters": {"keys": ["ctrl", "s"]}}, "pyautogui.hotkey('ctrl', 's')"),
        ({"action_type": "DONE"}, "DONE"),
        ({"action_type": "CLICK", "parameters": {"index": 1}}, "!none of the 1 elements"),
        ({"action_type": "CLICK", "parameters": [1]}, "!must be an object"),
        ({"action_type": "CLICK", "parameters": {"action_type": 1}}, "!no parameter 'action_type'"),
        ({"action_type": ["CLICK"]}, "!action_type"),
        ({}, "!action_type"),
    ],
)
def test_desktop_actions_become_code(written, action):
    surface, view = surface_for("x", desktop()), desktop_view()
    if action.startswith("!"):
        with pytest.raises(ValueError, match=action[1:]):
            surface.action(written, view)
    else:
        assert surface.action(written, view) == action


def test_desktop_actions_stay_json_where_the_environment_takes_that():
    surface = surface_for("x", desktop("computer_13"))
    written = surface.action({"action_type": "CLICK", "parameters": {"index": 0}}, desktop_view())
    assert json.loads(written) == {"action_type": "CLICK", "parameters": {"x": 40, "y": 40}}


def test_a_desktop_lists_what_can_be_acted_on():
    view = desktop_view()
    assert [element["content_description"] for element in view.elements] == ["Save"]
    with pytest.raises(HubError, match="marks=true"):
        desktop_view(TREE[:-10])


def test_environments_that_show_no_screens_are_refused():
    task = hub.Task(env_id="memo/Form-v0", observation_space=spaces.Box(0, 1, (3,)), action_space=spaces.Discrete(2))
    with pytest.raises(ImpossiblePairing, match=r"gui-random cannot act in memo/Form-v0: .*phonesim/.*osworld/"):
        GuiRandom(task)


@pytest.mark.parametrize("kind", ["phone", "desktop"])
def test_random_actions_have_androidworlds_weights(phone, kind):
    surface, view = (surface_for("x", phone()), phone_view(phone)) if kind == "phone" else (surface_for("x", desktop()), desktop_view())
    generator = np.random.default_rng(0)
    actions = [surface.random(view, generator) for _ in range(3000)]
    assert not any(map(surface.ends, actions))
    clicks = [action for action in actions if '"click"' in action or action.startswith("pyautogui.click(")]
    assert len(clicks) / 3000 == pytest.approx(0.5 / 0.9, abs=0.03)
    kinds = {json.loads(action)["action_type"] if kind == "phone" else action.partition("(")[0] for action in actions}
    assert len(kinds) == 9


def test_marks_are_drawn_on_a_copy(phone):
    view = phone_view(phone)
    before = view.screenshot.copy()
    drawn = marked(view, view.screenshot)
    np.testing.assert_array_equal(view.screenshot, before)
    changed = (drawn != before).any(axis=2)
    assert changed[10, 20:80].all()  # the upper edge of the first box
    assert not changed[35:55].any()  # between two boxes
