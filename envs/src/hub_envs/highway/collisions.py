"""Collisions: a separating-axis test of two cars over one step, as highway-env makes it, and what an agent's crash came from."""

from __future__ import annotations

import math

from hub_envs.compiled import compiled
from hub_envs.highway.motion import FASTEST
from hub_envs.highway.neighbours import CAR_LENGTH, CAR_WIDTH, LANE_WIDTH
from hub_envs.highway.state import (
    CAUSE,
    COS,
    CRASHED,
    IMPACT_X,
    IMPACT_Y,
    LANE,
    SIN,
    SPEED,
    STRUCK,
    TARGET_LANE,
    Floats,
    Ints,
    X,
    Y,
)

CAUSES = 5
NO_CRASH, REAR_END, STRUCK_FROM_BEHIND, OWN_LANE_CHANGE, OTHER_LANE_CHANGE = range(CAUSES)
"""What a crash came from, in this order of precedence: the car was changing lanes itself; the other was; it ran into the one ahead; it was
run into."""

_DIAGONAL = math.sqrt(CAR_LENGTH**2 + CAR_WIDTH**2)
_ARRIVED = 1.0
"""A car this near (m) to the centre of the lane it steers to is not changing lanes any more."""


@compiled
def collide(numbers: Floats, labels: Ints, order: Ints, dt: float) -> None:
    """Mark the cars that touch, or will in the next `dt` seconds.

    Of several shifts that a car gets from others the last in order of their numbers stays, as in highway-env; so pairs are taken in order
    of the numbers where a car has more than one.
    """
    reach = _DIAGONAL + FASTEST * dt
    for place in range(len(order)):
        car = order[place]
        for further in range(place + 1, len(order)):
            other = order[further]
            if numbers[X, other] - numbers[X, car] > reach:
                break
            if abs(numbers[Y, other] - numbers[Y, car]) < _DIAGONAL + CAR_WIDTH and _may_touch(
                numbers, min(car, other), max(car, other), dt
            ):
                _collide_in_order(numbers, labels, order, dt)
                return


@compiled
def _collide_in_order(numbers: Floats, labels: Ints, order: Ints, dt: float) -> None:
    cars = len(order)
    for first in range(cars):
        for second in range(first + 1, cars):
            if _may_touch(numbers, first, second, dt):
                _meet(numbers, labels, first, second, dt)


@compiled
def _may_touch(numbers: Floats, first: int, second: int, dt: float) -> bool:
    """Say whether two cars are near enough to look closer: by distance, then across the first one."""
    dx, dy = numbers[X, second] - numbers[X, first], numbers[Y, second] - numbers[Y, first]
    if abs(dx) > _DIAGONAL + FASTEST * dt or math.sqrt(dx * dx + dy * dy) > _DIAGONAL + numbers[SPEED, first] * dt:
        return False
    apart, drift, reach = _along_axis(numbers, first, second, -numbers[SIN, first], numbers[COS, first])
    return abs(apart) <= reach or _least_gap(apart, drift * dt) <= reach


@compiled
def _meet(numbers: Floats, labels: Ints, first: int, second: int, dt: float) -> None:
    """Test two cars on the four axes of their edges, and part them along the one where they overlap least."""
    touch, will_touch, least, away_x, away_y = True, True, math.inf, 0.0, 0.0
    for axis in range(4):
        car = first if axis < 2 else second
        axis_x, axis_y = numbers[COS, car], numbers[SIN, car]
        if axis % 2 == 1:
            axis_x, axis_y = -axis_y, axis_x
        apart, drift, reach = _along_axis(numbers, first, second, axis_x, axis_y)
        overlap = reach - _least_gap(apart, drift * dt)
        touch, will_touch = touch and abs(apart) <= reach, will_touch and overlap >= 0
        if not touch and not will_touch:
            return
        if abs(overlap) < least:
            side = 1.0 if apart > 0 else -1.0
            least, away_x, away_y = abs(overlap), side * axis_x, side * axis_y
    _blame(numbers, labels, first, second)
    if will_touch:
        numbers[IMPACT_X, first], numbers[IMPACT_Y, first] = least * away_x / 2, least * away_y / 2
        numbers[IMPACT_X, second], numbers[IMPACT_Y, second] = -least * away_x / 2, -least * away_y / 2
        labels[STRUCK, first] = labels[STRUCK, second] = 1
    if touch:
        labels[CRASHED, first] = labels[CRASHED, second] = 1


@compiled
def _along_axis(numbers: Floats, first: int, second: int, axis_x: float, axis_y: float) -> tuple[float, float, float]:
    """Return how far the first car's centre is from the second's along an axis (m), how fast it goes on (m/s), and half of both widths."""
    apart = (numbers[X, first] - numbers[X, second]) * axis_x + (numbers[Y, first] - numbers[Y, second]) * axis_y
    drift, reach, sign = 0.0, 0.0, 1.0
    for car in (first, second):
        along = numbers[COS, car] * axis_x + numbers[SIN, car] * axis_y
        across = numbers[COS, car] * axis_y - numbers[SIN, car] * axis_x
        drift += sign * numbers[SPEED, car] * along
        reach += CAR_LENGTH / 2 * abs(along) + CAR_WIDTH / 2 * abs(across)
        sign = -1.0
    return apart, drift, reach


@compiled
def _least_gap(apart: float, shift: float) -> float:
    """Return the least distance of the centres on the way of a `shift`; below 0 where one passes the other."""
    return max(apart + min(shift, 0.0), -apart - max(shift, 0.0))


@compiled
def _blame(numbers: Floats, labels: Ints, first: int, second: int) -> None:
    """Note what the crash came from in each of the two, unless it has crashed before."""
    for _ in range(2):
        if labels[CAUSE, first] == NO_CRASH:
            if _changes_lane(numbers, labels, first):
                labels[CAUSE, first] = OWN_LANE_CHANGE
            elif _changes_lane(numbers, labels, second):
                labels[CAUSE, first] = OTHER_LANE_CHANGE
            else:
                labels[CAUSE, first] = REAR_END if numbers[X, first] < numbers[X, second] else STRUCK_FROM_BEHIND
        first, second = second, first


@compiled
def _changes_lane(numbers: Floats, labels: Ints, car: int) -> bool:
    """Say whether a car in motion is on its way to another lane."""
    wanted = labels[TARGET_LANE, car]
    return bool(not labels[CRASHED, car] and (labels[LANE, car] != wanted or abs(numbers[Y, car] - LANE_WIDTH * wanted) > _ARRIVED))
