"""Batches of games: a native batch and separate environments agree, and what does not fit is refused."""

import numpy as np
import pytest
from gymnasium import spaces
from hub_baselines.multi.batch import open_batch
from hub_baselines.multi.game import game_of, gathered
from hub_baselines.multi.memory import SlotMemory
from hypothesis import given
from hypothesis import strategies as st

import hub
from hub.errors import ImpossiblePairing

BOX = spaces.Box(-1, 1, (3,), np.float32)


def opened(env_id: str, slots: int, **kwargs):
    task = hub.describe(env_id, kwargs)
    training = hub.Training(task, steps=10_000, seed=5)
    return training, open_batch(training, game_of("x", task), slots)


def test_a_native_batch_and_separate_environments_agree():
    native_training, native = opened("toys/NativeSignals-v0", 4)
    separate_training, separate = opened("toys/Signals-v0", 4, reseeds=False)
    assert type(native) is not type(separate)
    rng = np.random.default_rng(0)
    moments = [native.begin(), separate.begin()]
    assert moments[0].begun.all()
    ended = 0
    for _ in range(60):
        one, other = moments
        for key in ("signal", "ids"):
            np.testing.assert_array_equal(one.observations[key], other.observations[key])
            assert not one.observations[key][~one.in_game].any(), "who is out observes zeros"
        for part in ("in_game", "state", "begun"):
            np.testing.assert_array_equal(getattr(one, part), getattr(other, part))
        assert one.state.shape == (4, 9)
        actions = rng.integers(3, size=(4, 3))
        steps = [native.step(actions), separate.step(actions)]
        for part in ("rewards", "terminated", "truncated", "ended"):
            np.testing.assert_array_equal(getattr(steps[0], part), getattr(steps[1], part))
            assert getattr(steps[0], part).dtype == getattr(steps[1], part).dtype
        assert not steps[0].rewards[~one.in_game].any()
        np.testing.assert_array_equal(steps[0].ended, ~(one.in_game & ~steps[0].terminated & ~steps[0].truncated).any(1))
        np.testing.assert_array_equal(steps[0].ended, steps[0].moment.begun)
        ended += steps[0].ended.sum()
        moments = [step.moment for step in steps]
    assert ended > 10
    assert native_training.done == separate_training.done == 240, "a step of a slot counts once, however many players it has"
    native.close()
    separate.close()


def test_an_environment_without_state_gives_none():
    task = hub.describe("toys/Signals-v0", {"state": False})
    batch = open_batch(hub.Training(task, steps=100), game_of("x", task), 2)
    assert batch.begin().state is None


def a_task(observation=BOX, action=spaces.Discrete(3), other_observation=None, other_action=None):  # noqa: B008
    seen = spaces.Dict({"a": observation, "b": other_observation or observation})
    done = spaces.Dict({"a": action, "b": other_action or action})
    return hub.Task(env_id="acme/Duel-v0", observation_space=seen, action_space=done, players=("a", "b"))


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (hub.Task(env_id="acme/Duel-v0", observation_space=BOX, action_space=spaces.Discrete(2)), "fits PettingZoo parallel environments"),
        (a_task(other_observation=spaces.Discrete(2)), "players with equal spaces, and a and b observe in Box.* and Discrete"),
        (a_task(other_action=spaces.Discrete(2)), "players with equal spaces, and a and b act in"),
        (a_task(action=BOX), "Discrete actions that count from 0, and each player's are Box"),
        (a_task(action=spaces.Discrete(2, start=1)), "count from 0"),
        (a_task(observation=spaces.Text(3)), "arrays and one-level Dicts of arrays"),
        (a_task(observation=spaces.Dict(a=spaces.Dict(b=BOX))), "arrays and one-level Dicts of arrays"),
    ],
)
def test_other_games_are_refused_with_what_would_fit(task, reason):
    with pytest.raises(ImpossiblePairing, match=rf"^x cannot act in acme/Duel-v0: .*{reason}"):
        game_of("x", task)


def test_observations_are_gathered_by_player_with_zeros_for_the_absent():
    game = game_of("x", a_task(observation=spaces.Discrete(9)))
    seen, in_game = gathered(game, [{"b": 4}, {"b": 2, "a": 1}, {}])
    assert seen.tolist() == [[0, 4], [1, 2], [0, 0]]
    assert in_game.tolist() == [[False, True], [True, True], [False, False]]


@given(st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True)), max_size=20))
def test_slots_remember_apart_and_forget_when_they_begin(calls):
    memory, expected = SlotMemory(2), {}
    for number, (begins, slots) in enumerate(calls, start=1):
        known = slots if begins else [slot for slot in slots if slot in expected]
        if begins:
            memory.begin(slots)
            expected.update(dict.fromkeys(slots, 0))
        elif known:
            memory[np.array(known)] = np.full((len(known), 2), number)
            expected.update(dict.fromkeys(known, number))
        for slot, value in expected.items():
            assert memory[np.array([slot])].tolist() == [[value, value]]
