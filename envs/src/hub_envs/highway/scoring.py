"""What players see, and what they are paid."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hub_envs.compiled import compiled
from hub_envs.highway.motion import within
from hub_envs.highway.neighbours import CAR_LENGTH, on_lane
from hub_envs.highway.state import COS, CRASHED, LANE, SIN, SPEED, TARGET_LANE, Floats, Ints, Traffic, X, Y

ROWS, FEATURES = 15, 5
"""Cars that a player sees, itself the first, and what it sees of each: presence, x, y, vx, vy."""
_SIGHT = 200.0
"""Metres."""
_PLACES, _SPEEDS = 100.0, 20.0
"""Metres and metres per second that are shown as 1."""
_CRASH, _RIGHT, _FAST = -1.0, 0.1, 0.4
"""What a crash, the rightmost lane and full speed are worth before scaling to [0, 1]."""
_SLOW_SPEED, _FULL_SPEED = 20.0, 30.0


@compiled
def observe(traffic: Traffic, players: Ints, watching: NDArray[np.bool_], rows: NDArray[np.float32], ids: Ints) -> None:
    """Write what players see; nothing for those not `watching`.

    Args:
        traffic: all slots.
        players: (players,), the cars they drive.
        watching: (n, players).
        rows: (n, players, ROWS, FEATURES), written.
        ids: (n, players, ROWS), the cars' numbers from 1 on, written.
    """
    for slot in range(len(watching)):
        numbers = traffic.numbers[slot]
        for player in range(len(players)):
            if watching[slot, player]:
                me, seen = players[player], ids[slot, player]
                for row in range(look_around(numbers, me, seen)):
                    write_row(numbers, seen[row] - 1, me, rows[slot, player, row])


@compiled
def look_around(numbers: Floats, me: int, seen: Ints) -> int:
    """Write the numbers (from 1 on) of `me` and of the cars in sight to `seen`, and return how many they are.

    In sight is what is nearer than 200 m and not more than 10 m behind. The nearest along the road come first, by number where two are as
    near.
    """
    seen[0], count = me + 1, 1
    for car in range(numbers.shape[1]):
        dx, dy = numbers[X, car] - numbers[X, me], numbers[Y, car] - numbers[Y, me]
        if car == me or dx <= -2 * CAR_LENGTH or math.sqrt(dx * dx + dy * dy) >= _SIGHT:
            continue
        place = count
        while place > 1 and abs(numbers[X, seen[place - 1] - 1] - numbers[X, me]) > abs(dx):
            if place < len(seen):
                seen[place] = seen[place - 1]
            place -= 1
        if place < len(seen):
            seen[place] = car + 1
            count = min(count + 1, len(seen))
    return count


@compiled
def write_row(numbers: Floats, car: int, me: int, row: NDArray[np.float32]) -> None:
    """Write a car as `me` sees it: itself in absolute numbers, others against its own."""
    x, y = numbers[X, car], numbers[Y, car]
    vx, vy = numbers[SPEED, car] * numbers[COS, car], numbers[SPEED, car] * numbers[SIN, car]
    if car != me:
        x, y = x - numbers[X, me], y - numbers[Y, me]
        vx -= numbers[SPEED, me] * numbers[COS, me]
        vy -= numbers[SPEED, me] * numbers[SIN, me]
    row[0] = 1.0
    row[1], row[2] = _scaled(x, _PLACES), _scaled(y, _PLACES)
    row[3], row[4] = _scaled(vx, _SPEEDS), _scaled(vy, _SPEEDS)


@compiled
def _scaled(value: float, span: float) -> float:
    """Map [-span, span] to [-1, 1] and cut what lies outside, by highway-env's formula."""
    return within(-1 + (value + span) * 2 / (2 * span), -1.0, 1.0)


def rewards(traffic: Traffic, players: Ints, lanes: int) -> Floats:
    """Return what players' cars earned in the last second, wrecks included, (n, players).

    0 off the road, else [-1 crashed + 0.1 lane / 7 + 0.4 speed + 1] / 1.5. The lane is the one steered to, counted from the left, and 7
    stands for the rightmost; speed is the forward speed, 20 m/s and less as 0, 30 m/s and more as 1.
    """
    numbers, labels = traffic.numbers[:, :, players], traffic.labels[:, :, players]
    forward = (numbers[:, SPEED] * numbers[:, COS] - _SLOW_SPEED) / (_FULL_SPEED - _SLOW_SPEED)
    earned = _CRASH * labels[:, CRASHED] + _RIGHT * labels[:, TARGET_LANE] / max(lanes - 1, 1) + _FAST * np.clip(forward, 0.0, 1.0)
    on_road = on_lane(numbers[:, X], numbers[:, Y], labels[:, LANE], 0.0)
    return np.where(on_road, (earned - _CRASH) / (_FAST + _RIGHT - _CRASH), 0.0)


def overview(traffic: Traffic) -> NDArray[np.float32]:
    """Return presence, position (m) and velocity (m/s) of every car, (n, cars, FEATURES)."""
    x, y, speed, cos, sin = (traffic.numbers[:, row] for row in (X, Y, SPEED, COS, SIN))
    return np.stack([np.ones_like(x), x, y, speed * cos, speed * sin], axis=-1).astype(np.float32)
