"""The particle world: its rules in cases made by hand, and the same numbers as mpe2's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hub_envs.navigation import particles as world_of
from hypothesis import given, settings
from hypothesis import strategies as st

SIZES, STEP_SIZES = np.array([0.08, 0.10, 0.06, 0.08]), np.array([1.0, 0.9, 1.1, 1.0])
FAR = np.array([[5.0, 5.0], [5.0, 6.0], [6.0, 5.0]])

places = st.floats(-1.5, 1.5, allow_subnormal=False)
worlds = st.lists(st.tuples(places, places, places, places), min_size=4, max_size=4).map(np.array)


def at(*rows: tuple[float, float]) -> np.ndarray:
    """Return agents at rest at these places."""
    return np.array([(*row, 0.0, 0.0) for row in rows])


@pytest.mark.parametrize(("action", "axis", "sign"), [(1, 0, -1), (2, 0, 1), (3, 1, -1), (4, 1, 1)])
def test_an_action_pushes_by_the_agents_step_size(action: int, axis: int, sign: int) -> None:
    world = at((-1, 0), (0, 1), (1, 0), (0, -1))
    before = world.copy()
    world_of.step(world[None], np.full((1, 4), action), np.array([True]), (SIZES, STEP_SIZES), True)
    speed = sign * world_of.SENSITIVITY * STEP_SIZES * world_of.DT
    np.testing.assert_allclose(world[:, 2 + axis], speed)
    np.testing.assert_allclose(world[:, axis] - before[:, axis], speed * world_of.DT)
    np.testing.assert_array_equal(world[:, 3 - axis], 0)


def test_slots_that_wait_stay_as_they_are() -> None:
    batch = np.stack([at((0, 0), (1, 1), (0, 1), (1, 0))] * 2)
    before = batch.copy()
    world_of.step(batch, np.full((2, 4), 2), np.array([True, False]), (SIZES, STEP_SIZES), True)
    assert (batch[0] != before[0]).any()
    np.testing.assert_array_equal(batch[1], before[1])


def test_physics_of_mpe2_travel_at_the_speed_before_the_step() -> None:
    late = np.array([[0.0, 0.0, 1.0, 0.0]])
    early = late.copy()
    push = np.array([[3.0, 0.0]])
    world_of.move(late, push, False)
    world_of.move(early, push, True)
    np.testing.assert_allclose(late, [[0.1, 0, 1.05, 0]])
    np.testing.assert_allclose(early, [[0.105, 0, 1.05, 0]])


@pytest.mark.parametrize(
    ("world", "landmarks", "expected", "collisions", "reached"),
    [
        pytest.param(at((0, 0), (1, 0), (0, 2)), [[0, 1], *FAR[1:]], [-1, -(2**0.5), -1], [0, 0, 0], [0, 0, 0], id="distance alone"),
        pytest.param(at((0, 0), (1, 0), (0, 2)), [[0.05, 0], *FAR[1:]], [9.95, -0.95, -np.hypot(0.05, 2)], [0, 0, 0], [1, 0, 0], id="one"),
        pytest.param(at((0, 0), (1, 0), (0, 2)), [[0, 0], [1, 0], [0, 2]], [110, 110, 110], [0, 0, 0], [1, 1, 1], id="all"),
        pytest.param(at((0, 0), (0.17, 0), (0, 2)), [[0, 0], [0.17, 0], [0, 2]], [-10] * 3, [2, 2, 0], [1, 1, 1], id="a pair collides"),
        pytest.param(at((0, 0), (0.19, 0), (0.1, 0)), [[0, 0], [0.19, 0], [0.1, 0]], [-20] * 3, [2, 2, 4], [1, 1, 1], id="two pairs"),
        pytest.param(at((0, 0), (0.19, 0), (0, 2)), [[0, 0], [0.19, 0], [0, 2]], [110] * 3, [0, 0, 0], [1, 1, 1], id="side by side"),
    ],
)
def test_rewards(world: np.ndarray, landmarks: Any, expected: list[float], collisions: list[int], reached: list[int]) -> None:
    paid, pairs, near = world_of.score(world[None], np.array(landmarks, dtype=np.float64)[None], SIZES[:3], 3)
    np.testing.assert_allclose(paid[0], expected, atol=1e-12)
    np.testing.assert_array_equal(pairs[0], collisions)
    np.testing.assert_array_equal(near[0], reached)


def test_the_random_mover_counts_in_collisions_and_for_the_common_reward() -> None:
    landmarks = np.array([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    away, there, struck = at((0, 0), (1, 0), (0, 1), (-1, -1)), at((0, 0), (1, 0), (0, 1.08), (0, 0.92)), at((0, 0), (1, 0), (0, 1), (0, 1))
    np.testing.assert_allclose(world_of.score(away[None], landmarks, SIZES, 3)[0], [[10, 10, 10]])
    np.testing.assert_allclose(world_of.score(there[None], landmarks, SIZES, 3)[0], [[110, 110, 109.92]])
    np.testing.assert_allclose(world_of.score(struck[None], landmarks, SIZES, 3)[0], [[-10, -10, -10]])


# mpe2, the maintained form of the particle world


@pytest.fixture(scope="module")
def core() -> Any:
    pytest.importorskip("mpe2")
    from mpe2._mpe_utils import core

    return core


def theirs(core: Any, world: np.ndarray) -> Any:
    """Return mpe2's world in the state of ours."""
    built = core.World()
    for row, size in zip(world, SIZES, strict=True):
        agent = core.Agent()
        agent.size, agent.silent = size, True
        agent.state.p_pos, agent.state.p_vel, agent.action.u = row[:2].copy(), row[2:].copy(), np.zeros(2)
        built.agents.append(agent)
    return built


def shoved(world: Any, actions: np.ndarray) -> None:
    for agent, action, step_size in zip(world.agents, actions, STEP_SIZES, strict=True):
        agent.action.u = 5.0 * step_size * world_of.DIRECTIONS[action]


@settings(max_examples=60)
@given(world=worlds, actions=st.lists(st.integers(0, 4), min_size=4, max_size=4).map(np.array))
def test_forces_are_mpe2s(core: Any, world: np.ndarray, actions: np.ndarray) -> None:
    other = theirs(core, world)
    gaps = np.linalg.norm(world[:, None, :2] - world[None, :, :2], axis=2) + np.eye(4)
    if gaps.min() < 1e-6:  # there mpe2 divides by almost nothing
        return
    shoved(other, actions)
    expected = other.apply_environment_force(other.apply_action_force([None] * 4))
    np.testing.assert_allclose(world_of.forces(world, actions, SIZES, STEP_SIZES), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("speed_first", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_fifty_steps_are_mpe2s(core: Any, speed_first: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    world = np.concatenate([rng.uniform(-0.3, 0.3, (4, 2)), np.zeros((4, 2))], axis=1)
    other, touched = theirs(core, world), 0
    for _ in range(50):
        actions = rng.integers(5, size=4)
        shoved(other, actions)
        before = [agent.state.p_pos.copy() for agent in other.agents]
        other.step()
        if speed_first:  # the same world, but for the speed that agents travel at
            for agent, place in zip(other.agents, before, strict=True):
                agent.state.p_pos = place + agent.state.p_vel * other.dt
        world_of.step(world[None], actions[None], np.array([True]), (SIZES, STEP_SIZES), speed_first)
        expected = [np.concatenate([agent.state.p_pos, agent.state.p_vel]) for agent in other.agents]
        np.testing.assert_allclose(world, expected, rtol=0, atol=1e-9)
        touched += int(world_of.colliding_pairs(world, SIZES).any())
    assert touched, "nobody touched anybody; the test would show nothing of contacts"
