"""Mobile-Agent-v3's role loop: who is asked when, what they are told, and what is done with their replies."""

import json

import numpy as np
import pytest
from hub_baselines.language import Journal, ScriptedClient
from hub_gui.mobile_agent.actions import carried_out
from hub_gui.mobile_agent.agent import MobileAgentV3
from hub_gui.mobile_agent.loop import RolePlayer, Team
from hub_gui.mobile_agent.prompts import role_of
from hub_gui.surfaces import surface_for
from hub_gui.surfaces.view import View

from hub.errors import ImpossiblePairing, UsageError

NOOP, DONE = '{"action_type":"unknown"}', '{"action_type":"status","goal_status":"complete"}'
PLAN = "Thought: t\nCompleted: nothing\nPlan: 1. Open Words.\n2. Save."
CLICK = 'Thought: t\nAction: {"action": "click", "coordinate": [54, 120]}\nDescription: Opens the app.'
GOOD, BAD, SAME = "Outcome: A\nError: None", "Outcome: B\nError: wrong page", "Outcome: C\nError: nothing happened"


class Model:
    """Gives each role its replies in turn, the last one for ever, and keeps what it was asked."""

    def __init__(self, **replies):
        defaults = {"manager": [PLAN], "worker": [CLICK], "reflector": [GOOD], "notetaker": ["Notes: n"]}
        self.replies = {role: list(replies.get(role, default)) for role, default in defaults.items()}
        self.asked: list[tuple[str, str]] = []

    def __call__(self, messages):
        role = role_of(messages)
        self.asked.append((role, messages[-1].text))
        replies = self.replies[role]
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def told(self, role):
        return [text for asked, text in self.asked if asked == role]

    @property
    def order(self):
        return "".join(role[0].upper() for role, _ in self.asked)


def play(phone, model, steps=3, **team):
    """Return the actions of a phone's episode in which the screen never changes, and the player."""
    task = phone()
    player = RolePlayer(surface_for("x", task), Journal(ScriptedClient(model)), Team(picture=(108, 240), **team))
    observation = {"goal": "Save the word plum.", "elements": "[]", "screenshot": np.zeros((200, 100, 3), np.uint8)}
    return [player.act(observation) for _ in range(steps)], player


def test_a_step_asks_manager_and_worker_then_after_it_reflector_and_notetaker(phone):
    model = Model()
    actions, player = play(phone, model)
    assert model.order == "MW" + "RNMW" + "RNMW"
    assert actions == ['{"action_type":"click","x":50,"y":100}'] * 3  # (54, 120) of 108 x 240 on a screen of 100 x 200
    assert [turn["step"] for turn in player._journal.turns] == [0] * 10  # who plays counts the steps
    assert player.metrics() == {"unparsable": 0, "failures": 0}
    assert "1. Open Words.\n2. Save." in model.told("worker")[0]
    assert "## Notes\nn" in model.told("worker")[1]


def test_no_notes_are_taken_of_a_failure(phone):
    model = Model(reflector=[BAD, GOOD])
    play(phone, model)
    assert model.order == "MW" + "RMW" + "RNMW"


def test_the_manager_hears_of_errors_after_two_failures_in_a_row(phone):
    model = Model(reflector=[BAD, SAME, GOOD])
    play(phone, model, steps=4)
    stuck = ["## Stuck" in text for text in model.told("manager")]
    assert stuck == [False, False, True, False]
    assert "Opens the app.: wrong page\n- Opens the app.: nothing happened" in model.told("manager")[2]


def test_the_worker_sees_its_last_five_moves_with_their_outcomes(phone):
    model = Model(reflector=[GOOD, BAD, SAME, GOOD, GOOD, BAD])
    play(phone, model, steps=7)
    last = model.told("worker")[-1].partition("## Last moves\n")[2].partition("\n\n")[0].splitlines()
    assert [line.rpartition("| outcome ")[2] for line in last] == ["B: wrong page", "C: nothing happened", "A", "A", "B: wrong page"]


def test_an_unreadable_action_consumes_a_step_that_does_nothing(phone):
    model = Model(worker=["Thought: t\nAction: click there", CLICK])
    actions, player = play(phone, model)
    assert actions[0] == NOOP
    assert model.order == "MW" + "W" + "RNMW"  # nobody reflects on it, and the Manager is skipped
    move = player.memory.moves[0]
    assert (move.action, move.outcome) == ("invalid", "C")
    assert "no JSON object" in move.error
    assert player.metrics() == {"unparsable": 1, "failures": 1}


def test_two_unreadable_actions_are_being_stuck_and_the_manager_hears_of_it(phone):
    model = Model(worker=["Action: {", "Action: {", CLICK])
    play(phone, model, steps=4)
    assert model.order == "MW" + "W" + "MW" + "RNMW"
    assert ["## Stuck" in text for text in model.told("manager")] == [False, True, False]


@pytest.mark.parametrize(("plan", "ends"), [("Finished", True), ("finished.", True), ("1. Finished the note? Save it.", False)])
def test_a_plan_that_only_says_finished_ends_the_episode(phone, plan, ends):
    model = Model(manager=[PLAN, f"Thought: t\nCompleted: all\nPlan: {plan}"])
    actions, _ = play(phone, model, steps=2)
    assert (actions[1] == DONE) == ends
    assert model.order == "MW" + ("RNM" if ends else "RNMW")


def test_what_other_roles_say_unreadably_changes_nothing(phone):
    model = Model(manager=[PLAN, "I do not know"], reflector=["Well..."], notetaker=["Notes: first", ""])
    _, player = play(phone, model)
    assert player.memory.plan == "1. Open Words.\n2. Save."
    assert player.memory.notes == "first"
    assert [move.outcome for move in player.memory.moves] == ["A", "A", "A"]
    assert player.metrics()["unparsable"] == 2 + 2 + 1


@pytest.mark.parametrize(
    ("off", "order"),
    [("manager", "W" + "RNW"), ("reflector", "MW" + "NMW"), ("notetaker", "MW" + "RMW")],
)
def test_each_role_can_be_left_out(phone, off, order):
    model = Model()
    play(phone, model, steps=2, **{off: False})
    assert model.order == order


def written(phone, found, elements=()):
    view = View("", elements, np.zeros((200, 100, 3), np.uint8))
    return carried_out(surface_for("x", phone()), found, view, (1000, 1000))


SCROLLABLE = (
    {"bbox_pixels": {"x_min": 0, "x_max": 1, "y_min": 0, "y_max": 1}},
    {**{"is_scrollable": True}, "bbox_pixels": {"x_max": 100, "y_max": 200}},
)


@pytest.mark.parametrize(
    ("found", "action"),
    [
        ({"action": "click", "coordinate": [500, 1000]}, {"action_type": "click", "x": 50, "y": 199}),
        ({"action": "long_press", "coordinate": [0, 0]}, {"action_type": "long_press", "x": 0, "y": 0}),
        ({"action": "type", "text": "plum"}, {"action_type": "input_text", "text": "plum"}),
        (
            {"action": "type", "text": "", "coordinate": [10, 5], "clear": True},
            {"action_type": "input_text", "x": 1, "y": 1, "text": "", "clear_text": True},
        ),
        ({"action": "system_button", "button": "Back"}, {"action_type": "navigate_back"}),
        ({"action": "system_button", "button": "home"}, {"action_type": "navigate_home"}),
        ({"action": "system_button", "button": "Enter"}, {"action_type": "keyboard_enter"}),
        ({"action": "swipe", "coordinate": [500, 900], "coordinate2": [510, 100]}, {"action_type": "scroll", "direction": "down"}),
        ({"action": "swipe", "coordinate": [100, 500], "coordinate2": [900, 400]}, {"action_type": "scroll", "direction": "left"}),
        ({"action": "open_app", "text": "Notes"}, {"action_type": "open_app", "app_name": "Notes"}),
        ({"action": "answer", "text": "7"}, {"action_type": "answer", "text": "7"}),
        ({"action": "wait", "time": 3}, {"action_type": "wait"}),
        ({"action": "terminate", "status": "success"}, {"action_type": "status", "goal_status": "complete"}),
        ({"action": "done"}, {"action_type": "status", "goal_status": "complete"}),
        ({"action": "terminate", "status": "failure"}, {"action_type": "status", "goal_status": "infeasible"}),
    ],
)
def test_the_papers_actions_on_a_phone(phone, found, action):
    assert json.loads(written(phone, found)) == action


def test_a_swipe_scrolls_what_lies_under_its_beginning(phone):
    found = {"action": "swipe", "coordinate": [500, 900], "coordinate2": [500, 100]}
    assert json.loads(written(phone, found, SCROLLABLE)) == {"action_type": "scroll", "direction": "down", "index": 1}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"action": "click"}, r"a coordinate is \[x, y\], not None"),
        ({"action": "click", "coordinate": [1, "2"]}, "a coordinate is"),
        ({"action": "click", "coordinate": [1, True]}, "a coordinate is"),
        ({"action": "click", "coordinate": [1, float("nan")]}, "a coordinate is"),
        ({"action": "click", "coordinate": [1, 1001]}, "outside the picture of 1000 x 1000"),
        ({"action": "type"}, "type needs text"),
        ({"action": "system_button", "button": ["Back"]}, "not one of Back, Home, Enter"),
        ({"action": "swipe", "coordinate": [5, 5], "coordinate2": [5, 5]}, "from one place to another"),
        ({"action": {"click": 1}}, "there is no action"),
        ({"action_type": "click"}, "there is no action 'None'"),
    ],
)
def test_what_is_no_action_on_a_phone(phone, found, message):
    with pytest.raises(ValueError, match=message):
        written(phone, found)


def test_screens_are_resized_and_coordinates_mapped_back(phone):
    sizes = []

    class Looking(MobileAgentV3):
        def open_client(self):
            def answer(messages):
                sizes.extend(part.shape[:2] for part in messages[-1].parts if not isinstance(part, str))
                return CLICK if role_of(messages) == "worker" else PLAN

            return ScriptedClient(answer)

    agent = Looking(phone(), image_size=(108, 240))
    agent.begin([0], [1])
    observation = {"goal": ("g",), "elements": ("[]",), "screenshot": np.zeros((1, 200, 100, 3), np.uint8)}
    assert agent.act(observation, np.array([0])) == ('{"action_type":"click","x":50,"y":100}',)
    assert sizes == [(240, 108), (240, 108)]
    assert agent.episode_metrics(0).keys() >= {"calls", "cost", "unparsable", "calls_notetaker"}


def test_pairings_and_settings_that_cannot_be(phone):
    with pytest.raises(ImpossiblePairing, match="screenshot=true"):
        MobileAgentV3(phone(screenshot=False))
    with pytest.raises(UsageError, match="image_size"):
        MobileAgentV3(phone(), image_size=(0, 5))
    with pytest.raises(UsageError, match="none is configured"):
        MobileAgentV3(phone(screenshot=False), elements=True)
