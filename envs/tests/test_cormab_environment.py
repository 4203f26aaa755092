"""The closed bandits as Gymnasium sees them: single, batched, in every autoreset mode, and as the docstrings promise."""

import copy
import hashlib
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import gymnasium as gym
import hub_envs
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hub_envs.cormab import (
    ActionSet,
    CapacityEnv,
    CapacityVectorEnv,
    CormabEnv,
    CormabVectorEnv,
    InterventionsEnv,
    InterventionsVectorEnv,
    MatchingEnv,
    MatchingVectorEnv,
    Problem,
    capacity_problem,
    interventions_problem,
    matching_problem,
)
from hypothesis import given, settings
from hypothesis import strategies as st


class Domain(NamedTuple):
    """One way of coupling arms, and what tests must know of it."""

    name: str
    single: Callable[..., CormabEnv]
    batch: Callable[..., CormabVectorEnv]
    problem: Callable[..., Problem]
    entries: int
    digest: str
    everything: str

    @property
    def idle(self) -> np.ndarray:
        """The zero action."""
        return np.zeros(self.entries, dtype=np.int8)


DOMAINS = [
    Domain(
        "Matching",
        MatchingEnv,
        MatchingVectorEnv,
        matching_problem,
        20,
        "b48fc8dfa492453ced45b4ed5150d2480ba6b3010a24e10d6efd0be5fb9d5640",
        "it pulls 20 arms, and 5 can be served",
    ),
    Domain(
        "Capacity",
        CapacityEnv,
        CapacityVectorEnv,
        capacity_problem,
        20,
        "8941fa35eaad53365be3bf61dea9faddcada81a838f9137757b1cfa02f3e38be",
        r"its arms cost 80, and the workers carry 26 at most \(7, 7, 5, 4, 3\)",
    ),
    Domain(
        "Interventions",
        InterventionsEnv,
        InterventionsVectorEnv,
        interventions_problem,
        10,
        "b7a00cb2a949f488fc0040fb4f58cbeaa959294b029e15828db7d820bee9ae09",
        "it chooses 10 entries, and the budget allows 5",
    ),
]
every_domain = pytest.mark.parametrize("domain", DOMAINS, ids=[domain.name for domain in DOMAINS])


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


@every_domain
@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("infeasible", ["error", "noop"])
def test_the_batch_is_gymnasiums_own_batch_of_singles_bit_for_bit(domain: Domain, mode: AutoresetMode, infeasible: Any) -> None:
    settings: dict[str, Any] = {"horizon": 5, "infeasible": infeasible, "instance": 2}
    singles = SyncVectorEnv([lambda: domain.single(**settings)] * 3, autoreset_mode=mode)
    batch = domain.batch(3, autoreset_mode=mode, **settings)
    assert_same(singles.reset(seed=3)[0], batch.reset(seed=3)[0])
    rng = np.random.default_rng(0)
    for step in range(17):
        actions = batch.model.actions.sample_feasible(rng, 3)
        if infeasible == "noop" and step % 3 == 0:
            actions[1] = 1
        expected, got = singles.step(actions), batch.step(actions)
        for one, other in zip(expected, got, strict=True):
            assert_same(one, other)
        if step == 2:
            mask = np.array([False, True, False])
            again = [reset(seed=[1, 7, 2], options={"reset_mask": mask.copy()})[0] for reset in (singles.reset, batch.reset)]
            assert_same(*again)
        if mode is AutoresetMode.DISABLED and expected[3].any():
            assert_same(*[reset(options={"reset_mask": expected[3].copy()})[0] for reset in (singles.reset, batch.reset)])


@settings(max_examples=40)
@given(st.sampled_from(DOMAINS), st.integers(0, 500), st.integers(20, 40), st.integers(4, 6), st.integers(1, 9), st.integers(0, 2**30))
def test_a_slot_plays_what_it_would_play_alone(domain: Domain, instance: int, arms: int, budget: int, width: int, seed: int) -> None:
    problem = domain.problem(instance, arms=arms, budget=budget, horizon=6)
    seeds = [seed + 13 * slot for slot in range(width)]
    actions = problem.actions.sample_feasible(np.random.default_rng(seed), 6 * width).reshape(6, width, -1)
    batch = domain.batch(width, problem=problem, autoreset_mode="Disabled")
    batched = [batch.reset(seed=seeds)[0]]
    outcomes = []
    for step in range(6):
        levels, rewards, _, truncations, infos = batch.step(actions[step])
        batched.append(levels)
        outcomes.append((rewards, truncations, infos["expected_reward"]))
    for slot in range(width):
        env = domain.single(problem=problem)
        assert_same(env.reset(seed=seeds[slot])[0], batched[0][slot])
        for step in range(6):
            level, reward, terminated, truncated, info = env.step(actions[step, slot])
            assert_same(level, batched[step + 1][slot])
            assert (reward, truncated, info["expected_reward"]) == tuple(column[slot] for column in outcomes[step])
            assert not terminated


@every_domain
def test_gymnasiums_checker_is_content(domain: Domain) -> None:
    env = gym.make(f"hub_envs:cormab/{domain.name}-v0", render_mode="rgb_array").unwrapped
    check_env(env)
    assert env.observation_space == gym.spaces.MultiDiscrete([4] * 20)
    assert env.action_space == gym.spaces.MultiBinary(domain.entries)


@every_domain
def test_make_vec_gives_the_native_batch_and_its_slots_restart(domain: Domain) -> None:
    batch = gym.make_vec(f"cormab/{domain.name}-v0", num_envs=4, vectorization_mode="vector_entry_point", horizon=3)
    assert type(batch.unwrapped) is domain.batch
    assert batch.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    batch.reset(seed=0)
    idle = np.stack([domain.idle] * 4)
    ends = [bool(batch.step(idle)[3].all()) for _ in range(8)]
    assert ends == [False, False, True, False, False, False, True, False]


@every_domain
def test_up_moves_rewards_and_starts_follow_the_stated_law(domain: Domain) -> None:
    problem = domain.problem(1, horizon=20)
    slots = 2000
    batch = domain.batch(slots, problem=problem, autoreset_mode="Disabled", start_probability=0.3)
    levels, _ = batch.reset(seed=11)
    assert set(np.unique(levels)) == {0, 1}
    assert abs(levels.mean() - 0.3) < 5 * np.sqrt(0.21 / levels.size)
    rng = np.random.default_rng(2)
    ups, tries, surprise = np.zeros((problem.doses + 1, 20)), np.zeros((problem.doses + 1, 20)), 0.0
    for _ in range(20):
        actions = problem.actions.sample_feasible(rng, slots)
        after, rewards, _, _, infos = batch.step(actions)
        up = after == np.minimum(levels + 1, 3)
        assert (up | (after == np.maximum(levels - 1, 0))).all()
        np.testing.assert_allclose(rewards, problem.rewards[np.arange(20), after].sum(axis=1))
        doses = actions if problem.reach is None else actions @ problem.reach.T
        for dose in range(problem.doses + 1):
            tries[dose] += (doses == dose).sum(axis=0)
            ups[dose] += (up & (doses == dose)).sum(axis=0)
        surprise += float((rewards - infos["expected_reward"]).mean()) / 20
        levels = after
    spread = np.sqrt(problem.chances.T * (1 - problem.chances.T) * tries)
    assert (np.abs(ups - problem.chances.T * tries) <= 5 * spread + 1e-9).all()
    assert (tries.sum(axis=1) > 0).all()
    assert abs(surprise) < 0.05


@pytest.mark.parametrize("problem", [matching_problem(4, 6, 2), capacity_problem(4, 6, 2), interventions_problem(4, 6, 2, 1)])
def test_expected_reward_is_the_mean_over_all_next_levels(problem: Problem) -> None:
    states = np.random.default_rng(0).integers(0, 4, size=(6, 6))
    actions = problem.actions.sample_feasible(np.random.default_rng(1), 6)
    moves = ((np.arange(64)[:, None] >> np.arange(6)) & 1).astype(bool)
    probability = problem.up_prob(actions)
    mean = np.zeros(6)
    for up in moves:
        after = np.where(up, np.minimum(states + 1, 3), np.maximum(states - 1, 0))
        mean += np.where(up, probability, 1 - probability).prod(axis=1) * problem.rewards[np.arange(6), after].sum(axis=1)
    np.testing.assert_allclose(problem.expected_reward(states, actions), mean)


@every_domain
def test_dynamics_have_not_changed(domain: Domain) -> None:
    env = domain.single()
    levels, _ = env.reset(seed=0)
    played = [levels]
    for action in env.model.actions.sample_feasible(np.random.default_rng(0), 20):
        levels, _, _, truncated, _ = env.step(action)
        played.append(levels)
    assert truncated
    digest = hashlib.sha256(np.array(played, dtype="<i8").tobytes()).hexdigest()
    assert digest == domain.digest


@every_domain
def test_returned_arrays_are_the_callers_own(domain: Domain) -> None:
    twin, batch = domain.batch(3), domain.batch(3)
    idle = np.stack([domain.idle] * 3)
    first, kept = batch.reset(seed=0)[0], twin.reset(seed=0)[0]
    first[:] = 3
    for _ in range(30):
        *given, infos = batch.step(idle)
        for one, other in zip((*given, infos), twin.step(idle), strict=True):
            assert_same(one, other)
        for array in (*given, *infos.values()):
            array[:] = 1
    assert kept.max() <= 1


@every_domain
def test_global_random_state_plays_no_part_and_is_left_alone(domain: Domain) -> None:
    env, idle = domain.single(), domain.idle
    np.random.seed(0)
    expected_draw = np.random.random()
    first = env.reset(seed=5)[0], env.step(idle)[0]
    np.random.seed(0)
    again = env.reset(seed=5)[0], env.step(idle)[0]
    assert np.random.random() == expected_draw
    assert_same(first[0], again[0])
    assert_same(first[1], again[1])


@every_domain
@pytest.mark.parametrize("clone", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_as_the_original_does(domain: Domain, clone: Any) -> None:
    batch = domain.batch(2, horizon=4)
    idle = np.stack([domain.idle] * 2)
    batch.reset(seed=9)
    batch.step(idle)
    twin = clone(batch)
    for _ in range(9):
        for one, other in zip(batch.step(idle), twin.step(idle), strict=True):
            assert_same(one, other)


@every_domain
def test_forbidden_actions_are_never_silent(domain: Domain) -> None:
    env, lenient, everything = domain.single(infeasible="error"), domain.single(), domain.idle + 1
    for each in (env, lenient):
        each.reset(seed=0)
    with pytest.raises(ValueError, match=f"slot 0: infeasible action: {domain.everything}"):
        env.step(everything)
    refused, nothing = lenient.step(everything), env.step(domain.idle)
    assert_same(refused[0], nothing[0])
    assert refused[4] == {**nothing[4], "infeasible": True}
    assert lenient.step(domain.idle)[4]["infeasible"] is False


def test_the_slot_at_fault_is_named() -> None:
    batch = MatchingVectorEnv(3, infeasible="error")
    batch.reset(seed=0)
    actions = np.zeros((3, 20), dtype=np.int8)
    actions[2] = 1
    with pytest.raises(ValueError, match=r"slot 2: infeasible"):
        batch.step(actions)
    actions[1, 4] = 2
    with pytest.raises(ValueError, match=r"slot 1: an action holds zeros and ones only"):
        batch.step(actions)
    with pytest.raises(ValueError, match=r"slot 0: an action holds zeros and ones only"):
        batch.step(np.full((3, 20), np.nan))
    with pytest.raises(ValueError, match=r"shape \(3, 20\)"):
        batch.step(actions[:2])


def test_playing_without_an_episode_is_refused() -> None:
    env = MatchingEnv(horizon=1, render_mode="rgb_array")
    idle = np.zeros(20, dtype=np.int8)
    with pytest.raises(ResetNeeded):
        env.step(idle)
    with pytest.raises(ResetNeeded):
        env.render()
    env.reset(seed=0)
    env.step(idle)
    with pytest.raises(ResetNeeded, match=r"slots \[0\]"):
        env.step(idle)


@every_domain
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start_probability": 1.5}, "start_probability"),
        ({"infeasible": "ignore"}, "infeasible"),
        ({"render_mode": "human"}, "render_mode"),
        ({"instance": -3}, "instance"),
        ({"budget": 30}, "budget"),
        ({"horizon": 0}, "horizon"),
    ],
)
def test_impossible_settings_say_what_is_wrong(domain: Domain, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        domain.single(**settings)


def test_impossible_batches_and_resets_say_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="num_envs"):
        MatchingVectorEnv(0)
    batch = MatchingVectorEnv(2)
    with pytest.raises(ValueError, match="2 slots and 3 seeds"):
        batch.reset(seed=[1, 2, 3])
    with pytest.raises(TypeError, match="reset_mask"):
        batch.reset(options={"reset_mask": [True, False]})
    with pytest.raises(ValueError, match="reset_mask"):
        batch.reset(options={"reset_mask": np.zeros(2, dtype=bool)})


@every_domain
def test_an_instance_of_ones_own_replaces_the_numbered_one(domain: Domain) -> None:
    problem = domain.problem(7, arms=30, budget=6, horizon=3)
    env = gym.make(f"hub_envs:cormab/{domain.name}-v0", problem=problem)
    assert env.unwrapped.model is problem  # type: ignore[attr-defined]
    assert env.action_space == gym.spaces.MultiBinary(problem.actions.size)

    class Anything(ActionSet):
        """Another kind of coupling."""

        size = problem.actions.size  # type: ignore[assignment]

    Anything.__abstractmethods__ = frozenset()
    other = Problem(
        budget=1,
        chances=problem.chances,
        rewards=problem.rewards,
        actions=Anything(),  # type: ignore[abstract]
        reach=problem.reach,
    )
    with pytest.raises(TypeError, match=f"{type(problem.actions).__name__}, not Anything"):
        domain.single(problem=other)


@every_domain
@pytest.mark.parametrize("arms", [20, 45])
def test_frames_show_levels_and_who_is_served_by_whom(domain: Domain, arms: int) -> None:
    env = domain.single(arms=arms, render_mode="rgb_array")
    env.reset(seed=0)
    start = env.render()
    assert start is not None
    assert start.dtype == np.uint8
    assert start.shape[2] == 3
    env.step(env.model.actions.sample_feasible(np.random.default_rng(0), 1)[0])
    later = env.render()
    assert later is not None
    assert later.shape == start.shape
    yellow, badge = [0xFF, 0xF3, 0xC4], [0xC0, 0x39, 0x2B]
    assert not (start == yellow).all(axis=2).any()
    assert (later == yellow).all(axis=2).any()
    assert (later == badge).all(axis=2).sum() > (start == badge).all(axis=2).sum()
    assert domain.single().render() is None


@every_domain
def test_frames_of_a_batch_are_those_of_its_slots(domain: Domain) -> None:
    batch = domain.batch(2, render_mode="rgb_array")
    batch.reset(seed=[4, 5])
    env = domain.single(render_mode="rgb_array")
    env.reset(seed=5)
    assert_frames_agree(batch, env)
    actions = batch.model.actions.sample_feasible(np.random.default_rng(0), 2)
    batch.step(actions)
    env.step(actions[1])
    batch.reset(seed=[4, 5], options={"reset_mask": np.array([True, False])})
    assert_frames_agree(batch, env)
    batch.reset(seed=[4, 5], options={"reset_mask": np.array([False, True])})
    env.reset(seed=5)
    assert_frames_agree(batch, env)


def assert_frames_agree(batch: CormabVectorEnv, env: CormabEnv) -> None:
    frames = batch.render()
    assert frames is not None
    assert (frames[1] == env.render()).all()


def test_generators_can_be_read_and_set() -> None:
    batch = MatchingVectorEnv(2)
    batch.reset(seed=[4, 5])
    assert batch.np_random_seed == (4, 5)
    batch.np_random = [np.random.default_rng(8), np.random.default_rng(8)]
    levels, _ = batch.reset()
    assert_same(levels[0], levels[1])
    assert batch.np_random_seed == (-1, -1)
    assert len(MatchingVectorEnv(2).np_random) == 2


def test_every_environment_is_documented_and_importable() -> None:
    for entry in hub_envs.ENVIRONMENTS:
        spec = gym.spec(entry.id)
        single = gym.envs.registration.load_env_creator(entry.entry_point)
        if entry.vector_entry_point is not None:
            assert gym.envs.registration.load_env_creator(str(spec.vector_entry_point))
        words = str(single.__doc__)
        for part in ("Observation", "Action", "Dynamics", "Reward", "End", "Args", "Source", "Versions"):
            assert part in words
