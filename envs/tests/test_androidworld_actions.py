"""AndroidWorld's JSON actions: what is read, refused, written and held equal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hub_envs.androidworld.actions import ACTION_TYPES, FIELDS, Action, dumps, parse, same
from hypothesis import given
from hypothesis import strategies as st

TEXTS = [
    '{"action_type":"click","index":3}',
    '{"action_type":"click","x":540,"y":1200}',
    '{"action_type":"double_tap","index":0}',
    '{"action_type":"long_press","x":0,"y":0}',
    '{"action_type":"input_text","text":"Hello, world"}',
    '{"action_type":"input_text","index":2,"text":"a","clear_text":true}',
    '{"action_type":"input_text","x":5,"y":6,"text":""}',
    '{"action_type":"keyboard_enter"}',
    '{"action_type":"navigate_home"}',
    '{"action_type":"navigate_back"}',
    '{"action_type":"open_app","app_name":"Simple SMS Messenger"}',
    '{"action_type":"scroll","direction":"down"}',
    '{"action_type":"scroll","index":4,"direction":"left"}',
    '{"action_type":"swipe","direction":"up"}',
    '{"action_type":"answer","text":"4 \\u20ac"}',
    '{"action_type":"status"}',
    '{"action_type":"status","goal_status":"complete"}',
    '{"action_type":"status","goal_status":"infeasible"}',
    '{"action_type":"status","goal_status":"I give up"}',
    '{"action_type":"wait"}',
    '{"action_type":"unknown","keycode":"KEYCODE_DEL"}',
]


@pytest.mark.parametrize("text", TEXTS)
def test_an_action_is_written_as_it_was_read(text: str) -> None:
    assert dumps(parse(text)) == text


def test_every_type_is_among_them() -> None:
    assert {parse(text).action_type for text in TEXTS} == set(ACTION_TYPES)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ('{"action_type":"click","index":"7"}', Action("click", index=7)),
        ('{"action_type":"click","index":2.9}', Action("click", index=2)),
        ('{"action_type":"click","x":10.7,"y":"20"}', Action("click", x=10, y=20)),
        ('{"action_type":"click","index":1,"x":null,"y":null}', Action("click", index=1)),
        ('{"action_type":"input_text","text":5}', Action("input_text", text="5")),
        ('{"action_type":"answer","text":true}', Action("answer", text="True")),
        ('{"action_type":"status","goal_status":1}', Action("status", goal_status="1")),
        (' {"goal_status": "complete", "action_type": "status"}\n', Action("status", goal_status="complete")),
    ],
)
def test_values_are_made_what_the_reference_makes_of_them(text: str, action: Action) -> None:
    assert parse(text) == action


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("click 3", "is not JSON"),
        ('{"action_type":"click","index":3', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("9" * 5000, "is not JSON"),
        ("[1]", "is not a JSON object"),
        ("null", "is not a JSON object"),
        ("{}", "lacks action_type"),
        ('{"action_type":null}', "action_type is None"),
        ('{"action_type":"tap"}', "action_type is 'tap'"),
        ('{"action_type":"press_keyboard","keycode":"KEYCODE_A"}', "action_type is 'press_keyboard'"),
        ('{"action_type":["click"]}', "action_type is"),
        ('{"action_type":"wait","seconds":3}', "unknown key 'seconds'"),
        ('{"action_type":"click","index":1,"x":1,"y":1}', "either index, or x and y"),
        ('{"action_type":"click","index":1,"y":1}', "either index, or x and y"),
        ('{"action_type":"click","index":"first"}', "index is 'first'"),
        ('{"action_type":"click","index":Infinity}', "index is inf"),
        ('{"action_type":"click","x":NaN,"y":1}', "x is nan"),
        ('{"action_type":"click","x":[1],"y":1}', "x is [1]"),
        ('{"action_type":"click"}', "click needs index, or x and y"),
        ('{"action_type":"long_press","x":4}', "long_press needs index, or x and y"),
        ('{"action_type":"scroll","direction":"north"}', "direction is 'north'"),
        ('{"action_type":"scroll"}', "scroll needs direction"),
        ('{"action_type":"swipe","direction":""}', "swipe needs direction"),
        ('{"action_type":"open_app"}', "open_app needs app_name"),
        ('{"action_type":"open_app","app_name":5}', "app_name is 5"),
        ('{"action_type":"input_text","index":1}', "input_text needs text"),
        ('{"action_type":"answer"}', "answer needs text"),
        ('{"action_type":"wait","keycode":"DEL"}', "keycode is 'DEL'"),
        ('{"action_type":"wait","keycode":4}', "keycode is 4"),
        ('{"action_type":"input_text","text":"a","clear_text":"no"}', "clear_text is 'no'"),
    ],
)
def test_what_is_no_action_is_refused_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["7", "up", "KEYCODE_A"]) | st.lists(st.text())
)


@given(st.sampled_from([*ACTION_TYPES, "tap"]), st.dictionaries(st.sampled_from(FIELDS[1:]), VALUES, max_size=3))
def test_whatever_is_read_is_read_again_as_the_same_and_the_rest_is_refused(kind: str, given_fields: dict[str, Any]) -> None:
    try:
        action = parse(json.dumps({"action_type": kind, **given_fields}))
    except ValueError:
        return
    assert parse(dumps(action)) == action
    assert same(action, parse(dumps(action)))
    assert dumps(action).isascii()


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (Action("answer", text="Yes"), Action("answer", text="yES"), True),
        (Action("open_app", app_name="Chrome"), Action("open_app", app_name="chrome"), True),
        (Action("input_text", text="a", clear_text=True), Action("input_text", text="a"), True),
        (Action("click", index=1), Action("click", index=2), False),
        (Action("click", index=1), Action("click", x=1, y=1), False),
        (Action("click", x=1, y=1), Action("click", x=1, y=2), False),
        (Action("click", index=1), Action("long_press", index=1), False),
        (Action("answer", text=""), Action("answer"), False),
        (Action("scroll", direction="up"), Action("scroll", direction="down"), False),
        (Action("status", goal_status="complete"), Action("status", goal_status="Complete"), False),
        (Action("unknown", keycode="KEYCODE_A"), Action("unknown", keycode="KEYCODE_B"), False),
    ],
)
def test_equality_is_the_references(a: Action, b: Action, equal: bool) -> None:
    assert same(a, b) is equal
    assert same(b, a) is equal
