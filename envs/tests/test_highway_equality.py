"""The compiled road agrees with highway-env 1.12: function by function on random states, and over whole episodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hub_envs.highway.collisions import collide
from hub_envs.highway.drivers import PLAYER
from hub_envs.highway.idm import NOBODY, acceleration, free_acceleration
from hub_envs.highway.lanes import choose_lane, is_reachable, mobil
from hub_envs.highway.motion import move, speeding, steering
from hub_envs.highway.neighbours import AHEAD, BEHIND, find_neighbours, sort_along
from hub_envs.highway.scoring import observe, rewards
from hub_envs.highway.simulation import NO_ACTION, Rules, decide, drive, play
from hub_envs.highway.spawning import Spawn, spawn
from hub_envs.highway.state import (
    CRASHED,
    HEADING,
    IMPACT_X,
    IMPACT_Y,
    KIND,
    LANE,
    SPEED,
    STRUCK,
    TARGET_LANE,
    TARGET_SPEED,
    TIMER,
    X,
    Y,
    empty_traffic,
)

pytest.importorskip("highway_env")

from .highway_peer import ACTIONS, PAPER, RELEASED, peer_of, random_traffic, reward_of, second_of, seen_by, state_of

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
MOTION = [X, Y, HEADING, SPEED]
SEEDS = range(6)
LANES = 4
CARS = 25
RULES = Rules(LANES, released=False, autopilot=False, steps_per_second=5)


def _ask(seed: int, *, cars: int = CARS, stretch: float = 150.0) -> tuple[Any, Any, Any, Any]:
    traffic = random_traffic(np.random.default_rng(seed), cars, LANES, stretch=stretch)
    near = np.empty((2, LANES, cars), dtype=np.int64)
    find_neighbours(traffic.numbers[0], traffic.order[0], near)
    return traffic.numbers[0], traffic.labels[0], near, peer_of(traffic, LANES)


@pytest.mark.parametrize("seed", SEEDS)
def test_neighbours_are_the_same(seed: int) -> None:
    _, _, near, road = _ask(seed)
    for car, vehicle in enumerate(road.vehicles):
        for lane in range(LANES):
            theirs = road.neighbour_vehicles(vehicle, ("0", "1", lane))
            mine = near[AHEAD, lane, car], near[BEHIND, lane, car]
            assert [None if other == NOBODY else road.vehicles[other] for other in mine] == list(theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_idm_accelerates_alike(seed: int) -> None:
    numbers, labels, _, road = _ask(seed)
    rng = np.random.default_rng(seed)
    drivers = np.flatnonzero(labels[KIND] != PLAYER)
    for judge, (car, front) in zip(rng.choice(drivers, 200), rng.integers(CARS, size=(200, 2)), strict=True):
        ahead = NOBODY if rng.random() < 0.2 or front == car else int(front)
        theirs = road.vehicles[judge].acceleration(road.vehicles[car], None if ahead == NOBODY else road.vehicles[ahead])
        free = free_acceleration(numbers, labels, judge, car)
        np.testing.assert_allclose(acceleration(numbers, labels[KIND, judge], free, car, ahead), theirs, **CLOSE)
    assert free_acceleration(numbers, labels, drivers[0], NOBODY) == road.vehicles[drivers[0]].acceleration(None, road.vehicles[0])


def test_mobil_decides_alike() -> None:
    decisions = []
    for seed in range(20):
        numbers, labels, near, road = _ask(seed, stretch=400.0)
        for car, vehicle in enumerate(road.vehicles):
            for lane in range(max(labels[LANE, car] - 1, 0), min(labels[LANE, car] + 2, LANES)):
                assert is_reachable(numbers[Y, car], lane) == road.network.get_lane(("0", "1", lane)).is_reachable_from(
                    numbers[[X, Y], car]
                )
                if labels[KIND, car] != PLAYER and lane != labels[LANE, car]:
                    decisions.append(mobil(numbers, labels, near, car, lane))
                    assert decisions[-1] == vehicle.mobil(("0", "1", lane))
    assert len(decisions) > 500
    assert 50 < sum(decisions) < len(decisions) - 50


def test_changes_of_lane_begin_and_are_given_up_alike() -> None:
    begun = given_up = 0
    for seed in range(20):
        numbers, labels, near, road = _ask(seed, stretch=400.0)
        for car, vehicle in enumerate(road.vehicles):
            if labels[KIND, car] != PLAYER and not labels[CRASHED, car]:
                before = labels[TARGET_LANE, car]
                choose_lane(numbers, labels, near, car)
                vehicle.change_lane_policy()
                assert (labels[TARGET_LANE, car], numbers[TIMER, car]) == (vehicle.target_lane_index[2], vehicle.timer)
                begun += labels[TARGET_LANE, car] != before and before == labels[LANE, car]
                given_up += before not in (labels[TARGET_LANE, car], labels[LANE, car])
    assert begun > 20
    assert given_up > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_cars_steer_and_move_alike(seed: int) -> None:
    numbers, labels, near, road = _ask(seed)
    numbers[SPEED, 0], numbers[SPEED, 1] = 41.0, -41.0
    labels[STRUCK, 2], numbers[IMPACT_X, 2], numbers[IMPACT_Y, 2] = 1, 0.5, -0.25
    road.vehicles[0].speed, road.vehicles[1].speed, road.vehicles[2].impact = 41.0, -41.0, np.array([0.5, -0.25])
    for car, vehicle in enumerate(road.vehicles):
        for lane in range(LANES):
            np.testing.assert_allclose(steering(numbers, car, lane), vehicle.steering_control(("0", "1", lane)), **CLOSE)
        assert speeding(numbers, car) == vehicle.speed_control(vehicle.target_speed)
        if vehicle.crashed:
            drive(numbers, labels, near, car, RULES)
        move(numbers, labels, car, LANES, 0.2)
        vehicle.step(0.2)
    np.testing.assert_allclose(numbers[MOTION], state_of(road), **CLOSE)
    assert labels[LANE].tolist() == [vehicle.lane_index[2] for vehicle in road.vehicles]
    assert labels[CRASHED].tolist() == [vehicle.crashed for vehicle in road.vehicles]


def test_cars_collide_alike() -> None:
    touches = passes = 0
    for seed in range(80):
        numbers, labels, _, road = _ask(seed, cars=8, stretch=40.0)
        before = labels[CRASHED].copy()
        order = np.arange(8)
        sort_along(numbers, order)
        collide(numbers, labels, order, 0.2)
        for index, vehicle in enumerate(road.vehicles):
            for other in road.vehicles[index + 1 :]:
                vehicle.handle_collisions(other, 0.2)
        assert labels[CRASHED].tolist() == [vehicle.crashed for vehicle in road.vehicles]
        assert (labels[STRUCK] > 0).tolist() == [vehicle.impact is not None for vehicle in road.vehicles]
        for car in np.flatnonzero(labels[STRUCK]):
            np.testing.assert_allclose(numbers[[IMPACT_X, IMPACT_Y], car], road.vehicles[car].impact, rtol=1e-12, atol=1e-11)
        touches += (labels[CRASHED] > before).sum()
        passes += ((labels[STRUCK] == 0) & (before == 0)).sum()
    assert touches > 50
    assert passes > 50


@pytest.mark.parametrize("seed", SEEDS)
def test_players_decide_see_and_are_paid_alike(seed: int) -> None:
    traffic = random_traffic(np.random.default_rng(seed), CARS, LANES, stretch=450.0)
    numbers, labels = traffic.numbers[0], traffic.labels[0]
    players = np.flatnonzero(labels[KIND] == PLAYER)
    road = peer_of(traffic, LANES)
    rows, ids = np.zeros((1, len(players), 15, 5), np.float32), np.zeros((1, len(players), 15), np.int64)
    observe(traffic, players, np.ones((1, len(players)), dtype=np.bool_), rows, ids)
    for player, car in enumerate(players):
        np.testing.assert_array_equal(rows[0, player], seen_by(road, car).astype(np.float32))
    for action, name in enumerate(ACTIONS):
        decide(traffic, players, np.full((1, len(players)), action), LANES)
        earned = rewards(traffic, players, LANES)[0]
        for car, mine in zip(players, earned, strict=True):
            vehicle = road.vehicles[car]
            vehicle.act(name)
            assert (labels[TARGET_LANE, car], numbers[TARGET_SPEED, car]) == (vehicle.target_lane_index[2], vehicle.target_speed)
            assert mine == pytest.approx(reward_of(road, car), rel=1e-12, abs=1e-12)


SMALL = Spawn(players=3, vehicles=12, lanes=3, density=1.5, mix=(0.3, 0.3))
FULL = Spawn(players=5, vehicles=50, lanes=8, density=1.0, mix=(0.3, 0.3))


class Pair:
    """A road and its peer, played side by side with random actions."""

    def __init__(self, seed: int, how: Spawn, *, released: bool = False) -> None:
        self.how, self.rng, self.players = how, np.random.default_rng(seed), how.player_cars()
        self.rules = Rules(how.lanes, released, autopilot=False, steps_per_second=5)
        self.traffic = empty_traffic(1, how.cars)
        spawn(self.traffic, 0, how, self.rng)
        self.numbers, self.labels = self.traffic.numbers[0], self.traffic.labels[0]
        self.meet()

    def meet(self) -> None:
        """Give the peer this road's state."""
        self.road = peer_of(self.traffic, self.how.lanes, drivers=RELEASED if self.rules.released else PAPER)

    def second(self, tolerance: float) -> None:
        actions = self.rng.integers(5, size=self.how.players)
        chosen = np.where(self.labels[CRASHED, self.players] == 1, NO_ACTION, actions)
        play(self.traffic, self.players, chosen[None], np.ones(1, dtype=np.bool_), self.rules)
        second_of(self.road, self.players, actions)
        np.testing.assert_allclose(self.numbers[MOTION], state_of(self.road), rtol=0, atol=tolerance)
        assert self.labels[CRASHED].tolist() == [vehicle.crashed for vehicle in self.road.vehicles]
        assert self.labels[TARGET_LANE].tolist() == [vehicle.target_lane_index[2] for vehicle in self.road.vehicles]


@pytest.mark.parametrize(
    ("seed", "released", "how"),
    [(1, False, SMALL), (3, False, SMALL), (1, True, SMALL), (6, True, SMALL), (0, False, FULL)],
)
def test_twenty_seconds_pass_alike(seed: int, released: bool, how: Spawn) -> None:
    pair = Pair(seed, how, released=released)
    for _ in range(20):
        pair.second(1e-6)
    assert pair.labels[CRASHED].sum() >= 2


def test_drivers_who_come_to_stand_act_alike() -> None:
    """Around zero speed the steering makes rounding errors grow a millionfold a second, so that only single seconds can be compared."""
    pair = Pair(2, SMALL)
    for _ in range(30):
        pair.meet()
        pair.second(1e-6)
    standing = (abs(pair.numbers[SPEED]) < 0.5) & (pair.labels[CRASHED] == 0)
    assert standing.any()
