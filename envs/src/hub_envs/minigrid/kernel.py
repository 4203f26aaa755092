"""MiniGrid's transition and view over many slots at once, compiled.

The grids of all slots lie in one array, with a margin of walls as wide as the view is deep: what MiniGrid shows beyond the edge is then
simply there, and no index needs a test. A cell is one byte (`cells`). Everything is written into arrays that the caller owns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from hub_envs.minigrid import cells as c
from hub_envs.minigrid.level import HEADER
from hub_envs.minigrid.rules import PARAMETERS, Rule
from hub_envs.minigrid.tasks import VIEW, Task

_F = TypeVar("_F", bound=Callable[..., Any])

MARGIN = VIEW - 1
LEFT, RIGHT, FORWARD, PICK_UP, DROP, TOGGLE, DONE = range(7)

_TYPE = np.ascontiguousarray(c.TRIPLE[:, 0])
_COLOUR = np.ascontiguousarray(c.TRIPLE[:, 1])
_STATE = np.ascontiguousarray(c.TRIPLE[:, 2])
_TRIPLE = c.TRIPLE
_DOOR_IS = np.array([[c.code_of(c.DOOR_TYPE, colour, state) for state in range(3)] for colour in range(c.COLOURS)], dtype=np.uint8)
"""(colours, states): the code of a door."""

_CARRIED = (c.KEY_TYPE, c.BALL_TYPE, c.BOX_TYPE)
_WALKED = (c.EMPTY_TYPE, c.FLOOR_TYPE, c.GOAL_TYPE, c.LAVA_TYPE)
_MAY_PICK_UP = np.isin(_TYPE, _CARRIED)
_MAY_STAND_ON = np.isin(_TYPE, _WALKED) | ((_TYPE == c.DOOR_TYPE) & (_STATE == c.OPEN))
_SEES_BEHIND = ~((_TYPE == c.WALL_TYPE) | ((_TYPE == c.DOOR_TYPE) & (_STATE != c.OPEN)))


def _sweep() -> NDArray[np.uint8]:
    """Return what one row of the view passes on, for every row that can be: (seen, see-through) bits to (seen, seen in the row ahead).

    MiniGrid's `process_vis` sweeps each row to the right and then to the left, and a seen cell that hides nothing shows its neighbour in
    the sweep's direction, the cell ahead, and the cell between the two.
    """
    seen, through = np.meshgrid(np.arange(1 << VIEW), np.arange(1 << VIEW), indexing="ij")
    ahead = np.zeros_like(seen)
    for at, step in [*((i, 1) for i in range(VIEW - 1)), *((i, -1) for i in range(VIEW - 1, 0, -1))]:
        passes = (seen >> at) & (through >> at) & 1
        seen = seen | passes << (at + step)
        ahead = ahead | passes << (at + step) | passes << at
    return np.stack([seen, ahead], axis=-1).astype(np.uint8)


_SWEEP = _sweep()


class Slots(NamedTuple):
    """The state of n slots; padded means with a margin of walls.

    Attributes:
        cells: (n, W', H') uint8, codes of padded grids.
        contents: (n, W', H') uint8, codes of what boxes hold.
        agent: (n, 4) int32: x and y in the padded grid, direction, steps of the episode.
        hand: (n, 2) uint8: code of what is carried, and of what that holds.
        parameters: (n, PARAMETERS) int16, of the rule; places are in the unpadded grid.
    """

    cells: NDArray[np.uint8]
    contents: NDArray[np.uint8]
    agent: NDArray[np.int32]
    hand: NDArray[np.uint8]
    parameters: NDArray[np.int16]


def empty_slots(task: Task, n: int) -> Slots:
    """Return n slots that no level has been loaded into."""
    shape = (n, task.width + 2 * MARGIN, task.height + 2 * MARGIN)
    return Slots(
        cells=np.full(shape, c.WALL, dtype=np.uint8),
        contents=np.zeros(shape, dtype=np.uint8),
        agent=np.full((n, 4), (MARGIN, MARGIN, 0, 0), dtype=np.int32),
        hand=np.zeros((n, 2), dtype=np.uint8),
        parameters=np.zeros((n, PARAMETERS), dtype=np.int16),
    )


def one(slots: Slots, slot: int) -> Slots:
    """Return a view of one slot."""
    part = slice(slot, slot + 1)
    return Slots(slots.cells[part], slots.contents[part], slots.agent[part], slots.hand[part], slots.parameters[part])


def load(slots: Slots, task: Task, which: NDArray[np.intp], records: NDArray[np.uint8], rows: NDArray[np.intp]) -> None:
    """Start episodes: slot `which[k]` at the beginning of the level in `records[rows[k]]`."""
    chosen = records[rows]
    header = chosen[:, : HEADER.itemsize].copy().view(HEADER)[:, 0]
    both = chosen[:, HEADER.itemsize :].reshape(-1, 2, task.width, task.height)
    inside = (which, slice(MARGIN, MARGIN + task.width), slice(MARGIN, MARGIN + task.height))
    slots.cells[inside] = both[:, 0]
    slots.contents[inside] = both[:, 1]
    slots.agent[which, 0] = header["x"] + np.int32(MARGIN)
    slots.agent[which, 1] = header["y"] + np.int32(MARGIN)
    slots.agent[which, 2] = header["direction"]
    slots.agent[which, 3] = 0
    slots.hand[which] = c.EMPTY
    slots.parameters[which] = header["parameters"]


def _compiled(function: _F) -> _F:
    return cast(_F, numba.njit(cache=True, nogil=True)(function))


class Ends(NamedTuple):
    """What a step pays and ends, in n slots: (n,) each."""

    rewards: NDArray[np.float64]
    terminations: NDArray[np.bool_]
    truncations: NDArray[np.bool_]


@_compiled
def step(  # noqa: PLR0917  compiled functions are called by position
    slots: Slots, rule: int, max_steps: int, actions: NDArray[np.int64], playing: NDArray[np.bool_], ends: Ends
) -> None:
    """Play one step in the slots of `playing` and write `ends`, zeros and False in the others."""
    for slot in range(len(actions)):
        ends.rewards[slot], ends.terminations[slot], ends.truncations[slot] = 0.0, False, False
        if playing[slot]:
            slots.agent[slot, 3] += 1
            paid, ended = _act(slots, slot, rule, actions[slot])
            if paid:
                ends.rewards[slot] = 1 - 0.9 * (slots.agent[slot, 3] / max_steps)
            ends.terminations[slot] = ended
            ends.truncations[slot] = slots.agent[slot, 3] >= max_steps


@_compiled
def _act(slots: Slots, slot: int, rule: int, action: int) -> tuple[bool, bool]:
    """Play one action in one slot; return whether it is a success and whether it ends the episode."""
    cells, agent, hand, parameters = slots.cells[slot], slots.agent[slot], slots.hand[slot], slots.parameters[slot]
    if rule == Rule.MEMORY and action == PICK_UP:
        action = TOGGLE
    carried = hand[0]
    first_open = rule == Rule.RED_BLUE and _is_open(cells, parameters[0], parameters[1])
    second_open = rule == Rule.RED_BLUE and _is_open(cells, parameters[2], parameters[3])
    paid, ended = _move(cells, slots.contents[slot], agent, hand, action)
    if rule == Rule.PICK_UP:
        success = action == PICK_UP and hand[0] >= c.TARGET
        return success, success
    if rule == Rule.FETCH:
        return hand[0] != c.EMPTY and hand[0] == parameters[0], hand[0] != c.EMPTY
    if rule == Rule.DONE_BESIDE:
        success = action == DONE and _distance(agent, parameters[0], parameters[1]) == 1
        return success, action in (DONE, TOGGLE)
    if rule == Rule.MEMORY:
        success = _distance(agent, parameters[0], parameters[1]) == 0
        return success, success or _distance(agent, parameters[2], parameters[3]) == 0
    if rule == Rule.PUT_NEAR:
        return _put_near(agent, hand, parameters, action, carried)
    if rule == Rule.RED_BLUE:
        return _red_blue(cells, parameters, first_open, second_open)
    if rule == Rule.UNLOCK:
        success = action == TOGGLE and _is_open(cells, parameters[0], parameters[1])
        return success, success
    return paid, ended


@_compiled
def _put_near(
    agent: NDArray[np.int32], hand: NDArray[np.uint8], parameters: NDArray[np.int16], action: int, carried: int
) -> tuple[bool, bool]:
    if action == DROP and carried != c.EMPTY:
        dx = agent[0] - MARGIN + _ahead_x(agent[2]) - parameters[1]
        dy = agent[1] - MARGIN + _ahead_y(agent[2]) - parameters[2]
        return hand[0] == c.EMPTY and abs(dx) <= 1 and abs(dy) <= 1, True
    return False, action == PICK_UP and hand[0] != c.EMPTY and hand[0] != parameters[0]


@_compiled
def _red_blue(cells: NDArray[np.uint8], parameters: NDArray[np.int16], red_before: bool, blue_before: bool) -> tuple[bool, bool]:
    if _is_open(cells, parameters[2], parameters[3]):
        return red_before, True
    return False, blue_before and _is_open(cells, parameters[0], parameters[1])


@_compiled
def _distance(agent: NDArray[np.int32], x: int, y: int) -> int:
    return int(abs(agent[0] - MARGIN - x) + abs(agent[1] - MARGIN - y))


@_compiled
def _move(
    cells: NDArray[np.uint8], contents: NDArray[np.uint8], agent: NDArray[np.int32], hand: NDArray[np.uint8], action: int
) -> tuple[bool, bool]:
    """Do what MiniGrid's base class does with an action; return whether the goal was reached, and whether goal or lava end the episode."""
    x, y = agent[0] + _ahead_x(agent[2]), agent[1] + _ahead_y(agent[2])
    if action == LEFT:
        agent[2] = (agent[2] + 3) % 4
    elif action == RIGHT:
        agent[2] = (agent[2] + 1) % 4
    elif action == FORWARD:
        kind = _TYPE[cells[x, y]]
        if _MAY_STAND_ON[cells[x, y]]:
            agent[0], agent[1] = x, y
        return kind == c.GOAL_TYPE, kind in (c.GOAL_TYPE, c.LAVA_TYPE)
    elif action in (PICK_UP, DROP, TOGGLE):
        _handle(cells, contents, x, y, hand, action)
    return False, False


@_compiled
def _handle(  # noqa: PLR0917
    cells: NDArray[np.uint8], contents: NDArray[np.uint8], x: int, y: int, hand: NDArray[np.uint8], action: int
) -> None:
    """Pick up, drop or toggle at the cell ahead, (x, y)."""
    ahead = cells[x, y]
    if action == PICK_UP:
        if _MAY_PICK_UP[ahead] and hand[0] == c.EMPTY:
            hand[0], hand[1] = ahead, contents[x, y]
            cells[x, y], contents[x, y] = c.EMPTY, c.EMPTY
    elif action == DROP:
        if ahead == c.EMPTY and hand[0] != c.EMPTY:
            cells[x, y], contents[x, y] = hand[0], hand[1]
            hand[0], hand[1] = c.EMPTY, c.EMPTY
    elif _TYPE[ahead] == c.BOX_TYPE:
        cells[x, y], contents[x, y] = contents[x, y], c.EMPTY
    elif _TYPE[ahead] == c.DOOR_TYPE:
        cells[x, y] = _toggled(ahead, hand[0])


@_compiled
def _toggled(door: int, carried: int) -> int:
    """Return what a door becomes; a locked one opens to a key of its colour."""
    colour, state = _COLOUR[door], _STATE[door]
    if state == c.LOCKED:
        fits = _TYPE[carried] == c.KEY_TYPE and _COLOUR[carried] == colour
        return int(_DOOR_IS[colour, c.OPEN]) if fits else door
    return int(_DOOR_IS[colour, c.CLOSED if state == c.OPEN else c.OPEN])


@_compiled
def _is_open(cells: NDArray[np.uint8], x: int, y: int) -> bool:
    code = cells[x + MARGIN, y + MARGIN]
    return bool(_TYPE[code] == c.DOOR_TYPE and _STATE[code] == c.OPEN)


@_compiled
def _ahead_x(direction: int) -> int:
    return (direction == 0) - (direction == 2)


@_compiled
def _ahead_y(direction: int) -> int:
    return (direction == 1) - (direction == 3)


@_compiled
def observe(slots: Slots, see_through_walls: bool, images: NDArray[np.uint8]) -> None:
    """Write what each slot's agent sees, (n, VIEW, VIEW, 3): itself at the bottom in the middle, looking up; zeros where it cannot see."""
    middle = VIEW // 2
    for slot in range(len(images)):
        cells, image = slots.cells[slot], images[slot]
        x, y, direction = slots.agent[slot, 0], slots.agent[slot, 1], slots.agent[slot, 2]
        fx, fy = _ahead_x(direction), _ahead_y(direction)
        seen = 1 << middle
        for back in range(VIEW):
            left_x, left_y = x + fx * back + fy * middle, y + fy * back - fx * middle
            through = 0
            for i in range(VIEW):
                through |= _SEES_BEHIND[cells[left_x - fy * i, left_y + fx * i]] << i
            row = (1 << VIEW) - 1 if see_through_walls else _SWEEP[seen, through, 0]
            for i in range(VIEW):
                if (row >> i) & 1:
                    code = cells[left_x - fy * i, left_y + fx * i]
                    for channel in range(3):
                        image[i, VIEW - 1 - back, channel] = _TRIPLE[code, channel]
                else:
                    for channel in range(3):
                        image[i, VIEW - 1 - back, channel] = 0
            seen = _SWEEP[seen, through, 1]
        for channel in range(3):
            image[middle, VIEW - 1, channel] = _TRIPLE[slots.hand[slot, 0], channel]
