"""What players see, and what they are paid."""

from __future__ import annotations

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
    """Write what players see; zeros for those not `watching`.

    Args:
        traffic: all slots.
        players: (players,), the cars they drive.
        watching: (n, players).
        rows: (n, players, ROWS, FEATURES), written.
        ids: (n, players, ROWS), the cars' numbers from 1 on, written.
    """
    distances = np.empty(traffic.order.shape[1])
    seen = np.empty(traffic.order.shape[1], np.int64)
    for slot in range(len(watching)):
        for player in range(len(players)):
            rows[slot, player], ids[slot, player] = 0, 0
            if watching[slot, player]:
                numbers, me = traffic.numbers[slot], players[player]
                write_row(numbers, me, me, rows[slot, player, 0])
                ids[slot, player, 0] = me + 1
                count = look_around(numbers, me, distances, seen)
                for row in range(count):
                    write_row(numbers, seen[row], me, rows[slot, player, row + 1])
                    ids[slot, player, row + 1] = seen[row] + 1


@compiled
def look_around(numbers: Floats, me: int, distances: Floats, seen: Ints) -> int:
    """Write the cars in sight to `seen`, the nearest along the road first, by number where two are as near, and return how many there are.

    In sight is what is nearer than 200 m and not more than 10 m behind.
    """
    count = 0
    for car in range(numbers.shape[1]):
        dx, dy = numbers[X, car] - numbers[X, me], numbers[Y, car] - numbers[Y, me]
        if car == me or not dx > -2 * CAR_LENGTH or not np.sqrt(dx * dx + dy * dy) < _SIGHT:
            continue
        if count < ROWS - 1:
            count += 1
        elif distances[count - 1] <= abs(dx):
            continue
        place = count - 1
        while place > 0 and distances[place - 1] > abs(dx):
            distances[place], seen[place] = distances[place - 1], seen[place - 1]
            place -= 1
        distances[place], seen[place] = abs(dx), car
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


@compiled
def reward(numbers: Floats, labels: Ints, car: int, lanes: int) -> float:
    """Return what a second earned: 0 off the road, else [-1 crashed + 0.1 lane / 7 + 0.4 speed + 1] / 1.5.

    The lane is the one steered to, counted from the left, and 7 stands for the rightmost; speed is the forward speed, 20 m/s and less
    as 0, 30 m/s and more as 1.
    """
    if not on_lane(numbers[X, car], numbers[Y, car], labels[LANE, car], 0.0):
        return 0.0
    forward = (numbers[SPEED, car] * numbers[COS, car] - _SLOW_SPEED) / (_FULL_SPEED - _SLOW_SPEED)
    earned = _CRASH * labels[CRASHED, car] + _RIGHT * labels[TARGET_LANE, car] / max(lanes - 1, 1) + _FAST * within(forward, 0.0, 1.0)
    return float((earned - _CRASH) / (_FAST + _RIGHT - _CRASH))


@compiled
def rewards(traffic: Traffic, players: Ints, lanes: int, earned: Floats) -> None:
    """Write what all players' cars earned in the last second, wrecks included, to `earned` (n, players)."""
    for slot in range(len(earned)):
        for player in range(len(players)):
            earned[slot, player] = reward(traffic.numbers[slot], traffic.labels[slot], players[player], lanes)


@compiled
def overview(traffic: Traffic, state: NDArray[np.float32]) -> None:
    """Write presence, position (m) and velocity (m/s) of every car to `state` (n, cars, FEATURES)."""
    for slot in range(len(state)):
        numbers = traffic.numbers[slot]
        for car in range(numbers.shape[1]):
            row = state[slot, car]
            row[0], row[1], row[2] = 1.0, numbers[X, car], numbers[Y, car]
            row[3], row[4] = numbers[SPEED, car] * numbers[COS, car], numbers[SPEED, car] * numbers[SIN, car]
