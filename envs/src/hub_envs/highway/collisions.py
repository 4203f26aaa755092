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
    now, swept, _ = _along_axis(numbers, first, second, -numbers[SIN, first], numbers[COS, first], dt)
    return bool(now <= 0 or swept <= 0)


@compiled
def _meet(numbers: Floats, labels: Ints, first: int, second: int, dt: float) -> None:
    """Test two cars on the four axes of their edges, and part them along the one where they overlap least."""
    touch, will_touch, least, away_x, away_y = True, True, math.inf, 0.0, 0.0
    for axis in range(4):
        car = first if axis < 2 else second
        axis_x, axis_y = numbers[COS, car], numbers[SIN, car]
        if axis % 2 == 1:
            axis_x, axis_y = -axis_y, axis_x
        now, swept, side = _along_axis(numbers, first, second, axis_x, axis_y, dt)
        touch, will_touch = touch and now <= 0, will_touch and swept <= 0
        if not touch and not will_touch:
            return
        if abs(swept) < least:
            least, away_x, away_y = abs(swept), side * axis_x, side * axis_y
    if touch or will_touch:
        _blame(numbers, labels, first, second)
    if will_touch:
        numbers[IMPACT_X, first], numbers[IMPACT_Y, first] = least * away_x / 2, least * away_y / 2
        numbers[IMPACT_X, second], numbers[IMPACT_Y, second] = -least * away_x / 2, -least * away_y / 2
        labels[STRUCK, first] = labels[STRUCK, second] = 1
    if touch:
        labels[CRASHED, first] = labels[CRASHED, second] = 1


@compiled
def _along_axis(numbers: Floats, first: int, second: int, axis_x: float, axis_y: float, dt: float) -> tuple[float, float, float]:
    """Return the gaps (m) between two cars along an axis, now and swept over the next `dt` seconds, negative where they overlap.

    The third number is the sign of the first car's place against the second's.
    """
    here = numbers[X, first] * axis_x + numbers[Y, first] * axis_y
    there = numbers[X, second] * axis_x + numbers[Y, second] * axis_y
    mine, theirs = _half_width(numbers, first, axis_x, axis_y), _half_width(numbers, second, axis_x, axis_y)
    low, high = here - mine, here + mine
    now = _gap(low, high, there - theirs, there + theirs)
    shift = _speed_along(numbers, first, axis_x, axis_y) * dt - _speed_along(numbers, second, axis_x, axis_y) * dt
    if shift < 0:
        low += shift
    else:
        high += shift
    return now, _gap(low, high, there - theirs, there + theirs), 1.0 if here - there > 0 else -1.0


@compiled
def _half_width(numbers: Floats, car: int, axis_x: float, axis_y: float) -> float:
    along = numbers[COS, car] * axis_x + numbers[SIN, car] * axis_y
    across = numbers[COS, car] * axis_y - numbers[SIN, car] * axis_x
    return float(CAR_LENGTH / 2 * abs(along) + CAR_WIDTH / 2 * abs(across))


@compiled
def _speed_along(numbers: Floats, car: int, axis_x: float, axis_y: float) -> float:
    return float(numbers[SPEED, car] * (numbers[COS, car] * axis_x + numbers[SIN, car] * axis_y))


@compiled
def _gap(low: float, high: float, other_low: float, other_high: float) -> float:
    """Return the distance of two intervals, negative where they overlap: how far they would have to part."""
    return max(other_low - high, low - other_high)


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
