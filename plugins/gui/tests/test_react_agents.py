"""T3A and M3A: thought, action, summary."""

import json
import re

import numpy as np
import pytest
from hub_baselines.language import ScriptedClient
from hub_gui.agents.m3a import M3A
from hub_gui.agents.t3a import T3A

import hub
from hub import cli
from hub.errors import ImpossiblePairing

ELEMENT = re.compile(r'^(\d+): Button (?:text="(\w*)", )?content_description="(\w+)"', re.MULTILINE)


def sensible(messages):
    """What a model would do on the pocket phone: open the app, type the word, save it, end."""
    text = messages[-1].text
    if "The screen before:" in text:
        return "It did what it should."
    word = re.search(r"Save the word (\w+)\.", text)[1]
    shown = {name: (int(index), said) for index, said, name in ELEMENT.findall(text)}
    if "Words" in shown:
        action = {"action_type": "click", "index": shown["Words"][0]}
    elif shown["Saved"][1] == word:
        action = {"action_type": "status", "goal_status": "complete"}
    elif shown["Word"][1] == word:
        action = {"action_type": "click", "index": shown["Save"][0]}
    else:
        action = {"action_type": "input_text", "index": shown["Word"][0], "text": word, "clear_text": True}
    return f"Reason: it is next\nAction: {json.dumps(action)}"


def scripted(base, answer):
    class Scripted(base):
        def open_client(self):
            return ScriptedClient(answer)

    return Scripted


def test_t3a_plays_whole_episodes_and_keeps_account(phone):
    result = hub.evaluate(scripted(T3A, sensible)(phone()), episodes=4, slots=2)
    assert [episode.return_ for episode in result.episodes] == [1.0] * 4
    metrics = result.episodes[0].agent_metrics
    assert (metrics["calls_act"], metrics["calls_summarise"], metrics["unparsable"]) == (4, 3, 0)
    assert metrics["prompt_tokens"] > metrics["completion_tokens"] > 0
    assert "script" in result.agent.demonstration


def observe(page, saved=""):
    shown = {"home": ["Letter", "Words"], "app": ["Word", "Save", "Saved"]}[page]
    elements = [{"content_description": name, "class_name": "Button", "bbox_pixels": {"x_max": 9, "y_max": 9}} for name in shown]
    return {
        "goal": ("Save the word plum.",),
        "elements": (json.dumps(elements),),
        "screenshot": np.full((1, 200, 100, 3), len(shown), np.uint8),
    }


def step_through(agent, pages):
    agent.begin([0], [1])
    return [agent.act(observe(page), np.array([0]))[0] for page in pages], agent.transcript(0)


def test_a_step_is_summed_up_when_the_next_screen_is_there(phone):
    actions, turns = step_through(scripted(T3A, sensible)(phone()), ["home", "app"])
    assert [json.loads(action)["action_type"] for action in actions] == ["click", "input_text"]
    assert [(turn["step"], turn["role"]) for turn in turns] == [(0, "act"), (1, "summarise"), (1, "act")]
    summary = turns[1]["messages"][0]["parts"]
    assert summary[0].endswith('action: {"action_type":"click","index":1}\n\nThe screen before:')
    assert ["Letter" in part for part in summary] == [False, True, False, False, False]
    assert "Word" in summary[3]
    assert '1. {"action_type":"click","index":1}: It did what it should.' in turns[2]["messages"][1]["parts"][0]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("Reason: x\nAction: tap it", "there is no JSON object"),
        ('Reason: x\nAction: {"action_type": "click", "index": 7}', "index 7 is none of the 2 elements"),
        ('Reason: x\nAction: {"action_type": "dance"}', "not one of"),
        ("", "there is no JSON object"),
    ],
)
def test_replies_without_an_action_do_nothing_and_are_remembered(phone, reply, why):
    agent = scripted(T3A, lambda messages: reply)(phone())
    actions, turns = step_through(agent, ["home", "home"])
    assert actions == ['{"action_type":"unknown"}'] * 2
    assert [turn["role"] for turn in turns] == ["act", "act"]
    assert why in turns[1]["messages"][1]["parts"][0]
    assert agent.episode_metrics(0)["unparsable"] == 2


def test_m3a_sees_the_screen_plain_and_marked_and_both_screens_for_the_summary(phone):
    _, turns = step_through(scripted(M3A, sensible)(phone()), ["home", "app"])
    pictures = [
        [part["image"]["sha256"] for message in turn["messages"] for part in message["parts"] if isinstance(part, dict)] for turn in turns
    ]
    plain_home, marked_home = pictures[0]
    plain_app, marked_app = pictures[2]
    assert len({plain_home, marked_home, plain_app, marked_app}) == 4
    assert pictures[1] == [marked_home, marked_app]


def test_agents_refuse_what_they_cannot_see(phone):
    with pytest.raises(ImpossiblePairing, match="screenshot=true"):
        scripted(M3A, sensible)(phone(screenshot=False))
    assert scripted(T3A, sensible)(phone(screenshot=False))


@pytest.mark.parametrize("agent", ["t3a", "m3a", "mobile-agent-v3"])
def test_hub_run_says_how_to_name_a_model(agent, capsys):
    assert cli.main(["run", "--agent", agent, "--env", "PocketPhone-v0", "--episodes", "1"]) == 2
    said = capsys.readouterr().err
    assert f"agent {agent} asks a language model, and none is configured" in said
    assert "--agent-arg base_url=http://localhost:8000/v1" in said
    assert "Traceback" not in said
