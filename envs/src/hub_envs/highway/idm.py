"""The Intelligent Driver Model (Treiber, Hennecke, Helbing 2000) as highway-env computes it."""

from __future__ import annotations

import math

from hub_envs.compiled import compiled
from hub_envs.highway.drivers import BRAKE, DRIVERS, GAP, HEADWAY, PUSH
from hub_envs.highway.state import COS, EXPONENT, KIND, SIN, SPEED, TARGET_SPEED, Floats, Ints, X

NOBODY = -1
"""In place of a car's number."""

_LEAST = 0.01
"""Speeds and distances are kept from zero by this much before anything is divided by them."""


@compiled
def not_zero(value: float) -> float:
    """Return `value`, or the bound of its sign where it is nearer to zero."""
    if abs(value) > _LEAST:
        return value
    return _LEAST if value >= 0 else -_LEAST


@compiled
def desired_gap(numbers: Floats, kind: int, car: int, front: int) -> float:
    """Return s* = d0 + tau v + v dv / (2 sqrt(a b)) of `car` behind `front` (m), as a driver of `kind` sees it.

    dv is the closing speed along the car's heading.
    """
    speed = numbers[SPEED, car]
    along = numbers[COS, car] * numbers[COS, front] + numbers[SIN, car] * numbers[SIN, front]
    closing = speed - numbers[SPEED, front] * along
    reaction = 2 * math.sqrt(DRIVERS[kind, PUSH] * DRIVERS[kind, BRAKE])
    return float(DRIVERS[kind, GAP] + speed * DRIVERS[kind, HEADWAY] + speed * closing / reaction)


@compiled
def free_acceleration(numbers: Floats, labels: Ints, judge: int, car: int) -> float:
    """Return a [1 - (v / v*)^delta] of `car` on an empty road (m/s2), with the parameters of driver `judge`; 0 for nobody."""
    if car == NOBODY:
        return 0.0
    wanted = abs(not_zero(numbers[TARGET_SPEED, car]))
    return float(DRIVERS[labels[KIND, judge], PUSH] * (1 - (max(numbers[SPEED, car], 0.0) / wanted) ** numbers[EXPONENT, judge]))


@compiled
def acceleration(numbers: Floats, kind: int, free: float, car: int, front: int) -> float:
    """Return what a leader leaves of the `free` acceleration of a car: a [s* / s]^2 less (m/s2), with the parameters of `kind`.

    Nothing changes where either is `NOBODY`.
    """
    if NOBODY in (car, front):
        return free
    ratio = desired_gap(numbers, kind, car, front) / not_zero(numbers[X, front] - numbers[X, car])
    return float(free - DRIVERS[kind, PUSH] * (ratio * ratio))
