"""IDM + MOBIL through the action set: what a normal driver would do, as near as five actions and what a player sees allow.

The formulas are those of the other cars in `hub_envs.highway` (Intelligent Driver Model, Treiber, Hennecke, Helbing 2000; MOBIL,
Kesting, Treiber, Helbing 2007), with a normal driver's parameters. What differs from a car that the simulator itself drives so
(`autopilot=True`):

- An acceleration can only be approached: of `idle`, `faster` and `slower`, by the one whose speed a second later is nearest to the wanted.
- A change of lanes takes the place of a change of speed in that second, and is not given up.
- Cars farther behind than 10 m are not seen, so nobody brakes for them; cars between 100 and 200 m ahead look as if they were at 100 m.
- A player does not see its own speed from 20 m/s on. It is reckoned from the speed that a car begins with and from what was asked of it.
- How fast others wish to drive is not seen; they are taken to drive so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from hub_baselines.multi.game import game_of, gathered
from hub_baselines.multi.memory import SlotMemory
from hub_baselines.settings import require_positive
from numpy.typing import NDArray

import hub
from hub.errors import ImpossiblePairing

Numbers = NDArray[np.float64]
"""(m,), a number for each of m cars, unless another shape is told."""

_A, _B, _D0, _TAU, _DELTA, _LARGEST = 3.0, 5.0, 10.0, 1.5, 4.0, 6.0
"""IDM of a normal driver: acceleration and braking (m/s2), jam gap between centres (m), headway (s), exponent, bound either way (m/s2)."""
_POLITENESS, _GAIN, _IMPOSED = 0.2, 0.2, 2.0
"""MOBIL of a normal driver: politeness, gain threshold and bound of braking imposed (m/s2)."""
_LANE_WIDTH, _ON_LANE, _PLACES, _SPEEDS = 4.0, 3.0, 100.0, 20.0
"""Metres between lanes; metres from its centre within which a car is on a lane; metres and m/s that are shown as 1."""
_FIRST_SPEED = 25.0
_LEVELS = np.array([20.0, 25.0, 30.0])
"""m/s that cars begin with, and that can be asked of them."""
_LEFT, _IDLE, _RIGHT, _FASTER, _SLOWER = range(5)
_LEFT_OVER = (1 - 0.2 / 0.6) ** 5
"""Share of the difference to the speed asked for that is left a second later."""

_LEAST = 0.01
"""Speeds and distances are kept from zero by this much, as in the simulator, before anything is divided by them: wrecks stand still."""


class View(NamedTuple):
    """What m cars see of others, in metres and m/s.

    Attributes:
        y: where the car itself is across the road.
        speed: of the car itself.
        present: (m, others).
        ahead: (m, others), how far ahead of the car, from -10 on.
        across: (m, others), where across the road.
        speeds: (m, others).
    """

    y: Numbers
    speed: Numbers
    present: NDArray[np.bool_]
    ahead: Numbers
    across: Numbers
    speeds: Numbers


class Neighbours(NamedTuple):
    """Nearest cars on a lane: metres to them, infinite where there is none, and their speeds."""

    front: Numbers
    front_speed: Numbers
    rear: Numbers
    rear_speed: Numbers


def view_of(rows: NDArray[np.float32], reckoned: Numbers) -> View:
    """Return what `rows` (m, 15, 5) show, where speeds that are not seen are `reckoned`."""
    own, others = rows[:, 0].astype(np.float64), rows[:, 1:].astype(np.float64)
    y, speed = own[:, 2] * _PLACES, np.where(own[:, 3] < 1, own[:, 3] * _SPEEDS, reckoned)
    across, speeds = y[:, None] + others[..., 2] * _PLACES, speed[:, None] + others[..., 3] * _SPEEDS
    return View(y, speed, others[..., 0] > 0, others[..., 1] * _PLACES, across, speeds)


def idm(speed: Numbers, wanted: Numbers | float, gap: Numbers, front_speed: Numbers) -> Numbers:
    """Return a [1 - (v / v*)^delta] - a [s* / s]^2 with s* = d0 + tau v + v dv / (2 sqrt(a b)), in m/s2."""
    desired = _D0 + _TAU * speed + speed * (speed - front_speed) / (2 * np.sqrt(_A * _B))
    free = _A * (1 - (np.maximum(speed, 0) / np.maximum(wanted, _LEAST)) ** _DELTA)
    return np.asarray(free - _A * (desired / np.maximum(gap, _LEAST)) ** 2)


def neighbours(view: View, lane: NDArray[np.int64]) -> Neighbours:
    """Return the nearest cars in front and behind on `lane` (m,); a car that is level counts as in front."""
    on = view.present & (np.abs(view.across - _LANE_WIDTH * lane[:, None]) <= _ON_LANE)
    front = np.where(on & (view.ahead >= 0), view.ahead, np.inf)
    rear = np.where(on & (view.ahead < 0), -view.ahead, np.inf)
    return Neighbours(front.min(axis=1), _at(view.speeds, front), rear.min(axis=1), _at(view.speeds, rear))


def mobil(view: View, lane: NDArray[np.int64], candidate: NDArray[np.int64], wanted: float) -> NDArray[np.bool_]:
    """Say whether to change from `lane` to `candidate` (m,): own gain + p x others' gain >= g, and nobody must brake harder than B."""
    new, old, speed = neighbours(view, candidate), neighbours(view, lane), view.speed
    imposed = _behind(new, new.rear, speed)
    own = idm(speed, wanted, new.front, new.front_speed) - idm(speed, wanted, old.front, old.front_speed)
    news = imposed - _behind(new, new.rear + new.front, new.front_speed)
    olds = _behind(old, old.rear + old.front, old.front_speed) - _behind(old, old.rear, speed)
    return np.asarray((imposed >= -_IMPOSED) & (own + _POLITENESS * (news + olds) >= _GAIN))


def _behind(cars: Neighbours, gap: Numbers, front_speed: Numbers) -> Numbers:
    """Return the acceleration of the cars behind, `gap` metres after one at `front_speed`; 0 where there is none."""
    there = np.isfinite(cars.rear)
    speed = np.where(there, cars.rear_speed, 1.0)
    return np.where(there, idm(speed, speed, gap, front_speed), 0.0)


def _at(values: Numbers, distances: Numbers) -> Numbers:
    return np.take_along_axis(values, distances.argmin(axis=1)[:, None], axis=1)[:, 0]


class IDMMOBIL(hub.Agent):
    """IDM and MOBIL through the action set, as the module's docstring says.

    Args:
        task: a road of `highway/`.
        seed: not used; the agent is deterministic.
        speed: how fast the driver wishes to go (m/s).
    """

    name: ClassVar[str] = "idm-mobil"
    needs: ClassVar[hub.Needs] = hub.Needs(players="any")

    def __init__(self, task: hub.Task, *, seed: int = 0, speed: float = _FIRST_SPEED) -> None:
        super().__init__(task, seed=seed)
        if not task.env_id.startswith("highway/"):
            raise ImpossiblePairing(f"{self.name} cannot act in {task.env_id}: it knows roads only (highway/...)")
        require_positive(self.name, speed=speed)
        self._game = game_of(self.name, task) if task.players else None
        self._wanted, self._lanes = speed, int(task.env_kwargs.get("lanes", 8))
        cars = len(task.players) or 1
        self._speed, self._asked, self._lane = SlotMemory(cars), SlotMemory(cars), SlotMemory(cars, dtype=np.int64)

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start new episodes in `slots`, in which every car has the speed that cars begin with."""
        for memory, first in ((self._speed, _FIRST_SPEED), (self._asked, _FIRST_SPEED), (self._lane, -1)):
            memory.begin(slots)
            memory[np.asarray(slots, dtype=np.int64)] = np.asarray(first)

    def act(self, observations: Any, slots: NDArray[np.int64]) -> Any:
        """Return an action for each car."""
        if self._game is None:
            rows = observations["vehicles"] if isinstance(observations, Mapping) else observations
            return self._drive(rows[:, None], slots)[:, 0]
        seen, in_game = gathered(self._game, observations)
        actions = self._drive(seen["vehicles"] if isinstance(seen, dict) else seen, slots)
        return [
            {player: int(actions[row, place]) for place, player in enumerate(self._game.players) if in_game[row, place]}
            for row in range(len(slots))
        ]

    def _drive(self, rows: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return actions (n, cars) for `rows` (n, cars, 15, 5), and remember what was asked of the cars."""
        view = view_of(rows.reshape(-1, *rows.shape[2:]), self._speed[slots].reshape(-1).astype(np.float64))
        asked, target = self._asked[slots].reshape(-1).astype(np.float64), self._lane[slots].reshape(-1)
        lane = np.clip(np.ceil(view.y / _LANE_WIDTH - 0.5).astype(np.int64), 0, self._lanes - 1)
        target = np.where(target < 0, lane, target)
        change = self._change(view, lane, target)
        step, next_asked = self._speed_action(view, lane, target, asked)
        actions = np.where(change < 0, _LEFT, np.where(change > 0, _RIGHT, step))
        asked = np.where(change == 0, next_asked, asked)
        shape = rows.shape[:2]
        self._asked[slots], self._lane[slots] = asked.reshape(shape), (target + change).reshape(shape)
        self._speed[slots] = (asked + (view.speed - asked) * _LEFT_OVER).reshape(shape)
        return actions.reshape(shape)

    def _change(self, view: View, lane: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return -1, 0 or 1 (m,): to which side to change lanes; as in the simulator the right side is asked last, and wins."""
        change = np.zeros_like(lane)
        for side in (-1, 1):
            candidate = lane + side
            possible = (lane == target) & (candidate >= 0) & (candidate < self._lanes)
            change = np.where(possible & mobil(view, lane, candidate, self._wanted), side, change)
        return change

    def _speed_action(
        self, view: View, lane: NDArray[np.int64], target: NDArray[np.int64], asked: Numbers
    ) -> tuple[NDArray[np.int64], Numbers]:
        """Return the action (m,) that comes nearest to IDM's speed a second later, and the speed that it asks for."""
        fronts = [neighbours(view, which) for which in (lane, target)]
        pulls = [idm(view.speed, self._wanted, near.front, near.front_speed) for near in fronts]
        wanted = view.speed + np.clip(np.minimum(*pulls), -_LARGEST, _LARGEST)
        level = np.abs(view.speed[:, None] - _LEVELS).argmin(axis=1)
        choices = np.stack([asked, _LEVELS[np.minimum(level + 1, 2)], _LEVELS[np.maximum(level - 1, 0)]], axis=1)
        reached = choices + (view.speed[:, None] - choices) * _LEFT_OVER
        best = np.abs(reached - wanted[:, None]).argmin(axis=1)
        return np.array([_IDLE, _FASTER, _SLOWER])[best], np.take_along_axis(choices, best[:, None], axis=1)[:, 0]
