"""What a pointing agent is offered, how it reads it, and that it learns from an expert."""

import json

import numpy as np
import pytest
import torch
from hub_baselines.relative import Segment
from hub_envs.androidworld.actions import parse
from hub_gui.pointing.candidates import candidates, phrases
from hub_gui.pointing.features import WIDTH, features
from hub_gui.pointing.policy import PointingPolicy, choice
from hub_gui.pointing.traces import PhoneTrace
from hub_gui.uis1.rewards import Level
from hypothesis import given
from hypothesis import strategies as st

GOAL = 'Create a new contact for Dalia Kim with the phone number +45 555 878 1853. Add the note "met in Oslo".'
SCREEN = [
    {"text": "Create contact", "is_visible": True},
    {"text": "Save", "is_clickable": True},
    {
        "content_description": "Name",
        "is_clickable": True,
        "is_editable": True,
        "bbox_pixels": {"x_min": 1, "x_max": 9, "y_min": 1, "y_max": 9},
    },
    {"text": "Old", "is_clickable": True, "is_long_clickable": True},
    {"is_scrollable": True},
]


def test_phrases_that_may_be_typed():
    assert [(phrase.text, phrase.kind) for phrase in phrases(GOAL)][:3] == [
        ("met in Oslo", "quoted"),
        ("+45 555 878 1853", "number"),
        ("Dalia Kim", "name"),
    ]
    assert next(phrase.before for phrase in phrases(GOAL) if phrase.kind == "number") == "number"


def test_a_screen_offers_what_can_be_done_on_it():
    offered = [parse(candidate.text) for candidate in candidates(GOAL, SCREEN)]
    done = [(action.action_type, action.index) for action in offered]
    assert ("click", 1) in done
    assert ("click", 2) not in done, "a field is typed into"
    assert ("long_press", 3) in done
    assert {action.text for action in offered if action.action_type == "input_text"} >= {"Dalia Kim", "+45 555 878 1853", "met in Oslo"}
    assert [action.direction for action in offered if action.action_type == "scroll"] == ["down", "up"]
    assert offered[-1].goal_status == "complete"


@given(
    st.text(max_size=200),
    st.lists(st.dictionaries(st.sampled_from(["text", "is_clickable", "is_editable"]), st.text(max_size=5)), max_size=5),
)
def test_any_goal_and_screen_are_read(goal, screen):
    seen = choice({"goal": goal, "elements": json.dumps(screen)}, [])
    assert seen.offered.shape == (len(seen.actions), WIDTH)
    assert np.isfinite(seen.offered).all()


def test_the_goal_changes_how_a_candidate_looks():
    found = candidates(GOAL, SCREEN)
    assert (features(GOAL, SCREEN, found) != features("Save", SCREEN, found)).any()


def some_choices(count):
    screens = [SCREEN[:number] for number in range(1, 1 + count)]
    return [choice({"goal": GOAL, "elements": json.dumps(screen)}, []) for screen in screens]


def test_stored_log_probabilities_are_those_computed_anew():
    torch.manual_seed(0)
    policy = PointingPolicy()
    contexts = some_choices(5)
    longer = contexts[2]._replace(history=contexts[1].offered[:2])
    drawn = policy.sample([*contexts, longer], temperature=0.7, rng=np.random.default_rng(0))
    again = policy.logp(drawn).detach().numpy()
    np.testing.assert_allclose(again[:, 0], [segment.old_logp[0] for segment in drawn], atol=1e-4)


def test_a_candidate_s_score_does_not_depend_on_the_others_in_the_batch():
    torch.manual_seed(0)
    policy = PointingPolicy()
    contexts = some_choices(4)
    together = policy.logp([Segment(each, np.array([0]), np.ones(1, bool), np.zeros(1, np.float32)) for each in contexts])
    for row, each in enumerate(contexts):
        alone = policy.logp([Segment(each, np.array([0]), np.ones(1, bool), np.zeros(1, np.float32))])
        torch.testing.assert_close(together[row], alone[0], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("chosen", "level"), [(1, Level.EXACT), (-1, Level.WRONG_TYPE), (0, Level.RIGHT_TYPE)])
def test_an_output_is_judged_by_the_expert_s_action(chosen, level):
    (seen,) = some_choices(5)[-1:]
    clicks = [number for number, text in enumerate(seen.actions) if "click" in text]
    trace = PhoneTrace(0, (seen,), (clicks[1],))
    place = clicks[chosen] if chosen >= 0 else len(seen.actions) - 1
    judged = trace.judge(0, Segment(seen, np.array([place]), np.ones(1, bool), np.zeros(1, np.float32)))
    assert (judged.level, judged.matched) == (level, level is Level.EXACT)
    np.testing.assert_array_equal(trace.patch(0), seen.offered[clicks[1]])
