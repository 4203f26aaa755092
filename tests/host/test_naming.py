"""Ids and what people type for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.naming import command_line_name, matching, split_version

words = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}", fullmatch=True)
ids = st.builds("{}/{}-v{}".format, words, words, st.integers(0, 12))
KNOWN = ["cormab/Matching-v0", "cormab/Matching-v2", "cormab/Matching-v10", "cormab/Path-v0", "CartPole-v1", "a-b/C-v0", "a/B-C-v0"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("cormab-matching", ["cormab/Matching-v10"]),
        ("cormab/Matching", ["cormab/Matching-v10"]),
        ("CORMAB/matching", ["cormab/Matching-v10"]),
        ("cormab/Matching-v2", ["cormab/Matching-v2"]),
        ("cormab-matching-v2", ["cormab/Matching-v2"]),
        ("cormab-matching-v3", []),
        ("cartpole", ["CartPole-v1"]),
        ("a-b-c", ["a-b/C-v0", "a/B-C-v0"]),
        ("a-b/C-v0", ["a-b/C-v0"]),
        ("cormab", []),
        ("", []),
    ],
)
def test_what_a_name_means(name, meant):
    assert matching(name, KNOWN) == meant


@given(known=st.lists(ids, unique=True, max_size=8), data=st.data())
def test_every_id_is_found_by_itself_and_by_its_name(known, data):
    known = known or ["x/Y-v0"]
    env_id = data.draw(st.sampled_from(known))
    assert matching(env_id, known) == [env_id]
    by_name = matching(command_line_name(env_id), known)
    base, version = split_version(env_id)
    newest = max(split_version(other)[1] for other in known if split_version(other)[0] == base)
    assert f"{base}-v{newest}" in by_name
    assert version <= newest


@given(ids)
def test_command_line_names_can_be_typed(env_id):
    name = command_line_name(env_id)
    assert name == name.lower()
    assert "/" not in name
