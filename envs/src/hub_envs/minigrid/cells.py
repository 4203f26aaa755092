"""What a cell of the grid can hold, as one byte.

Code 0 is an empty cell; the others count through MiniGrid's objects in their colours and states (`minigrid.core.constants`). `TARGET` is
added to the code of the very object that a mission is about: two alike objects are then told apart, wherever they are carried.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

EMPTY, TARGET = 0, 64
UNSEEN_TYPE, EMPTY_TYPE, WALL_TYPE, FLOOR_TYPE, DOOR_TYPE, KEY_TYPE, BALL_TYPE, BOX_TYPE, GOAL_TYPE, LAVA_TYPE = range(10)
"""MiniGrid's `OBJECT_TO_IDX`."""
GREY = 5
OPEN, CLOSED, LOCKED = range(3)
"""MiniGrid's `STATE_TO_IDX`, of doors; other objects have state 0."""

COLOURS = 6


def _triples() -> list[tuple[int, int, int]]:
    objects = [(EMPTY_TYPE, 0, 0)]
    for kind in (WALL_TYPE, FLOOR_TYPE, KEY_TYPE, BALL_TYPE, BOX_TYPE, GOAL_TYPE, LAVA_TYPE):
        objects += [(kind, colour, 0) for colour in range(COLOURS)]
    objects += [(DOOR_TYPE, colour, state) for colour in range(COLOURS) for state in (OPEN, CLOSED, LOCKED)]
    return objects


_TRIPLES = _triples()
_CODES = {triple: code for code, triple in enumerate(_TRIPLES)}

TRIPLE: NDArray[np.uint8] = np.zeros((2 * TARGET, 3), dtype=np.uint8)
"""(128, 3): type, colour and state of each code, as MiniGrid encodes them in observations."""
TRIPLE[: len(_TRIPLES)] = _TRIPLES
TRIPLE[TARGET:] = TRIPLE[:TARGET]

WALL = _CODES[WALL_TYPE, GREY, 0]
"""What MiniGrid shows beyond the grid's edge."""


def code_of(kind: int, colour: int, state: int = 0) -> int:
    """Return the code of an object.

    Raises:
        ValueError: MiniGrid has no such object.
    """
    try:
        return _CODES[kind, colour, state]
    except KeyError:
        raise ValueError(f"no object of MiniGrid has type {kind}, colour {colour} and state {state}") from None


def code_of_object(thing: Any) -> int:
    """Return the code of a `minigrid.core.world_object.WorldObj`; `EMPTY` for None."""
    return EMPTY if thing is None else code_of(*thing.encode())
