"""Reading what models write."""

import contextlib

import pytest
from hub_gui.replies import action_of, json_object, parts
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("reply", "action"),
    [
        ('Action: {"action_type": "wait"}', {"action_type": "wait"}),
        ('Reason: because {x}\nAction: {"a": 1}', {"a": 1}),
        ('**Reason:** x\n**Action:** {"a": 1}', {"a": 1}),
        ('### Action ###: {"a": 1}', {"a": 1}),
        ('## Action:\n```json\n{"a": {"b": [1, 2]}}\n```\nDone.', {"a": {"b": [1, 2]}}),
        ('action: {"a": 1}', {"a": 1}),
        ('Action: {"a": 1}\nAction: {"a": 2}', {"a": 2}),
        ('Action: {"a": 1,}', {"a": 1}),
        ('Action: {"a": [1, 2,], }', {"a": [1, 2]}),
        ('Action: {"text": "two\nlines"}', {"text": "two\nlines"}),
        ('Action: {"text": "brace } in text"} and more', {"text": "brace } in text"}),
        ('Action: click {"a": 1}', {"a": 1}),
        ("Action: {'a': 1}", None),
        ('Action: {"a": 1', None),
        ("Action: [1]", None),
        ("Action:", None),
        ('{"a": 1}', None),
        ("", None),
    ],
)
def test_the_object_after_the_last_action_is_found_or_nothing_is(reply, action):
    if action is None:
        with pytest.raises(ValueError, match="no JSON object"):
            action_of(reply)
    else:
        assert action_of(reply) == action


def test_parts_end_where_the_next_begins():
    reply = "Thought: one\ntwo\nPlan: 1. a: b\n2. c\nDescription: end"
    assert parts(reply, ("Thought", "Plan", "Description", "Error")) == {
        "Thought": "one\ntwo",
        "Plan": "1. a: b\n2. c",
        "Description": "end",
        "Error": "",
    }


PIECES = st.sampled_from(["Action:", "Reason:", "{", "}", "[", "]", '"', ",", ":", "\\", "\n", "1e999", "NaN", '"a"', "#", "*", " ", "é"])


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
def test_no_reply_breaks_the_reader(reply):
    found = parts(reply, ("Reason", "Action"))
    assert set(found) == {"Reason", "Action"}
    with contextlib.suppress(ValueError):
        assert isinstance(json_object(reply), dict)


@pytest.mark.parametrize("reply", ["Action: " + '{"a":' * 100_000, "Action: {" * 3000])
def test_deep_and_long_replies_are_read_in_time(reply):
    with pytest.raises(ValueError, match="no JSON object"):
        action_of(reply)
