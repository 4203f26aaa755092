"""The state of many slots as arrays.

The grids of all slots lie in one array, with a margin of walls as wide as the view is deep: what MiniGrid shows beyond the edge is then
simply there, and no index needs a test. A cell is one byte (`cells`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_envs.minigrid import cells as c
from hub_envs.minigrid.level import HEADER, OBSTACLES
from hub_envs.minigrid.pcg import STATE
from hub_envs.minigrid.rules import PARAMETERS, Rule
from hub_envs.minigrid.tasks import VIEW, Task

MARGIN = VIEW - 1


class Slots(NamedTuple):
    """The state of n slots; padded means with a margin of walls.

    Attributes:
        cells: (n, W', H') uint8, codes of padded grids.
        contents: (n, W', H') uint8, codes of what boxes hold.
        agent: (n, 4) int32: x and y in the padded grid, direction, steps of the episode.
        hand: (n, 2) uint8: code of what is carried, and of what that holds.
        parameters: (n, PARAMETERS) int16, of the rule; places are in the unpadded grid.
        obstacles: (n, OBSTACLES, 2) int32: where moving obstacles are in the padded grid; (-1, -1) for none.
        generators: (n, STATE) uint64, what moves them (`pcg`).
    """

    cells: NDArray[np.uint8]
    contents: NDArray[np.uint8]
    agent: NDArray[np.int32]
    hand: NDArray[np.uint8]
    parameters: NDArray[np.int16]
    obstacles: NDArray[np.int32]
    generators: NDArray[np.uint64]


def empty_slots(task: Task, n: int) -> Slots:
    """Return n slots that no level has been loaded into."""
    shape = (n, task.width + 2 * MARGIN, task.height + 2 * MARGIN)
    return Slots(
        cells=np.full(shape, c.WALL, dtype=np.uint8),
        contents=np.zeros(shape, dtype=np.uint8),
        agent=np.full((n, 4), (MARGIN, MARGIN, 0, 0), dtype=np.int32),
        hand=np.zeros((n, 2), dtype=np.uint8),
        parameters=np.zeros((n, PARAMETERS), dtype=np.int16),
        obstacles=np.full((n, OBSTACLES, 2), -1, dtype=np.int32),
        generators=np.zeros((n, STATE), dtype=np.uint64),
    )


def one(slots: Slots, slot: int) -> Slots:
    """Return a view of one slot."""
    part = slice(slot, slot + 1)
    cells, contents, agent, hand, parameters, obstacles, generators = slots
    return Slots(cells[part], contents[part], agent[part], hand[part], parameters[part], obstacles[part], generators[part])


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
    if task.rule == Rule.OBSTACLES:
        slots.obstacles[which] = np.where(header["obstacles"] < 0, -1, header["obstacles"] + MARGIN)
        slots.generators[which] = header["generator"]
