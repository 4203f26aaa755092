"""Who drives in front and behind on a lane."""

from __future__ import annotations

from typing import Any

from hub_envs.compiled import compiled
from hub_envs.highway.idm import NOBODY
from hub_envs.highway.state import PLACE, Floats, Ints, X, Y

LANE_WIDTH = 4.0
ROAD_LENGTH = 10_000.0
"""Metres."""
CAR_LENGTH, CAR_WIDTH = 5.0, 2.0

_MARGIN = 1.0
"""A car within its lane's edges and this much (m) is on the lane; in a change of lanes it is on two."""


def on_lane(x: Any, y: Any, lane: Any, margin: float) -> Any:
    """Say whether a place is on a lane; takes numbers and arrays."""
    return (abs(y - LANE_WIDTH * lane) <= LANE_WIDTH / 2 + margin) & (x >= -CAR_LENGTH) & (x < ROAD_LENGTH + CAR_LENGTH)


_on_lane = compiled(on_lane)


@compiled
def sort_along(numbers: Floats, labels: Ints, order: Ints) -> None:
    """Bring `order` and places up to date: from the last car to the first, by number where two are level. Cheap when little has changed."""
    for place in range(len(order)):
        car, before = order[place], place - 1
        x = numbers[X, car]
        while before >= 0 and (numbers[X, order[before]] > x or (numbers[X, order[before]] == x and order[before] > car)):
            order[before + 1] = order[before]
            labels[PLACE, order[before]] = before + 1
            before -= 1
        order[before + 1] = car
        labels[PLACE, car] = before + 1


@compiled
def leader(numbers: Floats, labels: Ints, order: Ints, me: int, lane: int) -> int:
    """Return the nearest car in front of `me` on a lane, `NOBODY` where there is none.

    A car that is level counts as in front. Among those equally far ahead the last by number counts.
    """
    front, place, x = NOBODY, labels[PLACE, me], numbers[X, me]
    while place > 0 and numbers[X, order[place - 1]] == x:
        place -= 1
    while place < len(order):
        other = order[place]
        if front != NOBODY and numbers[X, other] != numbers[X, front]:
            break
        if other != me and _on_lane(numbers[X, other], numbers[Y, other], lane, _MARGIN):
            front = other
        place += 1
    return front


@compiled
def follower(numbers: Floats, labels: Ints, order: Ints, me: int, lane: int) -> int:
    """Return the nearest car behind `me` on a lane, the first by number among those equally far; `NOBODY` where there is none."""
    rear, place, x = NOBODY, labels[PLACE, me] - 1, numbers[X, me]
    while place >= 0:
        other = order[place]
        if rear != NOBODY and numbers[X, other] != numbers[X, rear]:
            break
        if numbers[X, other] < x and _on_lane(numbers[X, other], numbers[Y, other], lane, _MARGIN):
            rear = other
        place -= 1
    return rear
