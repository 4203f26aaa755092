"""What a slot's traffic is made of: two tables, one column a car, and a list of the cars along the road."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NUMBERS = 13
X, Y, HEADING, SPEED, TARGET_SPEED, TIMER, EXPONENT, STEERING, ACCELERATION, IMPACT_X, IMPACT_Y, COS, SIN = range(NUMBERS)
"""Rows of `Traffic.numbers`: position (m), heading (rad), speed and target speed (m/s), seconds since the last decision about lanes, the
IDM exponent, the running command (rad, m/s2), a shift that a collision adds to the next step (m), cosine and sine of the heading."""

LABELS = 6
KIND, LANE, TARGET_LANE, CRASHED, STRUCK, CAUSE = range(LABELS)
"""Rows of `Traffic.labels`: who drives (`drivers`), the nearest lane and the one steered to, 1 for a wreck, where a shift waits for the
next step the number (from 1 on) of the car that it came from, and what the crash came from (`collisions`)."""


class Traffic(NamedTuple):
    """The cars of n slots; players come first in no order: `players` says which cars they drive.

    Attributes:
        numbers: (n, NUMBERS, cars).
        labels: (n, LABELS, cars).
        order: (n, cars), the cars from the last to the first along the road, by number where they are level.
        steps: (n,), simulated steps of the episode.
    """

    numbers: Floats
    labels: Ints
    order: Ints
    steps: Ints


def empty_traffic(slots: int, cars: int) -> Traffic:
    """Return `slots` empty roads."""
    return Traffic(
        np.zeros((slots, NUMBERS, cars)),
        np.zeros((slots, LABELS, cars), dtype=np.int64),
        np.tile(np.arange(cars), (slots, 1)),
        np.zeros(slots, dtype=np.int64),
    )


def one(traffic: Traffic, slot: int) -> Traffic:
    """Return a view of one slot, as a batch of one."""
    rows = slice(slot, slot + 1)
    return Traffic(traffic.numbers[rows], traffic.labels[rows], traffic.order[rows], traffic.steps[rows])
