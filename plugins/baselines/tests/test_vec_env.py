"""The vector environment as stable-baselines3 expects it."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from hub_baselines.vec_env import VectorEnvForStableBaselines
from stable_baselines3.common.env_util import make_vec_env


def vector(n: int, mode: AutoresetMode = AutoresetMode.SAME_STEP, **kwargs) -> gym.vector.VectorEnv:
    return gym.make_vec("Sampler-v0", n, vectorization_mode="sync", vector_kwargs={"autoreset_mode": mode}, **kwargs)


def test_an_ended_episode_shows_its_last_observation_its_return_and_whether_time_ran_out():
    env = VectorEnvForStableBaselines(vector(3))
    env.reset()
    actions = np.array([0, 1, 2])
    for length in range(1, 11):
        observations, rewards, ended, infos = env.step(actions)
        assert rewards.tolist() == [0.0, 1.0, 2.0]
        assert ended.all() == (length % 5 == 0)
        if length % 5:
            assert infos == [{}, {}, {}]
            continue
        assert [info["episode"] for info in infos] == [{"r": 5.0 * action, "l": 5} for action in actions]
        assert [info["TimeLimit.truncated"] for info in infos] == [length == 5] * 3
        for row, info in enumerate(infos):
            assert env.observation_space.contains(info["terminal_observation"])
            assert (info["terminal_observation"] != observations[row]).any()


def test_dict_observations_stay_dicts_with_the_channels_of_images_first():
    env = VectorEnvForStableBaselines(vector(2, observations="dict"))
    env.reset()
    for _ in range(5):
        observations, _, _, infos = env.step(np.array([0, 0]))
    assert observations["picture"].shape == (2, 3, 40, 44)
    assert env.observation_space.contains(infos[0]["terminal_observation"])


def test_it_plays_what_stable_baselines3_plays():
    ours = VectorEnvForStableBaselines(
        gym.make_vec("CartPole-v1", 1, vectorization_mode="sync", vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP})
    )
    theirs = make_vec_env("CartPole-v1", n_envs=1, seed=3)
    first = theirs.reset()
    assert (ours.env.reset(seed=[3])[0] == first).all()
    for step in range(60):
        action = np.array([step % 2])
        mine, other = ours.step(action), theirs.step(action)
        assert (mine[0] == other[0]).all()
        assert (mine[1] == other[1]).all()
        assert (mine[2] == other[2]).all()
        assert mine[3][0].get("TimeLimit.truncated") == other[3][0].get("TimeLimit.truncated") or not mine[2][0]


def test_an_environment_that_restarts_otherwise_is_refused():
    with pytest.raises(ValueError, match="SAME_STEP"):
        VectorEnvForStableBaselines(vector(1, AutoresetMode.NEXT_STEP))
