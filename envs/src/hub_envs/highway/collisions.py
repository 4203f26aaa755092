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
    """Mark the cars that touch, or will in the next `dt` seconds; `order` is up to date."""
    reach = _DIAGONAL + FASTEST * dt
    for place in range(len(order)):
        car = order[place]
        for further in range(place + 1, len(order)):
            other = order[further]
            if numbers[X, other] - numbers[X, car] > reach:
                break
            first, second = min(car, other), max(car, other)
            dx, dy = numbers[X, second] - numbers[X, first], numbers[Y, second] - numbers[Y, first]
            if math.sqrt(dx * dx + dy * dy) <= _DIAGONAL + numbers[SPEED, first] * dt:
                _meet(numbers, labels, first, second, dt)


@compiled
def _meet(numbers: Floats, labels: Ints, first: int, second: int, dt: float) -> None:
    """Mark two cars that are near, if they touch or will."""
    touch, will_touch, x, y = intersect(numbers, first, second, dt)
    if touch or will_touch:
        _blame(numbers, labels, first, second)
    if will_touch:
        _push(numbers, labels, first, second, (x / 2, y / 2))
        _push(numbers, labels, second, first, (-x / 2, -y / 2))
    if touch:
        labels[CRASHED, first] = labels[CRASHED, second] = 1


@compiled
def _push(numbers: Floats, labels: Ints, car: int, other: int, shift: tuple[float, float]) -> None:
    """Let another car shift this one in the next step; of several others the last by number does, as in highway-env."""
    if other >= labels[STRUCK, car]:
        numbers[IMPACT_X, car], numbers[IMPACT_Y, car] = shift
        labels[STRUCK, car] = other + 1


@compiled
def intersect(numbers: Floats, first: int, second: int, dt: float) -> tuple[bool, bool, float, float]:
    """Say whether two cars touch, whether they will in the next `dt` seconds, and what shift of the first one (m) would part them then.

    They are compared along the four axes of their edges; the shift is along the one where they overlap least.
    """
    touch, will_touch, least, x, y = True, True, math.inf, 0.0, 0.0
    for axis in range(4):
        car = first if axis < 2 else second
        axis_x, axis_y = numbers[COS, car], numbers[SIN, car]
        if axis % 2 == 1:
            axis_x, axis_y = -axis_y, axis_x
        apart, drift, reach = _along_axis(numbers, first, second, axis_x, axis_y)
        overlap = reach - _least_gap(apart, drift * dt)
        touch, will_touch = touch and abs(apart) <= reach, will_touch and overlap >= 0
        if not touch and not will_touch:
            break
        if abs(overlap) < least:
            least, side = abs(overlap), 1.0 if apart > 0 else -1.0
            x, y = side * least * axis_x, side * least * axis_y
    return touch, will_touch, x, y


@compiled
def _along_axis(numbers: Floats, first: int, second: int, axis_x: float, axis_y: float) -> tuple[float, float, float]:
    """Return how far the first car's centre is from the second's along an axis (m), how fast it goes on (m/s), and half of both widths."""
    apart = (numbers[X, first] - numbers[X, second]) * axis_x + (numbers[Y, first] - numbers[Y, second]) * axis_y
    along = numbers[COS, first] * axis_x + numbers[SIN, first] * axis_y
    across = numbers[COS, first] * axis_y - numbers[SIN, first] * axis_x
    other_along = numbers[COS, second] * axis_x + numbers[SIN, second] * axis_y
    other_across = numbers[COS, second] * axis_y - numbers[SIN, second] * axis_x
    drift = numbers[SPEED, first] * along - numbers[SPEED, second] * other_along
    reach = CAR_LENGTH / 2 * (abs(along) + abs(other_along)) + CAR_WIDTH / 2 * (abs(across) + abs(other_across))
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
