"""What an episode and a dataset hold, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.datasets.naming import namespace_of
from hub.datasets.provenance import arrays_digest, contents_of

from .made import dataset, episode


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rewards": np.zeros(0), "terminations": np.zeros(0, bool), "truncations": np.zeros(0, bool)}, "at least one step"),
        ({"rewards": np.zeros(3, np.float32)}, r"rewards of an episode of 3 steps must be a float64 array \(3,\)"),
        ({"terminations": np.zeros(3)}, "terminations of an episode of 3 steps must be a bool array"),
        ({"truncations": np.zeros(2, bool)}, r"truncations of an episode of 3 steps must be a bool array \(3,\)"),
        ({"observations": np.zeros((3, 2))}, "observations of an episode of 3 steps has 3 rows; it must have 4"),
        ({"actions": (np.zeros(3), {"a": np.zeros(4)})}, r"actions\[1\]\['a'\] of an episode of 3 steps has 4 rows"),
    ],
)
def test_an_episode_of_unequal_lengths_is_refused(changes, message):
    sound = episode(3)
    fields = {name: getattr(sound, name) for name in sound.__dataclass_fields__}
    with pytest.raises(ValueError, match=message):
        type(sound)(**{**fields, **changes})


def test_transitions_of_all_episodes_follow_each_other():
    made = dataset([episode(2, truncated=True), episode(1)])
    steps = made.transitions()
    np.testing.assert_array_equal(steps.observations, [[0, 1], [2, 3], [0, 1]])
    np.testing.assert_array_equal(steps.next_observations, [[2, 3], [4, 5], [2, 3]])
    np.testing.assert_array_equal(steps.actions, [0, 1, 0])
    np.testing.assert_array_equal(steps.terminations, [False, False, True])
    np.testing.assert_array_equal(steps.truncations, [False, True, False])
    assert steps.rewards.dtype == np.float64


def test_transitions_keep_dicts_and_tuples():
    seen = {"place": np.arange(3), "view": (np.arange(6).reshape(3, 2),)}
    steps = dataset([episode(2, observations=seen), episode(2, observations=seen)]).transitions()
    np.testing.assert_array_equal(steps.observations["place"], [0, 1, 0, 1])
    np.testing.assert_array_equal(steps.next_observations["view"][0], [[2, 3], [4, 5], [2, 3], [4, 5]])


def test_contents_tell_numbers():
    contents = contents_of([episode(2, seed=4), episode(3, seed=4), episode(4, seed=None)])
    assert (contents.episodes, contents.transitions, contents.distinct_seeds) == (3, 9, 1)
    assert contents.returns.model_dump() == {"mean": 1.5, "min": 1.0, "max": 2.0}


@given(
    length=st.integers(1, 4), row=st.integers(0, 3), part=st.sampled_from(["observations", "actions", "rewards", "terminations", "seed"])
)
def test_the_digest_notices_every_change(length, row, part):
    sound = episode(length)
    changed = {name: np.copy(getattr(sound, name)) for name in sound.__dataclass_fields__ if name != "seed"} | {"seed": 0}
    if part == "seed":
        changed["seed"] = 1
    else:
        rows = changed[part]
        rows[row % len(rows)] = ~rows[row % len(rows)] if rows.dtype == bool else rows[row % len(rows)] + 1
    assert arrays_digest([sound]) == arrays_digest([episode(length)])
    assert arrays_digest([sound]) != arrays_digest([type(sound)(**changed)])


def test_the_digest_notices_dtype_and_order():
    assert arrays_digest([episode(2)]) != arrays_digest([episode(2, actions=np.array([0, 1], np.int32))])
    assert arrays_digest([episode(1), episode(2)]) != arrays_digest([episode(2), episode(1)])


@pytest.mark.parametrize("name", ["acme/walk-v0", "D4RL/door/human-v2", "a_b/c/d-e/f-g-v12"])
def test_names_of_datasets(name):
    from minari.dataset.minari_dataset import parse_dataset_id

    assert namespace_of(name) == parse_dataset_id(name)[0] == name.rpartition("/")[0]


@pytest.mark.parametrize(
    "name", ["walk-v0", "a/walk-v0", "acme/walk", "acme//walk-v0", "../walk-v0", "acme/../walk-v0", "acme/data/walk-v0"]
)
def test_what_is_no_name(name):
    assert namespace_of(name) is None
