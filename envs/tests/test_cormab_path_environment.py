"""The path bandit: the networks it is drawn on, and the environment around its actions."""

import pickle
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hub_envs.cormab import (
    LazyActionSet,
    Network,
    PathActions,
    PathEnv,
    PathVectorEnv,
    matching_problem,
    path_problem,
)
from hub_envs.cormab.path.instances import draw_network


@pytest.mark.parametrize("arms", [1, 2, 3, 4, 10, 20, 40])
def test_drawn_networks_are_connected_thin_and_no_station_is_crowded(arms: int) -> None:
    for seed in range(40):
        network = draw_network(np.random.default_rng(seed), arms)
        tracks = np.bincount(network.edges.ravel(), minlength=arms)
        assert network.hops.max() < arms
        assert tracks.max() <= 6
        assert arms - 1 <= len(network.edges) <= max(arms - 1, round(1.4 * arms))
        assert network.positions.shape == (arms, 2)
        assert tracks[network.source] == tracks.max()
        if arms >= 20:
            assert len(network.edges) == round(1.4 * arms)


def test_drawn_networks_are_planar() -> None:
    def side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
        return float(np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])))

    for seed in range(3):
        network = draw_network(np.random.default_rng(seed), 40)
        spots = network.positions
        for one in network.edges:
            for other in network.edges:
                if not set(one) & set(other):
                    a, b, c, d = spots[[*one, *other]]
                    assert side(a, b, c) == side(a, b, d) or side(c, d, a) == side(c, d, b)


def test_an_instance_is_what_its_number_says() -> None:
    problem, again = path_problem(7, 25, 6), path_problem(7, 25, 6)
    for name in ("chances", "rewards"):
        assert (getattr(problem, name) == getattr(again, name)).all()
    actions, same = problem.actions, again.actions
    assert isinstance(actions, PathActions)
    assert isinstance(same, PathActions)
    assert (actions.network.edges == same.network.edges).all()
    assert (actions.network.source, actions.budget, actions.length) == (same.network.source, 6, 12)
    assert set(problem.rewards[:6, 3]) <= {4, 5, 6}
    assert set(problem.rewards[6:, 3]) <= {1, 2, 3}
    other = path_problem(8, 25, 6).actions
    assert isinstance(other, PathActions)
    assert actions.network.edges.shape != other.network.edges.shape or (actions.network.edges != other.network.edges).any()


def test_edges_of_ones_own_keep_the_instances_arms() -> None:
    ring = [[arm, (arm + 1) % 5] for arm in range(5)]
    problem = path_problem(4, 5, 2, edges=ring, source=3)
    assert (problem.rewards == path_problem(4, 5, 2).rewards).all()
    assert isinstance(problem.actions, PathActions)
    assert problem.actions.network.source == 3
    assert problem.actions.walk(np.array([0, 0, 1, 0, 1])) in ([3, 2, 3, 4, 3], [3, 4, 3, 2, 3])
    drawn = path_problem(4, 5, 2, source=1).actions
    assert isinstance(drawn, PathActions)
    assert drawn.network.source == 1


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([[0, 1], [1, 2]], "connected; no way leads from the source 0 to arm 3"),
        ([[0, 1], [1, 2], [2, 4]], "join arms 0..3"),
        ([[0, 1], [1, 2], [2, 3], [3, 2]], r"named once, and \[2, 3\] comes 2 times"),
        ([[0, 1], [1, 1], [2, 3]], "joins arm 1 to itself"),
        ([[0, 1, 2]], "shape"),
        ([[0.5, 1.0]], "whole numbers"),
        ([], "connected"),
    ],
)
def test_edges_that_make_no_network_say_what_is_wrong(edges: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        path_problem(0, 4, 2, edges=edges)


def test_other_impossible_arguments_say_what_is_wrong() -> None:
    for arguments, message in (((-1, 5, 2), "instance"), ((0, 5, 6), "budget"), ((0, 5, 2, 0), "horizon")):
        with pytest.raises(ValueError, match=message):
            path_problem(*arguments)
    with pytest.raises(ValueError, match=r"source must be one of the arms 0\.\.4, and is 5"):
        path_problem(0, 5, 2, source=5)
    with pytest.raises(ValueError, match="length"):
        PathActions(Network.of([[0, 1]], 2), 1, -2)
    with pytest.raises(ValueError, match="positions"):
        Network(np.empty((0, 2), dtype=np.int64), 0, np.empty((0, 2)))
    with pytest.raises(TypeError, match="PathActions, not MatchingActions"):
        PathEnv(problem=matching_problem(0))


def test_the_set_is_lazy_and_travels() -> None:
    actions = path_problem(0).actions
    assert isinstance(actions, LazyActionSet)
    actions.maximise_linear(np.ones((1, 20)))
    again = pickle.loads(pickle.dumps(actions))
    assert (again.sample_feasible(np.random.default_rng(0), 3) == actions.sample_feasible(np.random.default_rng(0), 3)).all()


def assert_same(left: Any, right: Any) -> None:
    """Equal in structure, dtype and every bit."""
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            assert_same(left[key], right[key])
    elif left is None:
        assert right is None
    elif left.dtype.hasobject:
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
    else:
        assert (left.dtype, left.shape, left.tobytes()) == (right.dtype, right.shape, right.tobytes())


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_the_batch_is_gymnasiums_own_batch_of_singles_bit_for_bit(mode: AutoresetMode) -> None:
    arguments: dict[str, Any] = {"horizon": 5, "instance": 2}
    singles = SyncVectorEnv([lambda: PathEnv(**arguments)] * 3, autoreset_mode=mode)
    batch = PathVectorEnv(3, autoreset_mode=mode, **arguments)
    assert_same(singles.reset(seed=3)[0], batch.reset(seed=3)[0])
    rng = np.random.default_rng(0)
    for step in range(13):
        actions = batch.model.actions.sample_feasible(rng, 3)
        if step % 3 == 0:
            actions[1] = 1
        expected, got = singles.step(actions), batch.step(actions)
        for one, other in zip(expected, got, strict=True):
            assert_same(one, other)
        if mode is AutoresetMode.DISABLED and expected[3].any():
            assert_same(*[reset(options={"reset_mask": expected[3].copy()})[0] for reset in (singles.reset, batch.reset)])


def test_gymnasiums_checker_is_content_and_the_batch_is_registered() -> None:
    env = gym.make("hub_envs:cormab/Path-v0", render_mode="rgb_array").unwrapped
    check_env(env)
    assert env.observation_space == gym.spaces.MultiDiscrete([4] * 20)
    assert env.action_space == gym.spaces.MultiBinary(20)
    batch = gym.make_vec("cormab/Path-v0", num_envs=4, vectorization_mode="vector_entry_point")
    assert isinstance(batch.unwrapped, PathVectorEnv)


def test_a_forbidden_action_is_flagged_or_refused() -> None:
    everything = np.ones(20, dtype=np.int8)
    env = PathEnv()
    env.reset(seed=0)
    assert env.step(everything)[4]["infeasible"]
    assert not env.step(np.zeros(20, dtype=np.int8))[4]["infeasible"]
    strict = PathEnv(infeasible="error")
    strict.reset(seed=0)
    with pytest.raises(ValueError, match="infeasible action: it pulls 20 arms, and 5 are allowed"):
        strict.step(everything)


def test_frames_follow_the_episode() -> None:
    batch = PathVectorEnv(2, render_mode="rgb_array", edges=[[arm, arm + 1] for arm in range(19)], source=9)
    batch.reset(seed=0)
    before = batch.render()
    action = np.zeros((2, 20), dtype=np.int8)
    action[0, [8, 11]] = 1
    batch.step(action)
    after = batch.render()
    assert before is not None
    assert after is not None
    assert after[0].dtype == np.uint8
    assert after[0].shape == before[0].shape
    assert (before[0] != after[0]).any()
    blue = np.array([0x33, 0x66, 0xCC])
    assert [(frame == blue).all(axis=2).any() for frame in (before[0], after[0], after[1])] == [False, True, False]
