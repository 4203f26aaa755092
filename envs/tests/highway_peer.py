"""highway-env's own road holding the cars of a slot, so that both can be asked and played side by side; and states to ask about."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from highway_env.envs.common.observation import KinematicObservation
from highway_env.envs.highway_env import HighwayEnv
from highway_env.road.road import Road, RoadNetwork
from highway_env.vehicle.behavior import IDMVehicle
from highway_env.vehicle.controller import ControlledVehicle, MDPVehicle
from hub_envs.highway.motion import nearest_lane, turn
from hub_envs.highway.neighbours import sort_along
from hub_envs.highway.state import (
    ACCELERATION,
    CRASHED,
    EXPONENT,
    HEADING,
    IMPACT_X,
    IMPACT_Y,
    KIND,
    LANE,
    SPEED,
    STEERING,
    STRUCK,
    TARGET_LANE,
    TARGET_SPEED,
    TIMER,
    Traffic,
    X,
    Y,
    empty_traffic,
)

ACTIONS = ("LANE_LEFT", "IDLE", "LANE_RIGHT", "FASTER", "SLOWER")


class Normal(IDMVehicle):
    POLITENESS = 0.2


class _LengthsTwice(IDMVehicle):
    def desired_gap(self, ego_vehicle: Any, front_vehicle: Any = None, projected: bool = True) -> float:
        return super().desired_gap(ego_vehicle, front_vehicle, projected) + ego_vehicle.LENGTH / 2 + front_vehicle.LENGTH / 2


class Aggressive(_LengthsTwice):
    ACC_MAX, COMFORT_ACC_MAX, COMFORT_ACC_MIN = 9.0, 6.0, -9.0
    DISTANCE_WANTED, TIME_WANTED = 0.5, 1.2
    POLITENESS, LANE_CHANGE_MIN_ACC_GAIN, LANE_CHANGE_MAX_BRAKING_IMPOSED, LANE_CHANGE_DELAY = 0.0, 0.1, 9.0, 0.5

    def change_lane_policy(self) -> None:
        """As its parent, with half the distance when a change is given up."""
        wanted = self.target_lane_index
        if self.lane_index == wanted:
            super().change_lane_policy()
            return
        for other in self.road.vehicles:
            rival = other is not self and other.lane_index != wanted and other.target_lane_index == wanted
            if rival and 0 < 0.5 * self.lane_distance_to(other) < self.desired_gap(self, other):
                self.target_lane_index = self.lane_index
                return


class Defensive(_LengthsTwice):
    ACC_MAX, COMFORT_ACC_MAX, COMFORT_ACC_MIN = 5.0, 2.0, -4.0
    DISTANCE_WANTED, TIME_WANTED = 8.0 + 5.0, 1.8
    POLITENESS, LANE_CHANGE_MIN_ACC_GAIN, LANE_CHANGE_MAX_BRAKING_IMPOSED, LANE_CHANGE_DELAY = 0.5, 0.3, 2.0, 1.0


class _HoldingSpeed:
    """What the authors' package makes of a driver: it changes lanes, and holds its speed."""

    def act(self: Any, action: Any = None) -> None:
        if not self.crashed:
            self.change_lane_policy()
            ControlledVehicle.act(self)


class ReleasedAggressive(_HoldingSpeed, Aggressive):
    pass


class ReleasedDefensive(_HoldingSpeed, Defensive):
    pass


PAPER: tuple[Any, ...] = (MDPVehicle, Normal, Aggressive, Defensive)
RELEASED: tuple[Any, ...] = (MDPVehicle, Normal, ReleasedAggressive, ReleasedDefensive)
"""Who drives, by `KIND`."""


def peer_of(traffic: Traffic, lanes: int, *, drivers: tuple[Any, ...] = PAPER) -> Road:
    """Return highway-env's road with the cars of slot 0, in the order of their numbers."""
    road = Road(RoadNetwork.straight_road_network(lanes, speed_limit=30))
    numbers, labels = traffic.numbers[0], traffic.labels[0]
    for car in range(numbers.shape[1]):
        vehicle = drivers[labels[KIND, car]](road, numbers[[X, Y], car], float(numbers[HEADING, car]), float(numbers[SPEED, car]))
        vehicle.target_lane_index = ("0", "1", int(labels[TARGET_LANE, car]))
        vehicle.target_speed, vehicle.timer = float(numbers[TARGET_SPEED, car]), float(numbers[TIMER, car])
        vehicle.DELTA, vehicle.crashed = float(numbers[EXPONENT, car]), bool(labels[CRASHED, car])
        vehicle.action = {"steering": float(numbers[STEERING, car]), "acceleration": float(numbers[ACCELERATION, car])}
        vehicle.impact = numbers[[IMPACT_X, IMPACT_Y], car] if labels[STRUCK, car] else None
        road.vehicles.append(vehicle)
    return road


def second_of(road: Road, players: Any, actions: Any) -> None:
    """Play what the players decide and the second that follows, at 5 Hz."""
    for player, action in zip(players, actions, strict=True):
        if not road.vehicles[player].crashed:
            road.vehicles[player].act(ACTIONS[action])
    for _ in range(5):
        road.act()
        road.step(0.2)


def state_of(road: Road) -> Any:
    """Return x, y, heading and speed of every car, (4, cars)."""
    return np.array([(*vehicle.position, vehicle.heading, vehicle.speed) for vehicle in road.vehicles]).T


def seen_by(road: Road, player: int) -> Any:
    """Return what highway-env shows of the road with the paper's settings, (15, 5)."""
    watcher = KinematicObservation(
        SimpleNamespace(road=road, PERCEPTION_DISTANCE=200.0),
        features=["presence", "x", "y", "vx", "vy"],
        vehicles_count=15,
        features_range={"x": [-100, 100], "y": [-100, 100], "vx": [-20, 20], "vy": [-20, 20]},
    )
    watcher.observer_vehicle = road.vehicles[player]
    return watcher.observe()


def reward_of(road: Road, player: int) -> float:
    """Return what highway-env pays a player."""
    game = SimpleNamespace(road=road, vehicle=road.vehicles[player], config=HighwayEnv.default_config())
    game._rewards = lambda action: HighwayEnv._rewards(game, action)
    return float(HighwayEnv._reward(game, None))


def random_traffic(rng: np.random.Generator, cars: int, lanes: int, *, stretch: float = 150.0) -> Traffic:
    """Return one road on which much happens: level cars, cars between lanes and on their edges, wrecks, changes of lane under way."""
    traffic = empty_traffic(1, cars)
    numbers, labels = traffic.numbers[0], traffic.labels[0]
    places = rng.uniform(200, 200 + stretch, size=cars)
    numbers[X] = np.where(rng.random(cars) < 0.4, np.round(places, -1), places)
    offsets = rng.choice([0.0, 0.0, -3.0, 3.0, -1.0, 2.0], size=cars) + rng.choice([0.0, 1.0], size=cars) * rng.normal(0, 0.5, size=cars)
    numbers[Y] = 4.0 * rng.integers(lanes, size=cars) + offsets
    numbers[SPEED] = rng.choice([0.0, 0.5, 1.0, 20.0, -2.0], size=cars) + rng.choice([0.0, 1.0, 1.0], size=cars) * rng.uniform(
        0, 10, size=cars
    )
    numbers[TARGET_SPEED] = rng.choice([0.0, 20.0, 25.0, 30.0, rng.uniform(0, 30)], size=cars)
    numbers[TIMER], numbers[EXPONENT] = rng.uniform(0, 2, size=cars), rng.uniform(3, 4.5, size=cars)
    numbers[STEERING], numbers[ACCELERATION] = rng.uniform(-1, 1, size=cars), rng.uniform(-9, 9, size=cars)
    headings = rng.choice([0.0, 1.0], size=cars) * rng.normal(0, 0.2, size=cars)
    labels[KIND] = rng.integers(4, size=cars)
    labels[CRASHED] = rng.random(cars) < 0.15
    for car in range(cars):
        turn(numbers, car, headings[car])
        labels[LANE, car] = nearest_lane(numbers[Y, car], lanes)
    labels[TARGET_LANE] = np.clip(labels[LANE] + rng.choice([0, 0, 0, -1, 1], size=cars), 0, lanes - 1)
    sort_along(numbers, traffic.order[0])
    return traffic
