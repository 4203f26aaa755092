"""Non-Cooperative Navigation: its three forms play the same game, by the rules of the particle world."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from typing import Any

import gymnasium as gym
import hub_envs
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from hub_envs.navigation import NavigationEnv, NavigationSoloEnv, NavigationSoloVectorEnv, NavigationVectorEnv
from hypothesis import given, settings
from hypothesis import strategies as st

with warnings.catch_warnings():  # pettingzoo.test imports PettingZoo's own games, in a way that PettingZoo has deprecated
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import parallel_api_test, parallel_seed_test

LEVELS = ("easy", "hard")


def actions_of(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(5, size=shape)


@pytest.mark.parametrize("level", LEVELS)
def test_pettingzoo_accepts_the_parallel_form(level: Any) -> None:
    parallel_api_test(NavigationEnv(level=level), num_cycles=120)
    parallel_seed_test(lambda: NavigationEnv(level=level))


@pytest.mark.filterwarnings("ignore:.*A Box observation space m.*imum value is -?infinity")  # discs may leave the arena
@pytest.mark.parametrize("level", LEVELS)
def test_gymnasium_accepts_the_form_for_one_player(level: Any) -> None:
    check_env(NavigationSoloEnv(level=level), skip_render_check=True)


@pytest.mark.parametrize("level", LEVELS)
def test_spaces_hold_what_is_observed(level: Any) -> None:
    env = NavigationVectorEnv(3, level=level)
    observations, _ = env.reset(seed=0)
    for step in range(50):
        assert env.observation_space.contains(observations)
        assert env.state_space.contains(env.state()[0])
        observations, *_ = env.step(actions_of(step, 3, 3))


def test_an_episode_starts_as_the_docstring_says() -> None:
    env = NavigationVectorEnv(400, level="hard")
    env.reset(seed=7)
    rows = env.state().reshape(400, 7, 4)
    agents, landmarks = rows[:, :4], rows[:, 4:]
    assert (np.abs(agents[..., :2]) <= 1).all()
    assert (agents[..., 2:] == 0).all()
    assert np.abs(agents[..., :2].mean()) < 0.05
    cells = np.round(landmarks[..., :2] * 5)
    np.testing.assert_allclose(landmarks[..., :2], cells / 5, atol=1e-6)
    assert set(np.unique(cells)) == set(range(-4, 5))
    np.testing.assert_array_equal(landmarks[..., 2:], 0)


def test_a_player_sees_itself_then_the_others_then_landmarks_from_its_place() -> None:
    env = NavigationVectorEnv(1, level="hard")
    env.reset(seed=1)
    for step in range(5):
        observations, *_ = env.step(actions_of(step, 1, 3))
    rows, seen = env.state().reshape(7, 4), observations[0, 1]
    np.testing.assert_allclose(seen[0], rows[1], atol=1e-6)
    expected = rows[[0, 2, 3, 4, 5, 6]].copy()
    expected[:, :2] -= rows[1, :2]
    np.testing.assert_allclose(seen[1:], expected, atol=1e-6)


def test_the_player_alone_pays_as_agent_0_and_the_others_move_at_random() -> None:
    env = NavigationSoloVectorEnv(500, agents=3)
    env.reset(seed=0)
    start = env.game.state().reshape(500, 6, 4)
    _, rewards, _, _, infos = env.step(np.zeros(500, dtype=np.int64))
    now = env.game.state().reshape(500, 6, 4)
    np.testing.assert_array_equal(infos["agent_return"], rewards)
    chosen = np.round((now[:, 1:3, 2:] - start[:, 1:3, 2:]) / 0.5)
    apart = (np.linalg.norm(start[:, :3, None, :2] - start[:, None, :3, :2], axis=-1) + np.eye(3)).min(axis=(1, 2)) > 0.3
    assert (now[apart, 0, 2:] == 0).all()
    moves, counts = np.unique(chosen[apart].reshape(-1, 2), axis=0, return_counts=True)
    assert len(moves) == 5
    assert (np.abs(counts / counts.sum() - 0.2) < 0.06).all()


# one game in three forms


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31 - 1), level=st.sampled_from(LEVELS), physics=st.sampled_from(["mpe", "mpe2"]))
def test_the_parallel_form_plays_what_a_slot_plays(seed: int, level: Any, physics: Any) -> None:
    batch = NavigationVectorEnv(3, level=level, physics=physics, duration=12, autoreset_mode="Disabled")
    env = NavigationEnv(level=level, physics=physics, duration=12)
    seen, _ = batch.reset(seed=[1, seed, 2])
    alone, _ = env.reset(seed=seed)
    for step in range(12):
        for place, player in enumerate(env.possible_agents):
            np.testing.assert_array_equal(seen[1, place], alone[player])
        np.testing.assert_array_equal(batch.state()[1], env.state())
        actions = actions_of(seed + step, 3, 3)
        seen, rewards, _, truncated, infos = batch.step(actions)
        alone, paid, _, cut, told = env.step(dict(zip(env.agents, actions[1].tolist(), strict=True)))
        assert rewards[1] == pytest.approx(sum(paid.values()))
        assert infos["rewards"][1].tolist() == list(paid.values())
        assert set(cut.values()) == {bool(truncated[1])} == {step == 11}
        for key in ("agent_return", "collisions", "reached"):
            assert infos[key][1].tolist() == [info[key] for info in told.values()]
    assert env.agents == []
    with pytest.raises(ResetNeeded):
        env.step({})


@pytest.mark.parametrize("mode", ["SameStep", "NextStep"])
@pytest.mark.parametrize("level", LEVELS)
def test_episodes_go_on_in_a_batch_as_they_do_alone(mode: str, level: Any) -> None:
    batch, alone = NavigationSoloVectorEnv(2, level=level, duration=4, autoreset_mode=mode), NavigationSoloEnv(level=level, duration=4)
    seen, _ = batch.reset(seed=[5, 9])
    single, _ = alone.reset(seed=9)
    over = False
    for step in range(17):
        np.testing.assert_array_equal(seen[1], single)
        actions = actions_of(step, 2)
        seen, rewards, _, truncated, infos = batch.step(actions)
        if over and mode == "NextStep":
            single, _ = alone.reset()
            over = False
            assert rewards[1] == 0
            continue
        single, reward, _, over, info = alone.step(int(actions[1]))
        told = infos["final_info"] if over and mode == "SameStep" else infos
        assert (rewards[1], bool(truncated[1]), told["reached"][1]) == (reward, over, info["reached"])
        if over and mode == "SameStep":
            np.testing.assert_array_equal(infos["final_obs"][1], single)
            single, _ = alone.reset()
            over = False


def test_a_masked_reset_starts_one_slot_and_leaves_the_others() -> None:
    batch, fresh = NavigationVectorEnv(3, level="hard"), NavigationVectorEnv(1, level="hard")
    batch.reset(seed=0)
    for step in range(3):
        before, *_ = batch.step(actions_of(step, 3, 3))
    after, _ = batch.reset(seed=[8, 11, 8], options={"reset_mask": np.array([False, True, False])})
    expected, _ = fresh.reset(seed=[11])
    np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
    np.testing.assert_array_equal(after[1], expected[0])
    both = actions_of(4, 3, 3)
    np.testing.assert_array_equal(batch.step(both)[0][1], fresh.step(both[1:2])[0][0])


ROLLOUT = """
import json
import numpy as np
from hub_envs.navigation import NavigationVectorEnv
env = NavigationVectorEnv(4, level="hard", duration=20)
told, rng = [env.reset(seed=3)[0].tobytes().hex()], np.random.default_rng(0)
for _ in range(25):
    observations, rewards, *_ = env.step(rng.integers(5, size=(4, 3)))
    told += [observations.tobytes().hex(), rewards.tobytes().hex()]
print(json.dumps(told))
"""


def test_interpreted_and_compiled_agree_bit_for_bit() -> None:
    def played(**variables: str) -> list[str]:
        done = subprocess.run([sys.executable, "-c", ROLLOUT], capture_output=True, text=True, check=True, env={**os.environ, **variables})
        told: list[str] = json.loads(done.stdout)
        return told

    assert played(NUMBA_DISABLE_JIT="1") == played(NUMBA_DISABLE_JIT="0")


# mistakes


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"level": "medium"}, '"easy" or "hard"'),
        ({"physics": "unity"}, '"mpe" or "mpe2"'),
        ({"agents": 0}, "at least 1 agent"),
        ({"duration": 0}, "at least 1 agent and 1 step"),
        ({"players": 4}, "4 players cannot be among 3"),
        ({"players": 0}, "at least 1 player"),
        ({"render_mode": "human"}, "render_mode must be"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        NavigationVectorEnv(1, **arguments)


def test_actions_that_do_not_exist_are_refused() -> None:
    env = NavigationEnv()
    env.reset(seed=0)
    with pytest.raises(ValueError, match="agent_1: an action lies between 0 and 4"):
        env.step({"agent_0": 0, "agent_1": 5, "agent_2": 0})


def test_gymnasium_makes_batches_of_the_game_and_says_why_it_makes_no_single_one() -> None:
    assert "navigation/NonCooperative-v0" in {entry.id for entry in hub_envs.NAVIGATION}
    batch = gym.make_vec("navigation/NonCooperative-v0", 2, level="hard")
    assert batch.reset(seed=0)[0].shape == (2, 3, 7, 4)
    refused = subprocess.run(
        [sys.executable, "-c", "import gymnasium as gym; gym.make('hub_envs:navigation/NonCooperative-v0')"],
        capture_output=True,
        text=True,
        check=False,
    )  # in a process of its own: whoever else has registered the id in this one says it in words of his own
    assert "NavigationEnv is its PettingZoo form" in refused.stderr.splitlines()[-1]
    assert gym.make("navigation/NonCooperative-Solo-v0", duration=7).reset(seed=0)[0].shape == (6, 4)


# pictures


def test_a_frame_shows_where_agents_are_what_they_hit_and_what_they_reached() -> None:
    pytest.importorskip("PIL")
    from hub_envs.navigation.drawing import SHOWN, SIDE, Scene, draw
    from hub_envs.pictures import BLUE, SKY, VERMILION, YELLOW

    def at(*rows: tuple[float, float]) -> np.ndarray:
        return np.array([(*row, 0.0, 0.0) for row in rows])

    def shows(frame: np.ndarray, colour: str, x: float, y: float) -> bool:
        """Whether a colour is within six pixels of a place of the arena."""
        rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        column, row = round((x + SHOWN) * SIDE / 2 / SHOWN), round(40 + (SHOWN - y) * SIDE / 2 / SHOWN)
        return bool((frame[row - 6 : row + 7, column - 6 : column + 7] == rgb).all(axis=2).any())

    landmarks = np.array([[0.8, 0.8], [-0.8, 0.8], [0.0, -0.8]])
    apart = Scene(at((-0.5, 0.3), (0.5, 0), (0.0, 0.0)), np.array([0.08, 0.10, 0.06]), 3, landmarks, 3, 50)
    frame = draw(apart)
    assert frame.shape == (652, 560, 3)
    assert frame.dtype == np.uint8
    assert shows(frame, BLUE, -0.54, 0.3)
    assert not shows(frame, BLUE, 0.54, 0.3)
    assert not any(shows(frame, colour, *place) for colour in (VERMILION, YELLOW) for place in [(0.4, 0), (0.8, 0.74), (-0.5, 0.4)])
    struck = draw(apart._replace(world=at((0.5, 0.12), (0.5, 0), (0.8, 0.8))))
    assert shows(struck, VERMILION, 0.38, 0)
    assert shows(struck, YELLOW, 0.87, 0.8)
    beyond = draw(apart._replace(world=at((9, 0), (0.5, 0), (0, 0))))
    assert shows(beyond, BLUE, 1.4 - 0.16, 0)
    assert not shows(beyond, SKY, 1.4 - 0.16, 0)


@pytest.mark.parametrize("env", [NavigationEnv(level="hard", render_mode="rgb_array"), NavigationSoloEnv(render_mode="rgb_array")])
def test_every_form_draws_its_game(env: Any) -> None:
    pytest.importorskip("PIL")
    env.reset(seed=2)
    before = env.render()
    env.step(dict.fromkeys(env.possible_agents, 1) if isinstance(env, NavigationEnv) else 1)
    assert before.shape == env.render().shape == (652, 560, 3)
    assert (before != env.render()).any()
    assert NavigationEnv().render() is None
