"""Forms: what is shown where, who gets through, and that one at a time and many together are the same."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hub_envs.memo import FormEnv, FormVectorEnv, Layout, Traces


def test_it_is_a_gymnasium_environment():
    check_env(gym.make("hub_envs:memo/Form-v0", render_mode="rgb_array").unwrapped)


@pytest.mark.parametrize("kwargs", [{}, {"screens": 8, "codes": 3, "icons": 2}])
def test_the_expert_fills_in_every_form(kwargs):
    env = FormEnv(**kwargs)
    for seed in range(30):
        trace = env.model.trace(seed)
        observation, info = env.reset(seed=seed)
        assert info == {}
        for step, action in enumerate(trace.actions):
            assert (observation == trace.observations[step]).all()
            assert env.observation_space.contains(observation)
            observation, reward, terminated, truncated, info = env.step(action)
            last = step == len(trace.actions) - 1
            assert (reward, terminated, truncated) == (float(last), last, False)
            assert info == {"success": float(last), "progress": (step + 1) / len(trace.actions)}


def test_the_code_is_shown_once_before_the_form_and_not_on_it():
    layout = Layout()
    places = set()
    for seed in range(200):
        trace = Traces(layout).trace(seed)
        codes, form = trace.observations[:, layout.icons : layout.icons + layout.codes], trace.observations[:, -2]
        (shown,), (asked,) = np.flatnonzero(codes.any(axis=1)), np.flatnonzero(form)
        assert shown < asked >= 2
        assert trace.actions[asked] == layout.icons + codes[shown].argmax()
        assert (trace.actions[np.arange(5) != asked] < layout.icons).all()
        assert trace.notes.tolist() == [1 + codes[shown].argmax() if step == shown else 0 for step in range(5)]
        places.add((shown, asked))
    assert len(places) == 2 + 3 + 4


def test_a_wrong_action_ends_the_episode_with_nothing():
    env = FormEnv()
    env.reset(seed=1)
    actions = env.model.trace(1).actions
    env.step(actions[0])
    _, reward, terminated, truncated, info = env.step((actions[1] + 1) % 6)
    assert (reward, terminated, truncated) == (0.0, True, False)
    assert info == {"success": 0.0, "progress": 0.2}
    with pytest.raises(gym.error.ResetNeeded):
        env.step(0)


def test_a_guesser_who_sees_the_screen_is_right_once_in_as_many_times_as_there_are_codes():
    env, layout = FormVectorEnv(2000, autoreset_mode="Disabled"), Layout()
    screens, _ = env.reset(seed=0)
    over, success = np.zeros(2000, bool), np.zeros(2000, bool)
    for _ in range(layout.screens):
        actions = np.where(screens[:, -2] == 1, layout.icons + 2, screens[:, : layout.icons].argmax(axis=1))
        waiting = over.copy()
        if waiting.any():
            screens, _ = env.reset(options={"reset_mask": waiting})
        screens, rewards, terminations, _, _ = env.step(actions)
        success |= ~waiting & (rewards > 0)
        over |= terminations
    assert over.all()
    assert success.mean() == pytest.approx(0.25, abs=0.04)


def test_many_together_are_the_same_as_one_at_a_time():
    env = FormVectorEnv(4, autoreset_mode="Disabled")
    screens, _ = env.reset(seed=[7, 8, 9, 10])
    traces = [env.model.trace(seed) for seed in (7, 8, 9, 10)]
    singles = [FormEnv() for _ in range(4)]
    alone = [single.reset(seed=seed)[0] for single, seed in zip(singles, (7, 8, 9, 10), strict=True)]
    assert (screens == np.stack(alone)).all()
    for step in range(5):
        actions = np.array([trace.actions[step] for trace in traces])
        screens, rewards, terminations, _, infos = env.step(actions)
        for slot, single in enumerate(singles):
            observation, reward, terminated, _, info = single.step(actions[slot])
            assert (observation == screens[slot]).all()
            assert (reward, terminated) == (rewards[slot], terminations[slot])
            assert info == {key: infos[key][slot] for key in ("success", "progress")}


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_automatic_resets(mode):
    env = FormVectorEnv(3, autoreset_mode=mode)
    env.reset(seed=0)
    env.action_space.seed(0)
    for _ in range(30):
        screens, *_ = env.step(env.action_space.sample())
        assert env.observation_space.contains(screens)


def test_screens_are_drawn_also_with_many_icons_and_after_the_end():
    env = FormEnv(icons=9, render_mode="rgb_array")
    env.reset(seed=3)
    frames = [env.render()]
    for action in env.model.trace(3).actions:
        env.step(action)
        frames.append(env.render())
    assert all(frame.dtype == np.uint8 and frame.shape[2] == 3 for frame in frames)
    assert len({frame.tobytes() for frame in frames}) == len(frames)


@pytest.mark.parametrize(
    ("kwargs", "told"),
    [
        ({"screens": 2}, "screens must be at least 3"),
        ({"codes": 1}, "codes must be at least 2"),
        ({"icons": 1}, "icons must be at least 2"),
    ],
)
def test_sizes_that_make_no_form_are_refused(kwargs, told):
    with pytest.raises(ValueError, match=told):
        FormEnv(**kwargs)


def test_actions_that_are_none_are_refused():
    env = FormEnv()
    env.reset(seed=0)
    for action in (10, -1, 0.5):
        with pytest.raises(ValueError, match="whole number"):
            env.step(action)
