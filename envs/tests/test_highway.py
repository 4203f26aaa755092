"""The road's three forms play the same game, by the rules of the docstring."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from hub_envs.highway import HeterogeneousEnv, HeterogeneousSoloEnv, HeterogeneousSoloVectorEnv, HeterogeneousVectorEnv
from hub_envs.highway.scoring import rewards as everybodys_rewards
from hypothesis import given, settings
from hypothesis import strategies as st

with warnings.catch_warnings():  # pettingzoo.test imports PettingZoo's own games, in a way that PettingZoo has deprecated
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import parallel_api_test, parallel_seed_test

DENSE: dict[str, Any] = {"agents": 3, "vehicles": 12, "lanes": 3, "density": 2.0}
"""A road on which much happens soon."""
TOLD = ("agent_return", "return_with_wrecks", "success", "survival", "speed")
CRASHES = ("crash_rear_end", "crash_struck", "crash_own_lane_change", "crash_other_lane_change")


def actions_of(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(5, size=shape)


# what others expect of environments


@pytest.mark.parametrize("arguments", [{}, {"ids": False, "post_crash_reward": True, **DENSE}])
def test_pettingzoo_accepts_the_parallel_form(arguments: dict[str, Any]) -> None:
    parallel_api_test(HeterogeneousEnv(**arguments), num_cycles=120)
    parallel_seed_test(lambda: HeterogeneousEnv(**arguments))


def test_gymnasium_accepts_the_form_for_one_player() -> None:
    check_env(HeterogeneousSoloEnv(vehicles=10), skip_render_check=True)


@pytest.mark.parametrize("ids", [False, True])
def test_spaces_hold_what_is_observed(ids: bool) -> None:
    env = HeterogeneousVectorEnv(3, ids=ids, duration=15, **DENSE)
    observations, _ = env.reset(seed=0)
    for step in range(40):
        assert env.observation_space.contains(observations)
        assert env.state_space.contains(env.state()[0])
        observations, *_ = env.step(actions_of(step, 3, 3))


# one game in three forms


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31 - 1), dynamics=st.sampled_from(["paper", "released"]))
def test_the_parallel_form_plays_what_a_slot_plays(seed: int, dynamics: Any) -> None:
    batch = HeterogeneousVectorEnv(3, dynamics=dynamics, duration=12, autoreset_mode="Disabled", **DENSE)
    env = HeterogeneousEnv(dynamics=dynamics, duration=12, **DENSE)
    seen, _ = batch.reset(seed=[1, seed, 2])
    alone, _ = env.reset(seed=seed)
    for step in range(12):
        np.testing.assert_array_equal(batch.state()[1], env.state())
        for player in alone:
            place = env.possible_agents.index(player)
            np.testing.assert_array_equal(seen["vehicles"][1, place], alone[player]["vehicles"])
            np.testing.assert_array_equal(seen["ids"][1, place], alone[player]["ids"])
        if not env.agents:
            break
        actions = actions_of(seed + step, 3, 3)
        for slot in (0, 2):  # the slots beside it start anew where they are over
            if not batch.in_game[slot].any():
                batch.reset(options={"reset_mask": np.arange(3) == slot})
        seen, _, _, _, infos = batch.step(actions)
        acted = list(env.agents)
        alone, paid, ended, cut, told = env.step({player: int(actions[1, env.possible_agents.index(player)]) for player in acted})
        places = [env.possible_agents.index(player) for player in acted]
        assert [infos["rewards"][1, place] for place in places] == [paid[player] for player in acted]
        assert [infos["terminated"][1, place] for place in places] == [ended[player] for player in acted]
        assert [infos["truncated"][1, place] for place in places] == [cut[player] for player in acted]
        assert infos["acted"][1].sum() == len(acted)
        for key in (*TOLD, *CRASHES):
            assert [infos[key][1, place] for place in places] == [told[player][key] for player in acted]
    with pytest.raises(ResetNeeded):
        env.step({})


@pytest.mark.parametrize("mode", ["SameStep", "NextStep"])
def test_episodes_go_on_for_one_player_in_a_batch_as_they_do_alone(mode: str) -> None:
    how: dict[str, Any] = {"vehicles": 12, "lanes": 3, "density": 2.0, "duration": 8}
    batch, alone = HeterogeneousSoloVectorEnv(2, autoreset_mode=mode, **how), HeterogeneousSoloEnv(**how)
    game = HeterogeneousEnv(agents=1, ids=False, **how)
    seen, _ = batch.reset(seed=[5, 9])
    single, _ = alone.reset(seed=9)
    first, _ = game.reset(seed=9)
    np.testing.assert_array_equal(first["agent_0"], single)
    over = False
    for step in range(30):
        np.testing.assert_array_equal(seen[1], single)
        actions = actions_of(step, 2)
        seen, rewards, ended, cut, _ = batch.step(actions)
        if over and mode == "NextStep":
            single, _ = alone.reset()
            over = False
            continue
        single, reward, *ends, _ = alone.step(int(actions[1]))
        assert [rewards[1], ended[1], cut[1]] == [reward, *ends]
        over = any(ends)
        if over and mode == "SameStep":
            single, _ = alone.reset()


ROLLOUT = """
import json
import numpy as np
from hub_envs.highway import HeterogeneousVectorEnv
env = HeterogeneousVectorEnv(1, agents=2, vehicles=8, lanes=3, density=2.5, autoreset_mode="SameStep", duration=12)
told = []
seen, _ = env.reset(seed=4)
for actions in np.random.default_rng(0).integers(5, size=(14, 1, 2)):
    seen, rewards, *_ = env.step(actions)
    told.append([seen["vehicles"].tobytes().hex(), seen["ids"].tolist(), rewards.tolist(), env.traffic.numbers.tobytes().hex()])
print(json.dumps([told, env.traffic.labels.tolist()]))
"""


def test_interpreted_and_compiled_agree_bit_for_bit() -> None:
    def played(**variables: str) -> list[Any]:
        done = subprocess.run([sys.executable, "-c", ROLLOUT], capture_output=True, text=True, check=True, env={**os.environ, **variables})
        told: list[Any] = json.loads(done.stdout)
        return told

    assert played(NUMBA_DISABLE_JIT="1") == played(NUMBA_DISABLE_JIT="0")


# the rules


def test_an_agent_that_crashes_leaves_and_the_others_end_with_time() -> None:
    env = HeterogeneousEnv(duration=20, **DENSE)
    left: dict[str, tuple[int, bool]] = {}
    for seed in range(8):
        env.reset(seed=seed)
        step = 0
        while env.agents:
            observations, _, ended, cut, told = env.step(dict.fromkeys(env.agents, 3))
            step += 1
            assert set(observations) == set(told)
            for player in observations:
                crash = sum(told[player][key] for key in CRASHES)
                assert crash == ended[player]
                assert told[player]["success"] == told[player]["survival"] == 1 - crash
                assert not (ended[player] and cut[player])
                assert (player in env.agents) == (not ended[player] and not cut[player])
                assert not cut[player] or step == 20
                if player not in env.agents:
                    left[f"{seed} {player}"] = (step, ended[player])
    assert {ended for _, ended in left.values()} == {True, False}


def test_wrecks_are_paid_on_where_they_stay_in_the_game_and_shared_out_where_not() -> None:
    out, stay = HeterogeneousEnv(duration=15, **DENSE), HeterogeneousEnv(duration=15, post_crash_reward=True, **DENSE)
    crashes = 0
    for seed in range(6):
        out.reset(seed=seed)
        stay.reset(seed=seed)
        while out.agents:
            chosen = {player: int(action) for player, action in zip(stay.possible_agents, actions_of(seed, 3), strict=True)}
            _, paid, ended, _, told = out.step({player: chosen[player] for player in out.agents})
            crashed_before = set(stay.possible_agents) - set(paid)
            _, everything, _, _, all_told = stay.step(chosen)
            np.testing.assert_array_equal(out.state(), stay.state())
            assert {player: everything[player] for player in paid} == paid
            shared = sum(told[player]["return_with_wrecks"] for player in paid)
            assert shared == pytest.approx(sum(everything.values()))
            assert not any(all_told[player]["success"] for player in crashed_before)
            crashes += sum(ended.values())
    assert crashes > 2


def test_players_out_of_the_game_see_and_get_nothing_and_their_actions_do_nothing() -> None:
    one, other = (HeterogeneousVectorEnv(40, duration=15, autoreset_mode="Disabled", **DENSE) for _ in range(2))
    one.reset(seed=0)
    other.reset(seed=0)
    out = np.zeros((40, 3), dtype=np.bool_)
    for step in range(6):
        actions = actions_of(step, 40, 3)
        if not one.in_game.any(axis=1).all():
            break
        seen, _, _, _, infos = one.step(actions)
        other.step(np.where(out, 4, actions))
        np.testing.assert_array_equal(one.traffic.numbers, other.traffic.numbers)
        for part in (seen["vehicles"], seen["ids"], infos["rewards"], *(infos[key] for key in TOLD)):
            assert not part[out].any()
        out = ~one.in_game
    assert out.any()


def test_ids_name_the_cars_of_the_rows() -> None:
    env = HeterogeneousVectorEnv(2)
    seen, _ = env.reset(seed=3)
    for step in range(5):
        state = env.state()
        for slot, player in np.argwhere(env.watching):
            ids, rows = seen["ids"][slot, player], seen["vehicles"][slot, player]
            assert ids[0] == env.traffic.order.shape[1] // 5 * player + 1
            np.testing.assert_array_equal(rows[:, 0], ids > 0)
            cars = state[slot, ids[ids > 0] - 1]
            apart = (cars[1:, 1:3] - cars[0, 1:3]) / 100
            np.testing.assert_allclose(rows[ids > 0][1:, 1:3], np.clip(apart, -1, 1), atol=1e-4)
            assert not rows[ids == 0].any()
        seen, *_ = env.step(actions_of(step, 2, 5))


def test_rewards_are_those_of_the_road() -> None:
    env = HeterogeneousVectorEnv(3, **DENSE, autoreset_mode="Disabled")
    env.reset(seed=0)
    before = env.in_game.copy()
    _, rewards, _, _, infos = env.step(actions_of(0, 3, 3))
    earned = everybodys_rewards(env.traffic, np.array([0, 5, 10]), 3)
    np.testing.assert_array_equal(infos["rewards"], np.where(before, earned, 0))
    np.testing.assert_array_equal(rewards, infos["rewards"].sum(axis=1))


def test_on_autopilot_actions_do_nothing_to_speed_and_agents_drive_like_others() -> None:
    env = HeterogeneousVectorEnv(20, autopilot=True, mix=[0, 0])
    env.reset(seed=0)
    crashed = 0
    for _ in range(30):
        _, _, terminated, _, infos = env.step(np.ones((20, 5), dtype=np.int64))
        crashed += infos["terminated"].sum()
        assert not terminated.any()
    assert crashed <= 10, "IDM and MOBIL rarely crash"
    assert np.ptp(infos["speed"]) > 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"mix": "wild"}, "mix must be 'mild', 'chaotic', 'aggressive' or two shares"),
        ({"mix": [0.8, 0.4]}, "add up to 1 at most"),
        ({"mix": [0.1]}, "two shares"),
        ({"density": 0}, "density must be greater than 0"),
        ({"dynamics": "real"}, 'dynamics must be "paper" or "released"'),
        ({"agents": 0}, "agents must be a whole number of at least 1"),
        ({"vehicles": -1}, "vehicles must be a whole number of at least 0"),
        ({"lanes": 2.5}, "lanes must be a whole number of at least 1"),
        ({"duration": 0}, "duration must be a whole number of at least 1"),
        ({"render_mode": "human"}, "render_mode must be None or one of"),
    ],
)
def test_a_wrong_argument_gets_one_clear_error(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        HeterogeneousEnv(**arguments)
