"""One decision of the players and the second of traffic that follows, in each slot."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hub_envs.compiled import compiled
from hub_envs.highway.collisions import collide
from hub_envs.highway.drivers import DRIVERS, LARGEST, NORMAL, PLAYER
from hub_envs.highway.idm import acceleration
from hub_envs.highway.lanes import choose_lane, is_reachable
from hub_envs.highway.motion import move, speed_level, speeding, steering, within
from hub_envs.highway.neighbours import neighbours, sort_along
from hub_envs.highway.state import (
    ACCELERATION,
    CRASHED,
    KIND,
    LANE,
    SPEED,
    STEERING,
    TARGET_LANE,
    TARGET_SPEED,
    Floats,
    Ints,
    Traffic,
)

SIMULATIONS_PER_SECOND = 5
LEFT, IDLE, RIGHT, FASTER, SLOWER = range(5)
"""Actions."""
TARGET_SPEEDS = np.array([20.0, 25.0, 30.0])
"""What FASTER and SLOWER choose from (m/s)."""


class Rules(NamedTuple):
    """What does not change within an environment.

    Attributes:
        lanes: how many.
        released: whether aggressive and defensive drivers hold their speed whatever is ahead, as in the authors' package.
        autopilot: whether players' cars drive themselves, like normal drivers.
        steps_per_second: simulated steps for each decision.
    """

    lanes: int
    released: bool
    autopilot: bool
    steps_per_second: int


@compiled
def decide(numbers: Floats, labels: Ints, car: int, action: int, lanes: int) -> None:
    """Carry out a player's action: another lane to steer to, or another speed to keep."""
    if action in (LEFT, RIGHT):
        lane = int(within(labels[TARGET_LANE, car] + (1 if action == RIGHT else -1), 0, lanes - 1))
        if is_reachable(numbers, car, lane):
            labels[TARGET_LANE, car] = lane
    elif action in (FASTER, SLOWER):
        level = speed_level(numbers[SPEED, car], TARGET_SPEEDS) + (1 if action == FASTER else -1)
        numbers[TARGET_SPEED, car] = TARGET_SPEEDS[int(within(level, 0, len(TARGET_SPEEDS) - 1))]


@compiled
def drive(numbers: Floats, labels: Ints, order: Ints, place: int, rules: Rules) -> None:
    """Let the driver at `place` of `order` choose a lane, an acceleration and a steering angle."""
    car = order[place]
    kind = labels[KIND, car]
    if labels[CRASHED, car] or (kind == PLAYER and not rules.autopilot):
        pull = speeding(numbers, car)
    else:
        choose_lane(numbers, labels, order, place, rules.lanes)
        if rules.released and kind > NORMAL:
            pull = speeding(numbers, car)
        else:
            pull = _follow(numbers, labels, order, place)
    numbers[STEERING, car] = steering(numbers, car, labels[TARGET_LANE, car])
    numbers[ACCELERATION, car] = pull


@compiled
def _follow(numbers: Floats, labels: Ints, order: Ints, place: int) -> float:
    """Return IDM's acceleration behind the leader, the lower one of two lanes while the car is changing."""
    car = order[place]
    front, _ = neighbours(numbers, order, place, labels[LANE, car])
    pull = acceleration(numbers, labels, car, car, front)
    if labels[LANE, car] != labels[TARGET_LANE, car]:
        front, _ = neighbours(numbers, order, place, labels[TARGET_LANE, car])
        pull = min(pull, acceleration(numbers, labels, car, car, front))
    bound = DRIVERS[labels[KIND, car], LARGEST]
    return within(pull, -bound, bound)


@compiled
def simulate(numbers: Floats, labels: Ints, order: Ints, places: Ints, rules: Rules) -> None:
    """Simulate one step of all cars: everyone decides in order of the numbers, then all move, then collisions are looked for."""
    dt = 1 / rules.steps_per_second
    for place in range(len(order)):
        places[order[place]] = place
    for car in range(len(order)):
        drive(numbers, labels, order, places[car], rules)
    for car in range(len(order)):
        move(numbers, labels, car, rules.lanes, dt)
    sort_along(numbers, order)
    collide(numbers, labels, order, dt)


@compiled
def play(traffic: Traffic, players: Ints, actions: Ints, playing: np.ndarray, rules: Rules) -> None:
    """Play one second in the slots of `playing` (n,).

    Args:
        traffic: changed in place.
        players: (players,), the cars they drive.
        actions: (n, players); -1 for one that drives on as before.
        playing: (n,) bool.
        rules: see `Rules`.
    """
    places = np.empty(traffic.order.shape[1], np.int64)
    for slot in range(len(playing)):
        if playing[slot]:
            numbers, labels, order = traffic.numbers[slot], traffic.labels[slot], traffic.order[slot]
            for player in range(len(players)):
                decide(numbers, labels, players[player], actions[slot, player], rules.lanes)
            for _ in range(rules.steps_per_second):
                simulate(numbers, labels, order, places, rules)
                traffic.steps[slot] += 1
