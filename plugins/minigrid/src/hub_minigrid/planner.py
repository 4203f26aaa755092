"""Shortest plans in MiniGrid: an exact search through all that the agent can do to a level.

Breadth-first over MiniGrid's own rules: where the agent stands and looks, what it carries, and what every cell holds. Each action is one
step, so the first plan found is a shortest one. Two things are left out that no shortest plan needs: closing an open door, and stepping
into lava. Rooms behind doors (MultiRoom) take milliseconds; a maze of one box, one ball and one key about a second; larger mazes of movable
objects have too many states.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from hub_envs.minigrid import Level, level_of
from minigrid.core.actions import Actions
from minigrid.core.constants import COLOR_TO_IDX, DIR_TO_VEC, OBJECT_TO_IDX, STATE_TO_IDX
from numpy.typing import NDArray

MOST_STATES = 1_000_000
"""States after which a search is given up: some hundred megabytes and half a minute."""

_EMPTY = (OBJECT_TO_IDX["empty"], 0, 0)
_MAY_STAND_ON = {OBJECT_TO_IDX[kind] for kind in ("empty", "floor", "goal")}
_MAY_PICK_UP = {OBJECT_TO_IDX[kind] for kind in ("key", "ball", "box")}
_DOOR, _BOX, _KEY, _GOAL = (OBJECT_TO_IDX[kind] for kind in ("door", "box", "key", "goal"))

Thing = tuple[int, int, int]
"""Type, colour and state, as MiniGrid encodes them."""


class State(NamedTuple):
    """One situation: the cell the agent stands on, its direction, the code of what it carries, and the code of what each cell holds."""

    cell: int
    direction: int
    hand: int
    cells: bytes


def plan(level: Level) -> list[int]:
    """Return the actions of a shortest way to solve a level.

    Raises:
        ValueError: the mission is none of reaching a goal or picking up an object, nothing solves it, or it has too many states.
    """
    world = World(level)
    start = world.start
    came: dict[State, tuple[State, int]] = {}
    seen, frontier = {start}, [start]
    while frontier:
        following = []
        for state in frontier:
            for action, reached, solved in world.moves(state):
                if solved:
                    return [*_path(came, start, state), action]
                if reached not in seen:
                    seen.add(reached)
                    came[reached] = (state, action)
                    following.append(reached)
        if len(seen) > MOST_STATES:
            raise ValueError(f"level {level.number} has more than {MOST_STATES:,} states; the exact search is for smaller ones")
        frontier = following
    raise ValueError(f"level {level.number} cannot be solved: {level.mission}")


def optimal_return(level: Level) -> float:
    """Return the largest return that a level allows, 1 - 0.9 t / max_steps for t steps. Raises as `plan`."""
    return 1 - 0.9 * (len(plan(level)) / level.max_steps)


def upper_bound(env: gym.Env[Any, Any]) -> float:
    """Return the mean of `optimal_return` over the level set of an environment of `hub_envs.minigrid`: no policy expects more there.

    Raises as `plan`.
    """
    assert env.spec is not None
    numbers: dict[int, None] = {}
    for seed in itertools.count():
        number = env.reset(seed=seed)[1]["level"]
        if number in numbers:
            break
        numbers[number] = None
    return float(np.mean([optimal_return(level_of(env.spec.id, number)) for number in numbers]))


def _path(came: dict[State, tuple[State, int]], start: State, state: State) -> list[int]:
    actions = []
    while state != start:
        state, action = came[state]
        actions.append(action)
    return actions[::-1]


class World:
    """A level's rules over small codes: code k stands for `things[k]`, and `inside[k]` for what is in it if it is a box.

    Raises:
        ValueError: the mission is none of reaching a goal or picking up an object.
    """

    def __init__(self, level: Level) -> None:
        width, height = level.cells.shape[:2]
        self._ahead = [int(dx * height + dy) for dx, dy in DIR_TO_VEC]
        self.things: list[Thing] = [_EMPTY]
        self.inside: list[int] = [0]
        cells = bytearray(width * height)
        for x in range(width):
            for y in range(height):
                cells[x * height + y] = self._code(_thing(level.cells[x, y]), self._code(_thing(level.contents[x, y]), 0))
        for colour in COLOR_TO_IDX.values():
            self._code((_DOOR, colour, STATE_TO_IDX["open"]), 0)
        self._target = _target(level)
        if self._target is None and all(thing[0] != _GOAL for thing in self.things):
            raise ValueError(f"no plan can be made for {level.mission!r}: it is about neither a goal nor picking up an object")
        self.start = State(level.position[0] * height + level.position[1], level.direction, 0, bytes(cells))

    def moves(self, state: State) -> Iterator[tuple[int, State, bool]]:
        """Yield what can be done that changes anything: the action, what it leads to, and whether that solves the level."""
        cell, direction, hand, cells = state
        yield Actions.left, State(cell, (direction - 1) % 4, hand, cells), False
        yield Actions.right, State(cell, (direction + 1) % 4, hand, cells), False
        ahead = cell + self._ahead[direction]
        code = cells[ahead]
        kind, colour, door = self.things[code]
        if kind in _MAY_STAND_ON or (kind == _DOOR and door == STATE_TO_IDX["open"]):
            yield Actions.forward, State(ahead, direction, hand, cells), self._target is None and kind == _GOAL
        if kind in _MAY_PICK_UP and hand == 0:
            yield Actions.pickup, State(cell, direction, code, _with(cells, ahead, 0)), (kind, colour) == self._target
        if code == 0 and hand != 0:
            yield Actions.drop, State(cell, direction, 0, _with(cells, ahead, hand)), False
        if kind == _BOX:
            yield Actions.toggle, State(cell, direction, hand, _with(cells, ahead, self.inside[code])), False
        if kind == _DOOR and (door == STATE_TO_IDX["closed"] or (door == STATE_TO_IDX["locked"] and self._unlocks(hand, colour))):
            opened = self.things.index((_DOOR, colour, STATE_TO_IDX["open"]))
            yield Actions.toggle, State(cell, direction, hand, _with(cells, ahead, opened)), False

    def _unlocks(self, hand: int, colour: int) -> bool:
        return self.things[hand][:2] == (_KEY, colour)

    def _code(self, thing: Thing, inside: int) -> int:
        for code, known in enumerate(self.things):
            if (known, self.inside[code]) == (thing, inside):
                return code
        self.things.append(thing)
        self.inside.append(inside)
        return len(self.things) - 1


def _target(level: Level) -> tuple[int, int] | None:
    """Return type and colour of the object to pick up; None where the mission is not about picking one up."""
    found = re.fullmatch(r"pick up the (\w+) (\w+)", level.mission)
    return (OBJECT_TO_IDX[found[2]], COLOR_TO_IDX[found[1]]) if found else None


def _thing(encoded: NDArray[np.uint8]) -> Thing:
    kind, colour, state = encoded.tolist()
    return kind, colour, state


def _with(cells: bytes, cell: int, code: int) -> bytes:
    return cells[:cell] + bytes((code,)) + cells[cell + 1 :]
