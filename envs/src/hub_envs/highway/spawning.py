"""How an episode begins: cars one ahead of the other, drivers drawn from a mix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hub_envs.highway.drivers import AGGRESSIVE, DEFENSIVE, DRIVERS, EXPONENTS, NORMAL, PERIOD, PLAYER
from hub_envs.highway.neighbours import LANE_WIDTH
from hub_envs.highway.state import (
    COS,
    EXPONENT,
    KIND,
    LANE,
    SPEED,
    TARGET_LANE,
    TARGET_SPEED,
    TIMER,
    Floats,
    Ints,
    Traffic,
    X,
    Y,
)

MIXES: dict[str, tuple[float, float]] = {"mild": (0.1, 0.1), "chaotic": (0.3, 0.3), "aggressive": (0.5, 0.0)}
"""Shares of aggressive and of defensive drivers; the others are normal."""

PLAYER_SPEED = 25.0
_SLOWEST, _QUICKEST = 21.0, 24.0
"""Between which the others' speeds are drawn (m/s)."""
_PLAYER_SPACING = 2.0
_LEAST_SPACING, _MOST_SPACING = 0.9, 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawn:
    """How cars are placed.

    Attributes:
        players: how many; each heads a group of cars.
        vehicles: how many other cars, shared out evenly among the groups, the first groups getting one more.
        lanes: how many.
        density: distances between other cars are divided by it.
        mix: shares of aggressive and of defensive drivers.
    """

    players: int
    vehicles: int
    lanes: int
    density: float
    mix: tuple[float, float]

    @property
    def cars(self) -> int:
        """How many there are in all."""
        return self.players + self.vehicles

    def player_cars(self) -> Ints:
        """Return the numbers of the players' cars, (players,)."""
        share, rest = divmod(self.vehicles, self.players)
        sizes = [share + (group < rest) + 1 for group in range(self.players)]
        return np.concatenate([[0], np.cumsum(sizes[:-1])]).astype(np.int64)


def parse_mix(mix: str | Sequence[float]) -> tuple[float, float]:
    """Return the shares of aggressive and of defensive drivers.

    Raises:
        ValueError: `mix` is neither a name nor two shares that add up to 1 at most.
    """
    if isinstance(mix, str):
        if mix not in MIXES:
            raise ValueError(f"mix must be {', '.join(map(repr, MIXES))} or two shares [aggressive, defensive], and is {mix!r}")
        return MIXES[mix]
    shares = tuple(mix)
    if len(shares) != 2 or not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares) or sum(shares) > 1:
        raise ValueError(f"mix must be two shares [aggressive, defensive] of at least 0 that add up to 1 at most, and is {list(shares)}")
    return float(shares[0]), float(shares[1])


def spawn(traffic: Traffic, slot: int, how: Spawn, rng: np.random.Generator) -> None:
    """Fill a slot's road anew; every draw comes from `rng`."""
    numbers, labels = traffic.numbers[slot], traffic.labels[slot]
    numbers[:], labels[:] = 0.0, 0
    players = how.player_cars()
    labels[KIND] = _kinds(how, players, rng)
    lanes = rng.integers(how.lanes, size=how.cars)
    speeds = rng.uniform(_SLOWEST, _QUICKEST, size=how.cars)
    speeds[players] = PLAYER_SPEED
    numbers[X] = _places(how, players, speeds, rng.uniform(_LEAST_SPACING, _MOST_SPACING, size=how.cars))
    numbers[Y] = LANE_WIDTH * lanes
    numbers[SPEED] = numbers[TARGET_SPEED] = speeds
    numbers[COS] = 1.0
    low, high = EXPONENTS[labels[KIND]].T
    numbers[EXPONENT] = rng.uniform(low, high)
    numbers[TIMER] = ((numbers[X] + numbers[Y]) * math.pi) % DRIVERS[labels[KIND], PERIOD]
    labels[LANE] = labels[TARGET_LANE] = lanes
    traffic.order[slot] = np.arange(how.cars)
    traffic.steps[slot] = 0


def _kinds(how: Spawn, players: Ints, rng: np.random.Generator) -> Ints:
    aggressive, defensive = how.mix
    drawn = rng.random(how.cars)
    kinds = np.where(drawn < aggressive, AGGRESSIVE, np.where(drawn > 1 - defensive, DEFENSIVE, NORMAL))
    kinds[players] = PLAYER
    return kinds.astype(np.int64)


def _places(how: Spawn, players: Ints, speeds: Floats, luck: Floats) -> Floats:
    """Return x of each car: ahead of the one before by c (12 + v) exp(-5 lanes / 40) luck, the first from 3 such distances without luck."""
    spacing = np.full(how.cars, 1 / how.density)
    spacing[players] = _PLAYER_SPACING
    distances = spacing * (12 + speeds) * math.exp(-5 * how.lanes / 40)
    places: Floats = 3 * distances[0] + np.cumsum(distances * luck)
    return places
