"""An episode's metrics from the numbers of its steps: what a protocol reads from infos, combined as it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from hub.results.statistics import LARGEST, mean
from hub.running.worlds.base import Tick, World

Combination = Literal["mean", "sum", "last"]


def tallies_for(world: World, metrics: Mapping[str, Combination]) -> Tallies:
    """Return tallies of the episodes in a world's slots, by player where it has players."""
    return PlayerTallies(world, metrics) if world.players else Tallies(world, metrics)


class Tallies:
    """Running metrics of the slots' episodes.

    Args:
        world: reads the numbers from infos.
        metrics: how an episode combines each.
        shape: of what `world.info_numbers` gives for one slot.
    """

    def __init__(self, world: World, metrics: Mapping[str, Combination], shape: tuple[int, ...] = ()) -> None:
        self._world, self._metrics = world, metrics
        self._sums = np.zeros((len(metrics), world.slots, *shape), np.float64)

    def begin(self, slots: Sequence[int]) -> None:
        """Start episodes in `slots`."""
        self._sums[:, slots] = 0.0

    def add(self, tick: Tick, slots: np.ndarray) -> None:
        """Take in one step of `slots`. Raises `FaultError` where an info lacks a metric; nothing is counted then."""
        numbers = [self._world.info_numbers(tick.infos, key, slots) for key in self._metrics]
        live: Any = slots if slots.size < self._world.slots else slice(None)
        for sums, how, values in zip(self._sums, self._metrics.values(), numbers, strict=True):
            sums[live] = values if how == "last" else sums[live] + values

    def combined(self, slot: int, length: int) -> dict[str, float]:
        """Return the metrics of the slot's episode, which had `length` steps; not finite where numbers were too large to be summed."""
        sums = self._sums[:, slot].tolist()
        return {key: value / length if how == "mean" else value for (key, how), value in zip(self._metrics.items(), sums, strict=True)}


class PlayerTallies(Tallies):
    """Running metrics of games: each is combined over every player's own steps in the game, then averaged over the players.

    So a player that leaves early counts as much as one that stays, and `last` is what each left with.
    """

    def __init__(self, world: World, metrics: Mapping[str, Combination]) -> None:
        super().__init__(world, metrics, (len(world.players),))
        self._steps = np.zeros((world.slots, len(world.players)), np.int64)

    def begin(self, slots: Sequence[int]) -> None:
        """Start episodes in `slots`."""
        super().begin(slots)
        self._steps[slots] = 0

    def add(self, tick: Tick, slots: np.ndarray) -> None:
        """Take in one step of `slots`. Raises `FaultError` where a player that acted gives no such number; nothing is counted then."""
        numbers = [self._world.info_numbers(tick.infos, key, slots) for key in self._metrics]
        acted = np.array([[player in row for player in self._world.players] for row in tick.players or ()])
        self._steps[slots] += acted
        for sums, how, values in zip(self._sums, self._metrics.values(), numbers, strict=True):
            with np.errstate(over="ignore"):  # `combined` tells of it
                sums[slots] = np.where(acted, values if how == "last" else sums[slots] + values, sums[slots])

    def combined(self, slot: int, length: int) -> dict[str, float]:
        """Return the metrics of the slot's episode, averaged over all players that were in the game at some step of it."""
        steps = self._steps[slot]
        played = steps > 0
        found = {}
        for (key, how), sums in zip(self._metrics.items(), self._sums[:, slot], strict=True):
            values = (sums / np.maximum(steps, 1) if how == "mean" else sums)[played]
            found[key] = mean(values) if (np.abs(values) <= LARGEST).all() else np.inf
        return found
