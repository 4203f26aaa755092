"""The pieces of which a second of traffic is made, each against its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hub_envs.highway.collisions import NO_CRASH, OTHER_LANE_CHANGE, OWN_LANE_CHANGE, REAR_END, STRUCK_FROM_BEHIND
from hub_envs.highway.drivers import AGGRESSIVE, DEFENSIVE, NORMAL, PLAYER
from hub_envs.highway.idm import NOBODY
from hub_envs.highway.neighbours import AHEAD, BEHIND, find_neighbours, sort_along
from hub_envs.highway.scoring import ROWS, look_around, overview, rewards
from hub_envs.highway.simulation import NO_ACTION, Rules, play
from hub_envs.highway.spawning import Spawn, parse_mix, spawn
from hub_envs.highway.state import (
    CAUSE,
    COS,
    CRASHED,
    EXPONENT,
    KIND,
    LANE,
    SPEED,
    TARGET_LANE,
    TARGET_SPEED,
    TIMER,
    Traffic,
    X,
    Y,
    empty_traffic,
)
from hypothesis import given, settings
from hypothesis import strategies as st

RULES = Rules(8, released=False, autopilot=False, steps_per_second=5)
PLACES = st.lists(
    st.tuples(st.sampled_from([0.0, 3.0, 7.0, 7.5]) | st.floats(0, 400), st.sampled_from([0.0, 3.0, 1.0]) | st.floats(-3, 11)),
    min_size=1,
    max_size=25,
)
"""Where cars are, (x, y); some are level, some on a lane's edge."""


def road(*cars: tuple[float, int, float]) -> Traffic:
    """Return one road with players' cars, each (x, lane, speed)."""
    traffic = empty_traffic(1, len(cars))
    numbers, labels = traffic.numbers[0], traffic.labels[0]
    numbers[X], labels[LANE], numbers[SPEED] = np.array(cars).T
    numbers[Y], labels[TARGET_LANE], numbers[TARGET_SPEED], numbers[COS] = 4.0 * labels[LANE], labels[LANE], numbers[SPEED], 1.0
    sort_along(numbers, traffic.order[0])
    return traffic


def drive_on(traffic: Traffic, rules: Rules = RULES) -> None:
    players = np.arange(traffic.order.shape[1])
    play(traffic, players, np.full((1, len(players)), NO_ACTION), np.ones(1, dtype=np.bool_), rules)


def placed(places: list[tuple[float, float]]) -> np.ndarray:
    traffic = empty_traffic(1, len(places))
    traffic.numbers[0, [X, Y]] = np.array(places).T
    return traffic.numbers[0]


# spawning


@settings(max_examples=40)
@given(
    players=st.integers(1, 6),
    vehicles=st.integers(0, 40),
    lanes=st.integers(1, 10),
    density=st.floats(0.2, 4),
    shares=st.sampled_from([(0.1, 0.1), (0.3, 0.3), (0.5, 0.0), (0.0, 1.0)]),
    seed=st.integers(0, 2**32),
)
def test_cars_start_one_ahead_of_the_other(
    players: int, vehicles: int, lanes: int, density: float, shares: tuple[float, float], seed: int
) -> None:
    how = Spawn(players=players, vehicles=vehicles, lanes=lanes, density=density, mix=shares)
    traffic, rng = empty_traffic(2, how.cars), np.random.default_rng(seed)
    outside = np.random.get_state()[1].copy()
    spawn(traffic, 1, how, rng)
    np.testing.assert_array_equal(np.random.get_state()[1], outside)
    assert not traffic.numbers[0].any()
    numbers, labels, mine = traffic.numbers[1], traffic.labels[1], how.player_cars()
    others = np.setdiff1d(np.arange(how.cars), mine)
    assert (labels[KIND, mine] == PLAYER).all()
    assert np.isin(labels[KIND, others], [NORMAL, *np.flatnonzero([0, 0, *shares])]).all()
    assert (numbers[SPEED, mine] == 25).all()
    assert ((numbers[SPEED, others] >= 21) & (numbers[SPEED, others] <= 24)).all()
    assert ((labels[LANE] >= 0) & (labels[LANE] < lanes)).all()
    np.testing.assert_array_equal(numbers[Y], 4.0 * labels[TARGET_LANE])
    np.testing.assert_array_equal(numbers[TARGET_SPEED], numbers[SPEED])
    spacing = np.where(labels[KIND] == PLAYER, 2.0, 1 / density) * (12 + numbers[SPEED]) * math.exp(-lanes / 8)
    steps = np.diff(numbers[X], prepend=3 * spacing[0]) / spacing
    assert ((steps > 0.9 - 1e-9) & (steps < 1.1 + 1e-9)).all()
    periods = np.where(labels[KIND] == AGGRESSIVE, 0.5, 1.0)
    np.testing.assert_allclose(numbers[TIMER], (numbers[X] + numbers[Y]) * math.pi % periods)
    bounds = {PLAYER: (4, 4), NORMAL: (3.5, 4.5), AGGRESSIVE: (4, 4), DEFENSIVE: (3, 4)}
    assert all(bounds[kind][0] <= exponent <= bounds[kind][1] for kind, exponent in zip(labels[KIND], numbers[EXPONENT], strict=True))


@pytest.mark.parametrize(
    ("mix", "shares"), [("mild", (0.1, 0.1)), ("chaotic", (0.3, 0.3)), ("aggressive", (0.5, 0)), ([0.2, 0.7], (0.2, 0.7))]
)
def test_drivers_are_drawn_from_the_mix(mix: str | list[float], shares: tuple[float, float]) -> None:
    assert parse_mix(mix) == shares
    how = Spawn(players=1, vehicles=8000, lanes=8, density=1.0, mix=parse_mix(mix))
    traffic = empty_traffic(1, how.cars)
    spawn(traffic, 0, how, np.random.default_rng(3))
    counts = np.bincount(traffic.labels[0, KIND], minlength=4)[1:] / 8000
    np.testing.assert_allclose(counts, [1 - sum(shares), *shares], atol=0.02)  # more than three standard errors


def test_groups_are_even_and_the_first_ones_get_what_is_left() -> None:
    how = Spawn(players=3, vehicles=8, lanes=2, density=1.0, mix=(0.0, 0.0))
    assert how.player_cars().tolist() == [0, 4, 8]
    assert how.cars == 11


# looking around


@settings(max_examples=200)
@given(places=PLACES, seed=st.integers(0, 9))
def test_cars_are_sorted_along_the_road_whatever_the_order_was(places: list[tuple[float, float]], seed: int) -> None:
    numbers, order = placed(places), np.random.default_rng(seed).permutation(len(places))
    sort_along(numbers, order)
    assert order.tolist() == sorted(range(len(places)), key=lambda car: (places[car][0], car))


@settings(max_examples=200)
@given(places=PLACES)
def test_neighbours_are_the_nearest_on_the_lane(places: list[tuple[float, float]]) -> None:
    numbers, order, near = placed(places), np.arange(len(places)), np.empty((2, 3, len(places)), dtype=np.int64)
    sort_along(numbers, order)
    find_neighbours(numbers, order, near)
    for lane in range(3):
        on = [car for car, (_, y) in enumerate(places) if abs(y - 4 * lane) <= 3]
        for me, (x, _) in enumerate(places):
            ahead = [car for car in on if car != me and places[car][0] >= x]
            behind = [car for car in on if places[car][0] < x]
            assert near[AHEAD, lane, me] == min(ahead, key=lambda car: (places[car][0], -car), default=NOBODY)
            assert near[BEHIND, lane, me] == min(behind, key=lambda car: (-places[car][0], car), default=NOBODY)


@settings(max_examples=200)
@given(places=PLACES, me=st.integers(0, 24))
def test_a_car_sees_the_nearest_in_sight(places: list[tuple[float, float]], me: int) -> None:
    me %= len(places)
    numbers, seen = placed(places), np.zeros(ROWS, dtype=np.int64)
    count = look_around(numbers, me, seen)
    apart = {car: (x - places[me][0], y - places[me][1]) for car, (x, y) in enumerate(places) if car != me}
    visible = [car for car, (dx, dy) in apart.items() if dx > -10 and math.sqrt(dx * dx + dy * dy) < 200]
    nearest = sorted(visible, key=lambda car: abs(apart[car][0]))[: ROWS - 1]
    assert seen.tolist() == [car + 1 for car in [me, *nearest]] + [0] * (ROWS - 1 - len(nearest))
    assert count == 1 + len(nearest)


# scoring


@pytest.mark.parametrize(
    ("lane", "speed", "crashed", "y", "expected"),
    [
        (0, 20, 0, 0, 1 / 1.5),
        (7, 30, 0, 28, 1.0),
        (7, 35, 0, 28, 1.0),
        (7, 10, 0, 28, 1.1 / 1.5),
        (3, 25, 0, 12, (1 + 0.3 / 7 + 0.2) / 1.5),
        (3, 25, 1, 12, (0.3 / 7 + 0.2) / 1.5),
        (0, 25, 0, -2.5, 0.0),  # off the road
    ],
)
def test_reward_by_hand(lane: int, speed: float, crashed: int, y: float, expected: float) -> None:
    traffic = road((100, lane, speed))
    traffic.numbers[0, Y], traffic.labels[0, CRASHED] = y, crashed
    assert rewards(traffic, np.array([0]), 8) == pytest.approx(np.array([[expected]]))


def test_the_overview_is_every_car() -> None:
    seen = overview(road((100, 1, 20), (150, 2, 25)))
    np.testing.assert_array_equal(seen, np.array([[[1, 100, 4, 20, 0], [1, 150, 8, 25, 0]]], dtype=np.float32))


# driving


def test_a_car_that_is_alone_drives_on_and_what_a_lane_change_takes_is_a_few_seconds() -> None:
    traffic = road((100, 3, 25))
    drive_on(traffic)
    np.testing.assert_allclose(traffic.numbers[0, [X, Y, SPEED], 0], [125, 12, 25])
    traffic.labels[0, TARGET_LANE] = 4
    for _ in range(6):
        drive_on(traffic)
    assert abs(traffic.numbers[0, Y, 0] - 16) < 0.01
    assert traffic.labels[0, LANE, 0] == 4


def test_who_runs_into_the_car_ahead_has_a_rear_end_crash() -> None:
    traffic = road((100, 3, 25), (120, 3, 5), (120, 6, 5))
    drive_on(traffic)
    assert traffic.labels[0, CRASHED].tolist() == [1, 1, 0]
    assert traffic.labels[0, CAUSE].tolist() == [REAR_END, STRUCK_FROM_BEHIND, NO_CRASH]
    for _ in range(10):
        drive_on(traffic)
    np.testing.assert_allclose(traffic.numbers[0, SPEED, :2], 0, atol=0.01)


def test_who_changes_lanes_into_another_has_the_crash_of_its_own_change() -> None:
    traffic = road((100, 3, 25), (101, 4, 25))
    traffic.labels[0, TARGET_LANE, 0] = 4
    for _ in range(3):
        drive_on(traffic)
    assert traffic.labels[0, CRASHED].tolist() == [1, 1]
    assert traffic.labels[0, CAUSE].tolist() == [OWN_LANE_CHANGE, OTHER_LANE_CHANGE]


def test_slots_that_do_not_play_keep_their_state() -> None:
    traffic = empty_traffic(2, 6)
    for slot in range(2):
        spawn(traffic, slot, Spawn(players=2, vehicles=4, lanes=8, density=1.0, mix=(0.3, 0.3)), np.random.default_rng(slot))
    before = traffic.numbers.copy()
    play(traffic, np.array([0, 3]), np.array([[2, 3], [NO_ACTION, NO_ACTION]]), np.array([True, False]), RULES)
    np.testing.assert_array_equal(traffic.numbers[1], before[1])
    assert (traffic.numbers[0, X] > before[0, X]).all()
    assert traffic.steps.tolist() == [5, 0]


@pytest.mark.parametrize("released", [False, True])
def test_only_released_drivers_hold_their_speed_behind_a_slow_car(released: bool) -> None:
    traffic = road((100, 0, 22), (122, 0, 10), (100, 4, 22), (122, 4, 10))
    traffic.labels[0, KIND], traffic.numbers[0, EXPONENT] = [AGGRESSIVE, PLAYER, DEFENSIVE, PLAYER], 4.0
    drive_on(traffic, Rules(8, released, autopilot=False, steps_per_second=5))
    assert (traffic.numbers[0, SPEED, [0, 2]] == 22).all() == released
    assert released or (traffic.numbers[0, SPEED, [0, 2]] < 18).all()
