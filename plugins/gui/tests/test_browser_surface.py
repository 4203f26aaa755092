"""Pages as agents see them and act on them, in BrowserGym's observations and actions."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from hub_gui.agents.trivial import GuiNoop
from hub_gui.mobile_agent.agent import MobileAgentV3
from hub_gui.surfaces import surface_for

import hub
from hub.errors import ImpossiblePairing


class Own(gym.Space):
    """A space that BrowserGym would have made itself."""

    def contains(self, x):
        return True


def task():
    keys = ("goal", "axtree_object", "extra_element_properties", "screenshot")
    return hub.Task(env_id="browsergym/x", observation_space=spaces.Dict({key: Own() for key in keys}), action_space=Own())


def node(name, role, *children, bid=None, parent=None, says="", value=None, **states):
    made = {"nodeId": name, "role": {"value": role}, "name": {"value": says}, "childIds": list(children)}
    made["properties"] = [{"name": key, "value": {"value": state}} for key, state in states.items()]
    made |= {"browsergym_id": bid} if bid else {}
    made |= {"parentId": parent} if parent else {}
    return made | ({"value": {"value": value}} if value is not None else {})


TREE = {
    "nodes": [
        node("1", "RootWebArea", "2", says="A page"),
        node("2", "generic", "3", "4", "5", "8", "9", "12", bid="9", parent="1"),
        node("3", "textbox", bid="10", parent="2", says="Name", value="Ada", editable="plaintext", focused=True),
        node("4", "checkbox", bid="11", parent="2", says="Old", checked="true"),
        node("5", "combobox", "6", bid="12", parent="2", value="Peru"),
        node("6", "MenuListPopup", "7", parent="5"),
        node("7", "option", bid="13", parent="6", says="Chad", selected=True),
        node("8", "button", bid="14", parent="2", says="below the screen"),
        node("9", "cell", "10", "11", bid="15", parent="2"),
        node("10", "none", "11", parent="9"),
        node("11", "StaticText", parent="10", says="1970"),
        node("12", "Iframe", "20", bid="16", parent="2"),
        node("20", "RootWebArea", "21"),
        node("21", "link", bid="a3", parent="20", says="Away"),
    ]
}
BOXES = {
    "9": [0, 0, 100, 80],
    "10": [10.4, 10, 40, 10],
    "11": [10, 30, 10, 10],
    "12": [10, 50, 50, 10],
    "14": [10, 95, 50, 10],
    "15": [60, 30, 30, 10],
    "16": [0, 60, 100, 20],
    "a3": [5, 65, 20, 10],
}
PROPERTIES = {
    bid: {"bbox": box, "visibility": 0.1 if bid == "14" else 1.0, "clickable": bid in ("11", "14", "a3")} for bid, box in BOXES.items()
} | {"13": {"bbox": None, "visibility": 0, "clickable": False}}


@pytest.fixture
def page():
    surface = surface_for("x", task())
    shown = {
        "goal": "Do it.",
        "axtree_object": TREE,
        "extra_element_properties": PROPERTIES,
        "screenshot": np.zeros((80, 100, 3), np.uint8),
    }
    return surface, surface.view(shown)


def test_what_can_be_operated_or_read_is_listed_once(page):
    _, view = page
    assert (view.goal, view.size) == ("Do it.", (100, 80))
    assert view.listing.splitlines() == [
        '0: textbox text="Ada", content_description="Name" (focused, editable) [10, 10, 50, 20]',
        '1: checkbox text="Old" (checked, clickable, checkable) [10, 30, 20, 40]',
        '2: combobox text="Peru" [10, 50, 60, 60]',
        '3: option text="Chad" (selected) [0, 0, 0, 0]',
        '4: cell text="1970" [60, 30, 90, 40]',
        '5: link text="Away" (clickable) [5, 65, 25, 75]',
    ]


@pytest.mark.parametrize(
    ("written", "action"),
    [
        ({"action_type": "click", "index": 5}, "click('a3')"),
        ({"action_type": "fill", "index": 0, "text": 'it\'s "hé"\n'}, "fill('10', 'it\\'s \"hé\"\\n')"),
        ({"action_type": "select_option", "index": 2, "option": "Chad"}, "select_option('12', 'Chad')"),
        ({"action_type": "drag_and_drop", "index": 1, "to": 4}, "drag_and_drop('11', '15')"),
        ({"action_type": "scroll", "dx": 0, "dy": -200}, "scroll(0, -200)"),
        ({"action_type": "go_back"}, "go_back()"),
        ({"action_type": "send_msg_to_user", "text": "42"}, "send_msg_to_user('42')"),
        ({"action_type": "click", "index": 6}, "!none of the 6 elements"),
        ({"action_type": "click", "x": 5, "y": 9}, "!click has no parameter 'x'; it takes index"),
        ({"action_type": "click"}, "!index None is none"),
        ({"action_type": "fill", "index": 0}, "!text of fill is a text, not None"),
        ({"action_type": "scroll", "dx": 0, "dy": True}, "!dy of scroll is a number"),
        ({"action_type": "scroll", "dx": 0, "dy": float("nan")}, "!dy of scroll is a number"),
        ({"action_type": ["click"]}, "!action_type is"),
        ({}, "!action_type is None, not one of click, "),
    ],
)
def test_actions_are_calls(page, written, action):
    surface, view = page
    if action.startswith("!"):
        with pytest.raises(ValueError, match=action[1:]):
            surface.action(written, view)
    else:
        assert surface.action(written, view) == action


def test_random_actions_have_androidworlds_weights_and_end_nothing(page):
    surface, view = page
    generator = np.random.default_rng(0)
    actions = [surface.random(view, generator) for _ in range(3000)]
    assert not any(map(surface.ends, actions))
    assert sum(action.startswith("click(") for action in actions) / 3000 == pytest.approx(0.5 / 0.9, abs=0.03)
    assert len({action.partition("(")[0] for action in actions}) == 9
    empty = surface.view({"goal": "", "axtree_object": {"nodes": []}, "extra_element_properties": {}, "screenshot": None})
    assert {surface.random(empty, generator) for _ in range(20)} == {surface.nothing}


def test_who_is_done_tells_the_user():
    agent = GuiNoop(task())
    assert agent.act({}, np.arange(2)) == (surface_for("x", task()).done,) * 2
    assert surface_for("x", task()).ends(agent.act({}, np.arange(1))[0])


def test_an_agent_that_points_at_pixels_is_refused():
    with pytest.raises(ImpossiblePairing, match=r"mobile-agent-v3 cannot act in browsergym/x: it points at pixels; t3a and m3a"):
        MobileAgentV3(task())
