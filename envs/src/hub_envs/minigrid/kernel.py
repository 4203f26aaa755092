"""MiniGrid's transition over many slots at once, compiled; `rules` says what the rules are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_envs.compiled import compiled
from hub_envs.minigrid import cells as c
from hub_envs.minigrid.pcg import draw
from hub_envs.minigrid.rules import Rule
from hub_envs.minigrid.state import MARGIN, Slots

_TRIES = 101
"""Places that MiniGrid looks at for an obstacle that moves."""
LEFT, RIGHT, FORWARD, PICK_UP, DROP, TOGGLE, DONE = range(7)

_TYPE = np.ascontiguousarray(c.TRIPLE[:, 0])
_COLOUR = np.ascontiguousarray(c.TRIPLE[:, 1])
_STATE = np.ascontiguousarray(c.TRIPLE[:, 2])
_DOOR_IS = np.array([[c.code_of(c.DOOR_TYPE, colour, state) for state in range(3)] for colour in range(c.COLOURS)], dtype=np.uint8)
"""(colours, states): the code of a door."""

_CARRIED = (c.KEY_TYPE, c.BALL_TYPE, c.BOX_TYPE)
_WALKED = (c.EMPTY_TYPE, c.FLOOR_TYPE, c.GOAL_TYPE, c.LAVA_TYPE)
_MAY_PICK_UP = np.isin(_TYPE, _CARRIED)
_MAY_STAND_ON = np.isin(_TYPE, _WALKED) | ((_TYPE == c.DOOR_TYPE) & (_STATE == c.OPEN))


class Ends(NamedTuple):
    """What a step pays and ends, in n slots: (n,) each."""

    rewards: NDArray[np.float64]
    terminations: NDArray[np.bool_]
    truncations: NDArray[np.bool_]


@compiled
def step(  # noqa: PLR0917  compiled functions are called by position
    slots: Slots, rule: int, max_steps: int, actions: NDArray[np.int64], playing: NDArray[np.bool_], ends: Ends
) -> None:
    """Play one step in the slots of `playing` and write `ends`, zeros and False in the others."""
    for slot in range(len(actions)):
        ends.rewards[slot], ends.terminations[slot], ends.truncations[slot] = 0.0, False, False
        if playing[slot]:
            slots.agent[slot, 3] += 1
            if rule == Rule.OBSTACLES:
                crashed = _crashes(slots, slot, actions[slot])
                _move_obstacles(slots, slot)
            else:
                crashed = False
            paid, ended = _act(slots, slot, rule, actions[slot])
            if crashed:
                ends.rewards[slot] = -1.0
            elif paid:
                ends.rewards[slot] = 1 - 0.9 * (slots.agent[slot, 3] / max_steps)
            ends.terminations[slot] = ended or crashed
            ends.truncations[slot] = slots.agent[slot, 3] >= max_steps


@compiled
def _crashes(slots: Slots, slot: int, action: int) -> bool:
    """Say whether the agent walks into what is ahead of it before anything moves."""
    agent = slots.agent[slot]
    ahead = slots.cells[slot, agent[0] + ahead_x(agent[2]), agent[1] + ahead_y(agent[2])]
    return action == FORWARD and ahead != c.EMPTY and _TYPE[ahead] != c.GOAL_TYPE


@compiled
def _move_obstacles(slots: Slots, slot: int) -> None:
    """Let each obstacle move to a free cell around it, drawn as MiniGrid's `place_obj` draws it; it stays where that takes too long."""
    cells, agent, generator = slots.cells[slot], slots.agent[slot], slots.generators[slot]
    for obstacle in slots.obstacles[slot]:
        old_x, old_y = obstacle[0], obstacle[1]
        if old_x < 0:
            break
        for _ in range(_TRIES):
            x, y = draw(generator, old_x - 1, old_x + 2), draw(generator, old_y - 1, old_y + 2)
            if cells[x, y] == c.EMPTY and not (x == agent[0] and y == agent[1]):
                cells[x, y], cells[old_x, old_y] = cells[old_x, old_y], c.EMPTY
                obstacle[0], obstacle[1] = x, y
                break


@compiled
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


@compiled
def _put_near(
    agent: NDArray[np.int32], hand: NDArray[np.uint8], parameters: NDArray[np.int16], action: int, carried: int
) -> tuple[bool, bool]:
    if action == DROP and carried != c.EMPTY:
        dx = agent[0] - MARGIN + ahead_x(agent[2]) - parameters[1]
        dy = agent[1] - MARGIN + ahead_y(agent[2]) - parameters[2]
        return hand[0] == c.EMPTY and abs(dx) <= 1 and abs(dy) <= 1, True
    return False, action == PICK_UP and hand[0] != c.EMPTY and hand[0] != parameters[0]


@compiled
def _red_blue(cells: NDArray[np.uint8], parameters: NDArray[np.int16], red_before: bool, blue_before: bool) -> tuple[bool, bool]:
    if _is_open(cells, parameters[2], parameters[3]):
        return red_before, True
    return False, blue_before and _is_open(cells, parameters[0], parameters[1])


@compiled
def _distance(agent: NDArray[np.int32], x: int, y: int) -> int:
    return int(abs(agent[0] - MARGIN - x) + abs(agent[1] - MARGIN - y))


@compiled
def _move(
    cells: NDArray[np.uint8], contents: NDArray[np.uint8], agent: NDArray[np.int32], hand: NDArray[np.uint8], action: int
) -> tuple[bool, bool]:
    """Do what MiniGrid's base class does with an action; return whether the goal was reached, and whether goal or lava end the episode."""
    x, y = agent[0] + ahead_x(agent[2]), agent[1] + ahead_y(agent[2])
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


@compiled
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


@compiled
def _toggled(door: int, carried: int) -> int:
    """Return what a door becomes; a locked one opens to a key of its colour."""
    colour, state = _COLOUR[door], _STATE[door]
    if state == c.LOCKED:
        fits = _TYPE[carried] == c.KEY_TYPE and _COLOUR[carried] == colour
        return int(_DOOR_IS[colour, c.OPEN]) if fits else door
    return int(_DOOR_IS[colour, c.CLOSED if state == c.OPEN else c.OPEN])


@compiled
def _is_open(cells: NDArray[np.uint8], x: int, y: int) -> bool:
    code = cells[x + MARGIN, y + MARGIN]
    return bool(_TYPE[code] == c.DOOR_TYPE and _STATE[code] == c.OPEN)


@compiled
def ahead_x(direction: int) -> int:
    """Return the step in x that `forward` takes."""
    return (direction == 0) - (direction == 2)


@compiled
def ahead_y(direction: int) -> int:
    """Return the step in y that `forward` takes."""
    return (direction == 1) - (direction == 3)
