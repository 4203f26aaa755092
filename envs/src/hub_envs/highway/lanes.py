"""Changing lanes: MOBIL (Kesting, Treiber, Helbing 2007) as highway-env computes it, and when a change is given up."""

from __future__ import annotations

from hub_envs.compiled import compiled
from hub_envs.highway.drivers import ABORT, DRIVERS, GAIN, IMPOSED, PERIOD, POLITENESS
from hub_envs.highway.idm import acceleration, desired_gap
from hub_envs.highway.neighbours import LANE_WIDTH, neighbours
from hub_envs.highway.state import KIND, LANE, SPEED, TARGET_LANE, TIMER, Floats, Ints, X, Y

_SLOWEST = 1.0
"""A car slower than this (m/s) does not change lanes."""


@compiled
def mobil(numbers: Floats, labels: Ints, order: Ints, place: int, lane: int) -> bool:
    """Say whether the car at `place` of `order` should change to `lane`.

    It should unless its new follower had to brake harder than the bound, or the gain [own] + p [new follower's + old follower's] is below
    the threshold. All accelerations are computed with the changing driver's parameters.
    """
    me = order[place]
    driver = DRIVERS[labels[KIND, me]]
    ahead, behind = neighbours(numbers, order, place, lane)
    imposed = acceleration(numbers, labels, me, behind, me)
    if imposed < -driver[IMPOSED]:
        return False
    old_ahead, old_behind = neighbours(numbers, order, place, labels[LANE, me])
    own = acceleration(numbers, labels, me, me, ahead) - acceleration(numbers, labels, me, me, old_ahead)
    news = imposed - acceleration(numbers, labels, me, behind, ahead)
    olds = acceleration(numbers, labels, me, old_behind, old_ahead) - acceleration(numbers, labels, me, old_behind, me)
    return bool(own + driver[POLITENESS] * (news + olds) >= driver[GAIN])


@compiled
def choose_lane(numbers: Floats, labels: Ints, order: Ints, place: int, lanes: int) -> None:
    """Let the car at `place` of `order` give up a change of lanes, or begin one when its time has come."""
    me = order[place]
    if labels[LANE, me] != labels[TARGET_LANE, me]:
        if _must_give_up(numbers, labels, me):
            labels[TARGET_LANE, me] = labels[LANE, me]
        return
    if not numbers[TIMER, me] > DRIVERS[labels[KIND, me], PERIOD]:
        return
    numbers[TIMER, me] = 0.0
    if abs(numbers[SPEED, me]) < _SLOWEST:
        return
    lane = labels[LANE, me]
    for candidate in (lane - 1, lane + 1):
        if 0 <= candidate < lanes and is_reachable(numbers, me, candidate) and mobil(numbers, labels, order, place, candidate):
            labels[TARGET_LANE, me] = candidate


@compiled
def is_reachable(numbers: Floats, car: int, lane: int) -> bool:
    """Say whether a lane is near enough to change to: within two lanes' widths of its centre."""
    return bool(abs(numbers[Y, car] - LANE_WIDTH * lane) <= 2 * LANE_WIDTH)


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
