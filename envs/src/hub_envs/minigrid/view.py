"""What the agent of each slot sees, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub_envs.compiled import compiled
from hub_envs.minigrid import cells as c
from hub_envs.minigrid.kernel import ahead_x, ahead_y
from hub_envs.minigrid.state import Slots
from hub_envs.minigrid.tasks import VIEW

_TRIPLE = c.TRIPLE
_TYPE, _STATE = c.TRIPLE[:, 0], c.TRIPLE[:, 2]
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


@compiled
def observe(slots: Slots, see_through_walls: bool, images: NDArray[np.uint8]) -> None:
    """Write what each slot's agent sees, (n, VIEW, VIEW, 3): itself at the bottom in the middle, looking up; zeros where it cannot see."""
    middle = VIEW // 2
    for slot in range(len(images)):
        cells, image = slots.cells[slot], images[slot]
        x, y, direction = slots.agent[slot, 0], slots.agent[slot, 1], slots.agent[slot, 2]
        fx, fy = ahead_x(direction), ahead_y(direction)
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
