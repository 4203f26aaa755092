"""How cars move: the controllers of steering and speed, and the bicycle model, as highway-env computes them."""

from __future__ import annotations

import math

from hub_envs.compiled import compiled
from hub_envs.highway.idm import not_zero
from hub_envs.highway.neighbours import CAR_LENGTH, LANE_WIDTH
from hub_envs.highway.state import (
    ACCELERATION,
    COS,
    CRASHED,
    HEADING,
    IMPACT_X,
    IMPACT_Y,
    LANE,
    SIN,
    SPEED,
    STEERING,
    STRUCK,
    TARGET_SPEED,
    TIMER,
    Floats,
    Ints,
    X,
    Y,
)

FASTEST = 40.0
"""m/s."""
_TAU_SPEED, _TAU_HEADING, _TAU_LATERAL = 0.6, 0.2, 0.6
"""Time constants of the controllers (s)."""
_STEEPEST_HEADING, _STEEPEST_STEERING = math.pi / 4, math.pi / 3
"""rad."""


@compiled
def within(value: float, low: float, high: float) -> float:
    """Return `value`, at least `low` and at most `high`."""
    return max(low, min(high, value))


@compiled
def steering(numbers: Floats, car: int, lane: int) -> float:
    """Return the steering angle (rad) that leads a car to the centre of a lane: offset to heading to heading rate to angle."""
    offset, heading = numbers[Y, car] - LANE_WIDTH * lane, numbers[HEADING, car]
    if offset == 0.0 and heading == 0.0:  # most cars, most of the time
        return 0.0
    speed = not_zero(numbers[SPEED, car])
    wanted = math.asin(within(-(1 / _TAU_LATERAL) * offset / speed, -1.0, 1.0))
    error = within(wanted, -_STEEPEST_HEADING, _STEEPEST_HEADING) - heading
    rate = 1 / _TAU_HEADING * ((error + math.pi) % (2 * math.pi) - math.pi)
    slip = math.asin(within(CAR_LENGTH / 2 / speed * rate, -1.0, 1.0))
    return within(math.atan(2 * math.tan(slip)), -_STEEPEST_STEERING, _STEEPEST_STEERING)


@compiled
def speeding(numbers: Floats, car: int) -> float:
    """Return the acceleration (m/s2) that leads a car to its target speed."""
    return float((1 / _TAU_SPEED) * (numbers[TARGET_SPEED, car] - numbers[SPEED, car]))


@compiled
def move(numbers: Floats, labels: Ints, car: int, lanes: int, dt: float) -> None:
    """Move a car by its commands for `dt` seconds, and by what a collision has left."""
    heading, speed, pull = numbers[HEADING, car], numbers[SPEED, car], numbers[ACCELERATION, car]
    slip = math.atan(1 / 2 * math.tan(numbers[STEERING, car]))
    if slip == 0.0:
        numbers[X, car] += speed * numbers[COS, car] * dt
        numbers[Y, car] += speed * numbers[SIN, car] * dt
    else:
        numbers[X, car] += speed * math.cos(heading + slip) * dt
        numbers[Y, car] += speed * math.sin(heading + slip) * dt
        turn(numbers, car, heading + speed * math.sin(slip) / (CAR_LENGTH / 2) * dt)
    if labels[STRUCK, car]:
        numbers[X, car] += numbers[IMPACT_X, car]
        numbers[Y, car] += numbers[IMPACT_Y, car]
        labels[CRASHED, car], labels[STRUCK, car] = 1, 0
    if speed > FASTEST:
        pull = min(pull, FASTEST - speed)
    elif speed < -FASTEST:
        pull = max(pull, -FASTEST - speed)
    numbers[SPEED, car] = speed + pull * dt
    numbers[TIMER, car] += dt
    labels[LANE, car] = nearest_lane(numbers[Y, car], lanes)


@compiled
def turn(numbers: Floats, car: int, heading: float) -> None:
    """Give a car a heading (rad)."""
    numbers[HEADING, car], numbers[COS, car], numbers[SIN, car] = heading, math.cos(heading), math.sin(heading)


@compiled
def nearest_lane(y: float, lanes: int) -> int:
    """Return the lane whose centre is nearest; the left one halfway between two."""
    return max(0, min(lanes - 1, math.ceil(y / LANE_WIDTH - 0.5)))
