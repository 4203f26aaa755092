"""Slots that are retired: they take no part in steps, and disturb nobody, until they are reset."""

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from hub_envs.cormab import MatchingVectorEnv
from hub_envs.memo import FormVectorEnv

OTHERS = [0, 2]
RETIRED = np.array([False, True, False])


def matching(mode):
    env = MatchingVectorEnv(3, autoreset_mode=mode)
    return env, np.zeros((3, *env.single_action_space.shape), np.int8)


def form(mode):
    env = FormVectorEnv(3, autoreset_mode=mode)
    return env, np.array([env.model.trace(seed).actions[0] for seed in (4, 5, 6)])


@pytest.mark.parametrize("opened", [matching, form])
def test_the_others_go_on_as_they_would_have(opened):
    (plain, actions), (retiring, _) = opened("Disabled"), opened("Disabled")
    for env in (plain, retiring):
        env.reset(seed=[4, 5, 6])
    retiring.retire(RETIRED)
    nonsense = actions.copy()
    nonsense[1] = -9
    expected, found = plain.step(actions), retiring.step(nonsense)
    for one, other in zip(expected[:4], found[:4], strict=True):
        assert np.array_equal(one[OTHERS], other[OTHERS])
    for key, values in expected[4].items():
        assert np.array_equal(values[OTHERS], found[4][key][OTHERS])


@pytest.mark.parametrize("mode", ["Disabled", "NextStep", "SameStep"])
def test_an_ended_episode_that_is_retired_neither_restarts_nor_is_missed(mode):
    env, right = form(mode)
    env.reset(seed=[4, 5, 6])
    wrong = right.copy()
    wrong[1] = (right[1] + 1) % env.single_action_space.n
    assert env.step(wrong)[2].tolist() == [False, True, False]
    env.retire(RETIRED)
    second = np.array([env.model.trace(seed).actions[1] for seed in (4, 5, 6)])
    _, _, terminated, truncated, infos = env.step(second)
    assert not (terminated | truncated).any()
    assert infos["_success"].tolist() == (~RETIRED).tolist()


def test_a_reset_takes_a_slot_back():
    env, actions = form("Disabled")
    first, _ = env.reset(seed=[4, 5, 6])
    env.retire(RETIRED)
    env.step(actions)
    again, _ = env.reset(seed=[4, 5, 6], options={"reset_mask": RETIRED})
    assert np.array_equal(again[1], first[1])
    wrong = np.array([env.model.trace(4).actions[1], (actions[1] + 1) % env.single_action_space.n, env.model.trace(6).actions[1]])
    assert env.step(wrong)[2].tolist() == [False, True, False]
    with pytest.raises(ResetNeeded, match=r"slots \[1\] have no running episode"):
        env.step(wrong)
