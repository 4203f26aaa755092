"""Open populations: every episode another instance, told in full by what is observed; batch and single agree bit for bit."""

import copy
import hashlib
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hub_envs.cormab import Problem
from hub_envs.cormab.open_population import OpenCapacityEnv, OpenMatchingEnv
from hub_envs.cormab.open_population.family import draw_script
from hub_envs.cormab.open_population.loads import Loads
from hub_envs.cormab.open_population.schedules import Schedules
from hub_envs.cormab.open_population.single import OpenEnv
from hypothesis import given, settings
from hypothesis import strategies as st

ENVS: tuple[type[OpenEnv], ...] = (OpenMatchingEnv, OpenCapacityEnv)
LIVELY: dict[str, Any] = {"min_arms": 4, "max_arms": 9, "leave": 0.15, "arrive": 0.4, "horizon": 7}


def assert_same(left: Any, right: Any) -> None:
    """Equal in structure, dtype and every bit."""
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            assert_same(left[key], right[key])
    elif left is None:
        assert right is None
    elif left.dtype == object:
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
    else:
        assert (left.dtype, left.shape, left.tobytes()) == (right.dtype, right.shape, right.tobytes())


def random_action(env: OpenEnv, observation: dict[str, Any], rng: np.random.Generator) -> np.ndarray:
    """Fill an action blindly, within the rules, by what the observation says."""
    situation = env.model.read(observation)
    action = np.zeros(env.model.family.places, dtype=np.int8)
    action[situation.places] = situation.problem.actions.sample_feasible(rng, 1)[0]
    return action


@pytest.mark.parametrize("kind", ENVS)
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_the_batch_is_gymnasiums_own_batch_of_singles_bit_for_bit(kind: type[OpenEnv], mode: AutoresetMode) -> None:
    singles = SyncVectorEnv([lambda: kind(**LIVELY, places=12)] * 3, autoreset_mode=mode)
    batch = kind.batch(3, autoreset_mode=mode, **LIVELY, places=12)
    reader = kind(**LIVELY, places=12)
    observed, _ = batch.reset(seed=3)
    assert_same(singles.reset(seed=3)[0], observed)
    rng = np.random.default_rng(0)
    for step in range(19):
        actions = np.array([random_action(reader, {name: rows[slot] for name, rows in observed.items()}, rng) for slot in range(3)])
        if step % 3 == 0:
            actions[1] = 1
        expected, got = singles.step(actions), batch.step(actions)
        for one, other in zip(expected, got, strict=True):
            assert_same(one, other)
        observed = got[0]
        if step == 2:
            mask = np.array([False, True, False])
            again = [reset(seed=[1, 7, 2], options={"reset_mask": mask.copy()})[0] for reset in (singles.reset, batch.reset)]
            assert_same(*again)
            observed = again[1]
        if mode is AutoresetMode.DISABLED and expected[3].any():
            again = [reset(options={"reset_mask": expected[3].copy()})[0] for reset in (singles.reset, batch.reset)]
            assert_same(*again)
            observed = again[1]


@pytest.mark.parametrize("kind", ENVS)
@settings(max_examples=15)
@given(st.integers(0, 2**30), st.integers(1, 12), st.integers(0, 5), st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 1))
def test_an_observation_tells_the_instance_and_the_law(
    kind: type[OpenEnv], seed: int, arms: int, spare: int, leave: float, arrive: float, share: float
) -> None:
    env = kind(
        min_arms=1, max_arms=arms, places=arms + spare, leave=leave, arrive=arrive, budget_share=share, horizon=6, infeasible="error"
    )
    script = draw_script(np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed))), env.model.family)
    observation, _ = env.reset(seed=seed)
    rng = np.random.default_rng(seed)
    for step in range(6):
        assert env.observation_space.contains(observation)
        situation = env.model.read(observation)
        problem, who = situation.problem, script.who[step][situation.places]
        assert (script.who[step] >= 0).sum() == problem.arms
        assert_same(np.concatenate([problem.chances, problem.rewards], axis=1), script.facts[who][:, :6])
        assert (problem.budget, problem.horizon, situation.leave, situation.arrive) == (script.budget, 6 - step, leave, arrive)
        if step == 0:
            assert problem.budget == max(1, round(share * problem.arms))
            assert (situation.levels == script.first[who]).all()
        action = random_action(env, observation, rng)
        expected = problem.expected_reward(situation.levels[None], action[situation.places][None])[0]
        before = situation
        observation, reward, _, truncated, info = env.step(action)
        assert info["expected_reward"] == pytest.approx(expected)
        assert truncated == (step == 5)
        stayed = script.who[step] == script.who[step + 1]
        after = observation["arms"][:, 1:5].argmax(axis=1)
        moved = dict(zip(before.places.tolist(), before.levels.tolist(), strict=True))
        for place in np.flatnonzero(stayed & (script.who[step] >= 0)).tolist():
            rises = script.uniforms[step, place] < script.facts[script.who[step, place], int(action[place])]
            assert after[place] == (min(moved[place] + 1, 3) if rises else max(moved[place] - 1, 0))
        assert reward >= 0


@settings(max_examples=40)
@given(st.integers(0, 2**30), st.integers(1, 9), st.integers(1, 5), st.floats(0.1, 0.9))
def test_the_batched_rule_agrees_with_the_action_set(seed: int, arms: int, workers: int, density: float) -> None:
    rng = np.random.default_rng(seed)
    pulls = (rng.random((6, arms)) < density).astype(np.int8)
    for coupling in (Schedules(), Loads()):
        drawn = [coupling.draw(rng, arms, workers) for _ in pulls]
        traits, supplies = (np.array(part) for part in zip(*drawn, strict=True))
        budgets = rng.integers(1, workers + 1, size=6)
        expected = [
            bool(coupling.action_set(traits[row], supplies[row], int(budgets[row])).is_feasible(pulls[[row]])[0]) for row in range(6)
        ]
        assert coupling.fits(pulls, traits, supplies, budgets).tolist() == expected


@pytest.mark.parametrize("kind", ENVS)
def test_packing_many_instances_at_once_is_packing_each(kind: type[OpenEnv]) -> None:
    batch = kind.batch(12, min_arms=2, max_arms=12, places=15, leave=0.3)
    batch.reset(seed=3)
    observed = batch.step(np.zeros((12, 15), dtype=np.int8))[0]
    priorities = np.random.default_rng(0).random((12, 15))
    packed = batch.model.pack(observed, priorities)
    for slot in range(12):
        situation = batch.model.read({name: rows[slot] for name, rows in observed.items()})
        expected = situation.problem.actions.pack(priorities[slot, situation.places][None])[0]
        assert (packed[slot, situation.places] == expected).all()
        assert packed[slot].sum() == expected.sum()


def test_the_interchangeable_workers_of_a_schedule_serve_what_the_drawn_ones_serve() -> None:
    from hub_envs.cormab.matching import MatchingActions
    from hub_envs.cormab.matching.instances import draw_schedules

    for seed in range(20):
        arm_slots, worker_slots = draw_schedules(np.random.default_rng(seed), 8, 3)
        traits, supply = Schedules().draw(np.random.default_rng(seed), 8, 3)
        actions = ((np.arange(256)[:, None] >> np.arange(8)) & 1).astype(np.int8)
        drawn = MatchingActions(arm_slots, worker_slots, 3).is_feasible(actions)
        assert (Schedules().action_set(traits, supply, 3).is_feasible(actions) == drawn).all()


@pytest.mark.parametrize("kind", ENVS)
def test_every_seed_is_an_instance_of_its_own_and_sizes_cover_their_range(kind: type[OpenEnv]) -> None:
    batch = kind.batch(200, min_arms=3, max_arms=8, places=10)
    observed, _ = batch.reset(seed=0)
    assert len({rows.tobytes() for rows in observed["arms"][:, :, 5:]}) == 200
    sizes = np.bincount(observed["arms"][:, :, 0].sum(axis=1).astype(int), minlength=11)
    assert (sizes[3:9] > 15).all()
    assert sizes[3:9].sum() == 200
    again, _ = batch.reset()
    assert not (again["arms"] == observed["arms"]).all(axis=(1, 2)).any()
    assert_same(batch.reset(seed=0)[0], observed)


def test_arms_leave_arrive_and_pay_as_stated() -> None:
    batch = OpenMatchingEnv.batch(200, min_arms=20, max_arms=20, leave=0.1, arrive=0.3, autoreset_mode="Disabled")
    observed, _ = batch.reset(seed=5)
    idle = np.zeros((200, 20), dtype=np.int8)
    left, stays, came, waits, good, levels = 0, 0, 0, 0, [], []
    for _ in range(20):
        before = observed["arms"]
        observed, _, _, _, _ = batch.step(idle)
        after = observed["arms"]
        was, now = before[:, :, 0] > 0, after[:, :, 0] > 0
        changed = (before[:, :, 5] != after[:, :, 5]) & was & now
        assert not changed.any(), "a place that was left stays empty for a step"
        left, stays = left + (was & ~now).sum(), stays + (was & now).sum()
        came, waits = came + (~was & now).sum(), waits + (~was & ~now).sum()
        good.append(after[~was & now][:, 10] > 3)
        levels.append(after[~was & now][:, 2])
        assert not after[~now].any()
    for hits, misses, chance in ((left, stays, 0.1), (came, waits, 0.3)):
        tries = hits + misses
        assert abs(hits / tries - chance) < 5 * np.sqrt(chance * (1 - chance) / tries)
    newcomers = np.concatenate(good)
    assert abs(newcomers.mean() - 5 / 20) < 5 * np.sqrt(0.25 * 0.75 / newcomers.size)
    assert abs(np.concatenate(levels).mean() - 0.2) < 5 * np.sqrt(0.2 * 0.8 / newcomers.size)


def test_realised_rewards_average_to_the_expected_ones() -> None:
    batch = OpenCapacityEnv.batch(400, min_arms=5, max_arms=15, leave=0.1, arrive=0.3, autoreset_mode="Disabled")
    batch.reset(seed=1)
    idle, surprises = np.zeros((400, 15), dtype=np.int8), []
    for _ in range(20):
        _, rewards, _, _, infos = batch.step(idle)
        surprises.append(rewards - infos["expected_reward"])
    surprise = np.array(surprises)
    assert abs(surprise.mean()) < 5 * surprise.std() / np.sqrt(surprise.size)


@pytest.mark.parametrize("kind", ENVS)
def test_nobody_can_be_pulled_where_nobody_is(kind: type[OpenEnv]) -> None:
    env, lenient, idle = (kind(min_arms=6, max_arms=6, places=9, infeasible=each) for each in ("error", "noop", "noop"))
    observation, _ = env.reset(seed=2)
    for other in (lenient, idle):
        other.reset(seed=2)
    action = np.zeros(9, dtype=np.int8)
    action[7] = 1
    with pytest.raises(ValueError, match="slot 0: infeasible action: it pulls place 7, where no arm is"):
        env.step(action)
    played, ignored = idle.step(np.zeros(9, dtype=np.int8)), lenient.step(action)
    assert_same(ignored[0], played[0])
    assert ignored[4] == {**played[4], "infeasible": True}
    assert not observation["arms"][6:].any()
    everybody = observation["arms"][:, 0].astype(np.int8)
    with pytest.raises(ValueError, match=r"slot 0: infeasible action: it(s arms| pulls)"):
        env.step(everybody)


def test_without_movement_the_population_is_closed_and_plays_as_its_problem_does() -> None:
    env = OpenMatchingEnv(min_arms=8, max_arms=8, leave=0.0, arrive=1.0)
    observation, _ = env.reset(seed=4)
    first = env.model.read(observation).problem
    assert isinstance(first, Problem)
    assert (first.rewards[:2, 3] >= 4).all()
    assert (first.rewards[2:, 3] <= 3).all()
    for _ in range(20):
        observation, *_ = env.step(np.zeros(8, dtype=np.int8))
        now = env.model.read(observation).problem
        assert_same(now.chances, first.chances)
        assert_same(now.rewards, first.rewards)


def test_a_population_never_dies_out() -> None:
    env = OpenMatchingEnv(min_arms=3, max_arms=3, leave=0.9, arrive=0.0)
    for seed in range(5):
        observation, _ = env.reset(seed=seed)
        for _ in range(20):
            observation, *_ = env.step(np.zeros(3, dtype=np.int8))
        assert observation["arms"][:, 0].sum() >= 1


@pytest.mark.parametrize("kind", ENVS)
def test_gymnasiums_checker_is_content(kind: type[OpenEnv]) -> None:
    env = kind()
    check_env(env, skip_render_check=True)
    assert env.action_space == gym.spaces.MultiBinary(40)
    assert env.observation_space == kind(min_arms=3, max_arms=7, places=40, leave=0.5).observation_space


def test_dynamics_have_not_changed() -> None:
    digests = []
    for kind in ENVS:
        env, rng, digest = kind(), np.random.default_rng(0), hashlib.sha256()
        observation, _ = env.reset(seed=0)
        for _ in range(20):
            observation, *_ = env.step(random_action(env, observation, rng))
            digest.update(np.ascontiguousarray(observation["arms"], dtype="<f8").tobytes())
        digests.append(digest.hexdigest()[:16])
    assert digests == ["f38f42ed9d4c17cc", "5e6c98e424e1720f"]


@pytest.mark.parametrize("kind", ENVS)
def test_copies_go_on_alike_and_returned_arrays_are_the_callers_own(kind: type[OpenEnv]) -> None:
    batch = kind.batch(2, **LIVELY)
    batch.reset(seed=9)
    twin = copy.deepcopy(batch)
    idle = np.zeros((2, 9), dtype=np.int8)
    for _ in range(16):
        given, other = batch.step(idle), twin.step(idle)
        for one, two in zip(given, other, strict=True):
            assert_same(one, two)
        for array in (*given[0].values(), *given[1:4], *given[4].values()):
            array[:] = 1


@pytest.mark.parametrize("kind", ENVS)
@pytest.mark.parametrize("places", [9, 50])
def test_frames_keep_their_size_and_show_pulls_and_empty_places(kind: type[OpenEnv], places: int) -> None:
    env = kind(**LIVELY, places=places, render_mode="rgb_array")
    with pytest.raises(ResetNeeded):
        env.render()
    observation, _ = env.reset(seed=1)
    start = env.render()
    env.step(random_action(env, observation, np.random.default_rng(0)))
    later = env.render()
    assert start is not None
    assert later is not None
    assert start.shape == later.shape
    yellow = [0xFF, 0xF3, 0xC4]
    assert not (start == yellow).all(axis=2).any()
    assert (later == yellow).all(axis=2).any()
    assert kind().render() is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_arms": 0}, "min_arms <= max_arms <= places must hold, and they are 0, 40 and 40"),
        ({"min_arms": 50}, "50, 40 and 40"),
        ({"places": 30}, "10, 40 and 30"),
        ({"leave": 1.5}, r"leave must lie between 0 and 1, and is 1\.5"),
        ({"arrive": -0.1}, "arrive"),
        ({"start_probability": 2.0}, "start_probability"),
        ({"budget_share": 0.0}, "budget_share"),
        ({"horizon": 0}, "horizon"),
        ({"infeasible": "ignore"}, "infeasible"),
        ({"render_mode": "human"}, "render_mode"),
    ],
)
def test_impossible_settings_say_what_is_wrong(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OpenMatchingEnv(**settings)


def test_impossible_batches_resets_and_actions_say_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="num_envs"):
        OpenMatchingEnv.batch(0)
    batch = OpenMatchingEnv.batch(2, autoreset_mode="Disabled", horizon=1)
    idle = np.zeros((2, 40), dtype=np.int8)
    with pytest.raises(ResetNeeded, match=r"slots \[0, 1\]"):
        batch.step(idle)
    with pytest.raises(ValueError, match="2 slots and 3 seeds"):
        batch.reset(seed=[1, 2, 3])
    with pytest.raises(TypeError, match="reset_mask"):
        batch.reset(options={"reset_mask": [True, False]})
    with pytest.raises(ValueError, match="reset_mask"):
        batch.reset(options={"reset_mask": np.zeros(2, dtype=bool)})
    batch.reset(seed=[4, 5])
    assert batch.np_random_seed == (4, 5)
    with pytest.raises(ValueError, match=r"shape \(2, 40\)"):
        batch.step(idle[:1])
    with pytest.raises(ValueError, match="slot 1: an action holds zeros and ones only"):
        batch.step(np.stack([idle[0], idle[1] + 2]))
    batch.step(idle)
    with pytest.raises(ResetNeeded, match=r"slots \[0, 1\]"):
        batch.step(idle)
