"""Changing lanes: MOBIL (Kesting, Treiber, Helbing 2007) as highway-env computes it, and when a change is given up."""

from __future__ import annotations

from typing import Any

from hub_envs.compiled import compiled
from hub_envs.highway.drivers import ABORT, DRIVERS, GAIN, IMPOSED, PERIOD, POLITENESS
from hub_envs.highway.idm import acceleration, desired_gap, free_acceleration
from hub_envs.highway.neighbours import AHEAD, BEHIND, LANE_WIDTH
from hub_envs.highway.state import KIND, LANE, SPEED, TARGET_LANE, TIMER, Floats, Ints, X, Y

_SLOWEST = 1.0
"""A car slower than this (m/s) does not change lanes."""


def is_reachable(y: Any, lane: Any) -> Any:
    """Say whether a lane is near enough to change to: within two lanes' widths of its centre; takes numbers and arrays."""
    return abs(y - LANE_WIDTH * lane) <= 2 * LANE_WIDTH


_is_reachable = compiled(is_reachable)


@compiled
def mobil(numbers: Floats, labels: Ints, near: Ints, me: int, lane: int) -> bool:
    """Say whether a car should change to `lane`.

    It should unless its new follower had to brake harder than the bound, or the gain [own] + p [new follower's + old follower's] is below
    the threshold. All accelerations are computed with the changing driver's parameters. `near` is that of `find_neighbours`.
    """
    kind, old_lane = labels[KIND, me], labels[LANE, me]
    front, rear = near[AHEAD, lane, me], near[BEHIND, lane, me]
    rear_free = free_acceleration(numbers, labels, me, rear)
    imposed = acceleration(numbers, kind, rear_free, rear, me)
    if imposed < -DRIVERS[kind, IMPOSED]:
        return False
    old_front, old_rear = near[AHEAD, old_lane, me], near[BEHIND, old_lane, me]
    free, old_rear_free = free_acceleration(numbers, labels, me, me), free_acceleration(numbers, labels, me, old_rear)
    own = acceleration(numbers, kind, free, me, front) - acceleration(numbers, kind, free, me, old_front)
    news = imposed - acceleration(numbers, kind, rear_free, rear, front)
    olds = acceleration(numbers, kind, old_rear_free, old_rear, old_front) - acceleration(numbers, kind, old_rear_free, old_rear, me)
    return bool(own + DRIVERS[kind, POLITENESS] * (news + olds) >= DRIVERS[kind, GAIN])


@compiled
def choose_lane(numbers: Floats, labels: Ints, near: Ints, me: int) -> None:
    """Let a car give up a change of lanes, or begin one when its time has come."""
    lane = labels[LANE, me]
    if lane != labels[TARGET_LANE, me]:
        if _must_give_up(numbers, labels, me):
            labels[TARGET_LANE, me] = lane
    elif numbers[TIMER, me] > DRIVERS[labels[KIND, me], PERIOD]:
        numbers[TIMER, me] = 0.0
        if abs(numbers[SPEED, me]) >= _SLOWEST:
            for candidate in range(max(lane - 1, 0), min(lane + 2, near.shape[1])):
                if candidate != lane and _is_reachable(numbers[Y, me], candidate) and mobil(numbers, labels, near, me, candidate):
                    labels[TARGET_LANE, me] = candidate


@compiled
def _must_give_up(numbers: Floats, labels: Ints, me: int) -> bool:
    """Say whether another car is changing to the same lane within the desired gap ahead."""
    kind, wanted = labels[KIND, me], labels[TARGET_LANE, me]
    for other in range(labels.shape[1]):
        if other != me and labels[LANE, other] != wanted and labels[TARGET_LANE, other] == wanted:
            distance = DRIVERS[kind, ABORT] * (numbers[X, other] - numbers[X, me])
            if 0 < distance < desired_gap(numbers, kind, me, other):
                return True
    return False
