"""Agents that need no model: random, no-op, oracle, and Mobile-Agent-v3's roles by script."""

import json

import numpy as np
import pytest
from hub_gui.agents.oracle import Oracle
from hub_gui.agents.trivial import GuiNoop, GuiRandom
from hub_gui.mobile_agent.scripted.agent import MobileAgentV3Scripted
from hub_gui.mobile_agent.scripted.prompt import Prompt
from hub_gui.mobile_agent.scripted.roles import manager, notetaker, reflector

import hub
from hub.errors import ImpossiblePairing, UsageError


def test_the_oracle_solves_everything_and_noop_ends_at_once(phone, returns):
    assert returns(Oracle(phone())) == [1.0] * 10
    agent = GuiNoop(phone())
    assert returns(agent) == [0.0] * 10
    assert agent.act(None, np.array([0, 1])) == ('{"action_type":"status","goal_status":"complete"}',) * 2


def test_the_oracle_needs_solutions(phone):
    with pytest.raises(ImpossiblePairing, match="hub_envs:Solutions"):
        Oracle(hub.Task(env_id="x", observation_space=phone().observation_space, action_space=phone().action_space))


def test_roles_that_never_slip_solve_everything(phone, returns):
    assert returns(MobileAgentV3Scripted(phone(), corruption=0.0)) == [1.0] * 10
    assert returns(MobileAgentV3Scripted(phone(carried=True), corruption=0.0)) == [1.0] * 10


def test_without_notes_what_is_on_no_screen_any_more_is_forgotten(phone, returns):
    assert returns(MobileAgentV3Scripted(phone(carried=True), corruption=0.0, notetaker=False)) == [0.0] * 10


def test_a_reflector_finds_slips_and_the_worker_mends_them(phone, returns):
    judged = np.array(returns(MobileAgentV3Scripted(phone()), episodes=30))
    believed = np.array(returns(MobileAgentV3Scripted(phone(), reflector=False), episodes=30))
    assert judged.mean() > 0.9
    assert believed.mean() < 0.7


@pytest.mark.parametrize("kind", [GuiRandom, MobileAgentV3Scripted])
def test_what_happens_in_an_episode_does_not_depend_on_the_others(phone, play, kind):
    together = play(kind(phone()), [3, 1, 4, 5])
    assert play(kind(phone()), [5, 1]) == [together[3], together[1]]
    assert together[0] != together[1]


def test_it_says_that_it_is_a_demonstration_and_what_it_fits(phone):
    agent = MobileAgentV3Scripted(phone())
    assert "scripted" in agent.demonstration
    with pytest.raises(UsageError, match="corruption"):
        MobileAgentV3Scripted(phone(), corruption=1.5)
    with pytest.raises(ImpossiblePairing, match="hub_envs:Solutions"):
        MobileAgentV3Scripted(hub.Task(env_id="x", observation_space=phone().observation_space, action_space=phone().action_space))


def prompt(screens, **sections):
    parts = [f"## {heading.replace('_', ' ')}\n{text}" for heading, text in sections.items()]
    return Prompt("\n\n".join([*parts, *(f"## Elements\n{json.dumps(screen)}" for screen in screens), "Reply with parts."]))


def button(name, left=0, **more):
    return {"content_description": name, "bbox_pixels": {"x_min": left, "x_max": left + 10, "y_min": 0, "y_max": 10}, **more}


SCREEN, OTHER = [button("Save"), button("Name", 20)], [button("Gone")]


@pytest.mark.parametrize(
    ("action", "description", "after", "outcome"),
    [
        ({"coordinate": [5, 5]}, 'Press "Save".', OTHER, "A"),
        ({"coordinate": [25, 5]}, 'Press "Save".', OTHER, "B"),
        ({"coordinate": [15, 5]}, 'Press "Save".', SCREEN, "C"),
        ({"text": "plum"}, 'Type "plum".', [button("Name", text="a plum")], "A"),
        ({"text": "plm"}, 'Type "plum".', [button("Name", text="plm")], "B"),
        ({"text": "plum"}, 'Type "plum".', SCREEN, "C"),
        ({}, "Go back.", OTHER, "A"),
        ({}, "Go back.", SCREEN, "C"),
        ({}, "Wait for what is needed.", OTHER, "C"),
        ({}, "Open Notes.", SCREEN, "A"),
    ],
)
def test_the_scripted_reflector_judges_by_what_it_sees(action, description, after, outcome):
    said = reflector(prompt([SCREEN, after], Action=json.dumps(action), Description=description))
    assert said.startswith(f"Outcome: {outcome}\n")


def test_the_scripted_manager_begins_again_when_the_way_is_lost():
    plan = "1. Attempt 2: do what the goal asks, from the beginning."
    assert "Attempt 2" in manager(prompt([SCREEN], Plan=plan))
    assert "Attempt 2" in manager(prompt([SCREEN], Plan=plan, Stuck="something else was pressed"))
    assert "Attempt 3" in manager(prompt([SCREEN], Plan=plan, Stuck="- Wait: what is needed is not there"))


def test_the_scripted_notetaker_adds_what_is_new():
    assert notetaker(prompt([SCREEN], Goal="Save it", Notes="old")) == "Notes: old | Name"
    assert notetaker(prompt([OTHER], Goal="g", Notes="(none)")) == "Notes: Gone"
