"""One decision of the players and the second of traffic that follows, in each slot."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_envs.compiled import compiled
from hub_envs.highway.collisions import collide
from hub_envs.highway.drivers import DRIVERS, LARGEST, NORMAL, PLAYER
from hub_envs.highway.idm import acceleration, free_acceleration
from hub_envs.highway.lanes import choose_lane, is_reachable
from hub_envs.highway.motion import move, speeding, steering, within
from hub_envs.highway.neighbours import AHEAD, find_neighbours, sort_along
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
    Y,
)

SIMULATIONS_PER_SECOND = 5
LEFT, IDLE, RIGHT, FASTER, SLOWER = range(5)
"""Actions."""
NO_ACTION = -1
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


def decide(traffic: Traffic, players: Ints, actions: Ints, lanes: int) -> None:
    """Carry out players' actions (n, players): another lane to steer to, or another speed to keep; `NO_ACTION` changes nothing."""
    numbers, labels = traffic.numbers[:, :, players], traffic.labels[:, :, players]
    lane = np.clip(labels[:, TARGET_LANE] + (actions == RIGHT) - (actions == LEFT), 0, lanes - 1)
    traffic.labels[:, TARGET_LANE, players] = np.where(is_reachable(numbers[:, Y], lane), lane, labels[:, TARGET_LANE])
    slowest, fastest, most = TARGET_SPEEDS[0], TARGET_SPEEDS[-1], len(TARGET_SPEEDS) - 1
    nearest = np.clip(np.round((numbers[:, SPEED] - slowest) / (fastest - slowest) * most), 0, most).astype(np.int64)
    level = np.clip(nearest + (actions == FASTER) - (actions == SLOWER), 0, most)
    chosen = (actions == FASTER) | (actions == SLOWER)
    traffic.numbers[:, TARGET_SPEED, players] = np.where(chosen, TARGET_SPEEDS[level], numbers[:, TARGET_SPEED])


@compiled
def drive(numbers: Floats, labels: Ints, near: Ints, car: int, rules: Rules) -> None:
    """Let a driver choose a lane, a steering angle and an acceleration; a wreck rolls out."""
    if labels[CRASHED, car]:
        numbers[STEERING, car], numbers[ACCELERATION, car] = 0.0, -numbers[SPEED, car]
        return
    kind = labels[KIND, car]
    drives_itself = kind != PLAYER or rules.autopilot
    if drives_itself:
        choose_lane(numbers, labels, near, car)
    if drives_itself and not (rules.released and kind > NORMAL):
        numbers[ACCELERATION, car] = _follow(numbers, labels, near, car)
    else:
        numbers[ACCELERATION, car] = speeding(numbers, car)
    numbers[STEERING, car] = steering(numbers, car, labels[TARGET_LANE, car])


@compiled
def _follow(numbers: Floats, labels: Ints, near: Ints, car: int) -> float:
    """Return IDM's acceleration behind the leader, the lower one of two lanes while the car is changing."""
    kind, lane, wanted = labels[KIND, car], labels[LANE, car], labels[TARGET_LANE, car]
    free = free_acceleration(numbers, labels, car, car)
    pull = acceleration(numbers, kind, free, car, near[AHEAD, lane, car])
    if lane != wanted:
        pull = min(pull, acceleration(numbers, kind, free, car, near[AHEAD, wanted, car]))
    return within(pull, -DRIVERS[kind, LARGEST], DRIVERS[kind, LARGEST])


@compiled
def simulate(numbers: Floats, labels: Ints, order: Ints, near: Ints, rules: Rules) -> None:
    """Simulate one step of all cars: everyone decides in order of the numbers, then all move, then collisions are looked for."""
    dt = 1 / rules.steps_per_second
    find_neighbours(numbers, order, near)
    for car in range(len(order)):
        drive(numbers, labels, near, car, rules)
    for car in range(len(order)):
        move(numbers, labels, car, rules.lanes, dt)
    sort_along(numbers, order)
    collide(numbers, labels, order, dt)


@compiled
def _simulate_second(traffic: Traffic, playing: NDArray[np.bool_], near: Ints, rules: Rules) -> None:
    for slot in range(len(playing)):
        if playing[slot]:
            for _ in range(rules.steps_per_second):
                simulate(traffic.numbers[slot], traffic.labels[slot], traffic.order[slot], near, rules)
            traffic.steps[slot] += rules.steps_per_second


def play(traffic: Traffic, players: Ints, actions: Ints, playing: NDArray[np.bool_], rules: Rules) -> None:
    """Play one second in the slots of `playing` (n,).

    Args:
        traffic: changed in place.
        players: (players,), the cars they drive.
        actions: (n, players); `NO_ACTION` for one that drives on as before, as all do in slots that do not play.
        playing: (n,) bool.
        rules: see `Rules`.
    """
    decide(traffic, players, actions, rules.lanes)
    near = np.empty((2, rules.lanes, traffic.order.shape[1]), dtype=np.int64)
    _simulate_second(traffic, playing, near, rules)
