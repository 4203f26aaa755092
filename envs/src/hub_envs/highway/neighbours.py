"""Who drives in front and behind on a lane."""

from __future__ import annotations

from typing import Any

from hub_envs.compiled import compiled
from hub_envs.highway.idm import NOBODY
from hub_envs.highway.state import Floats, Ints, X, Y

LANE_WIDTH = 4.0
ROAD_LENGTH = 10_000.0
"""Metres."""
CAR_LENGTH, CAR_WIDTH = 5.0, 2.0

AHEAD, BEHIND = range(2)
"""Sides in `find_neighbours`."""

_MARGIN = 1.0
"""A car within its lane's edges and this much (m) is on the lane; in a change of lanes it is on two."""


def on_lane(x: Any, y: Any, lane: Any, margin: float) -> Any:
    """Say whether a place is on a lane; takes numbers and arrays."""
    return (abs(y - LANE_WIDTH * lane) <= LANE_WIDTH / 2 + margin) & (x >= -CAR_LENGTH) & (x < ROAD_LENGTH + CAR_LENGTH)


_on_lane = compiled(on_lane)


@compiled
def sort_along(numbers: Floats, order: Ints) -> None:
    """Bring `order` up to date: from the last car to the first, by number where two are level. Cheap when little has changed."""
    for place in range(1, len(order)):
        car, before = order[place], place - 1
        x = numbers[X, car]
        while before >= 0 and (numbers[X, order[before]] > x or (numbers[X, order[before]] == x and order[before] > car)):
            order[before + 1] = order[before]
            before -= 1
        order[before + 1] = car


@compiled
def find_neighbours(numbers: Floats, order: Ints, near: Ints) -> None:
    """Write who is nearest to each car on each lane to `near` (2, lanes, cars): `AHEAD` and `BEHIND`, `NOBODY` where there is none.

    A car that is level counts as ahead. Among those equally far the last by number counts ahead, the first behind.
    """
    for lane in range(near.shape[1]):
        front = rear = NOBODY
        for car in order[::-1]:
            near[AHEAD, lane, car] = front
            if _on_lane(numbers[X, car], numbers[Y, car], lane, _MARGIN) and (front == NOBODY or numbers[X, car] < numbers[X, front]):
                front = car
        for car in order:
            near[BEHIND, lane, car] = rear
            if _on_lane(numbers[X, car], numbers[Y, car], lane, _MARGIN) and (rear == NOBODY or numbers[X, car] > numbers[X, rear]):
                rear = car
    for place in range(1, len(order)):
        if numbers[X, order[place]] == numbers[X, order[place - 1]]:
            _look_beside(numbers, order, near, place)


@compiled
def _look_beside(numbers: Floats, order: Ints, near: Ints, place: int) -> None:
    """Amend what is near the car at `place`, which is level with the one before it."""
    car = order[place]
    x = numbers[X, car]
    for lane in range(near.shape[1]):
        near[BEHIND, lane, car] = near[BEHIND, lane, order[place - 1]]
        front, beside = near[AHEAD, lane, car], place - 1
        while (front == NOBODY or numbers[X, front] > x) and beside >= 0 and numbers[X, order[beside]] == x:
            if _on_lane(x, numbers[Y, order[beside]], lane, _MARGIN):
                front = order[beside]
            beside -= 1
        near[AHEAD, lane, car] = front
