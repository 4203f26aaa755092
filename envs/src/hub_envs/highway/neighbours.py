"""Who drives in front and behind on a lane."""

from __future__ import annotations

from hub_envs.compiled import compiled
from hub_envs.highway.idm import NOBODY
from hub_envs.highway.state import Floats, Ints, X, Y

LANE_WIDTH = 4.0
ROAD_LENGTH = 10_000.0
"""Metres."""
CAR_LENGTH, CAR_WIDTH = 5.0, 2.0

_MARGIN = 1.0
"""A car within its lane's edges and this much (m) is on the lane; in a change of lanes it is on two."""


@compiled
def on_lane(x: float, y: float, lane: int, margin: float) -> bool:
    """Say whether a place is on a lane."""
    return abs(y - LANE_WIDTH * lane) <= LANE_WIDTH / 2 + margin and -CAR_LENGTH <= x < ROAD_LENGTH + CAR_LENGTH


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
def neighbours(numbers: Floats, order: Ints, place: int, lane: int) -> tuple[int, int]:
    """Return the nearest cars in front of and behind the car at `place` of `order` on a lane, `NOBODY` where there is none.

    A car that is level counts as in front. Among those equally far ahead the last by number counts, behind the first.
    """
    me, cars = order[place], len(order)
    x = numbers[X, me]
    front, at = NOBODY, place
    while at > 0 and numbers[X, order[at - 1]] == x:
        at -= 1
    while at < cars and (front == NOBODY or numbers[X, order[at]] == numbers[X, front]):
        other = order[at]
        if other != me and on_lane(numbers[X, other], numbers[Y, other], lane, _MARGIN):
            front = other
        at += 1
    rear, at = NOBODY, place - 1
    while at >= 0 and (rear == NOBODY or numbers[X, order[at]] == numbers[X, rear]):
        other = order[at]
        if numbers[X, other] < x and on_lane(numbers[X, other], numbers[Y, other], lane, _MARGIN):
            rear = other
        at -= 1
    return front, rear
