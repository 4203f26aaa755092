"""Pictures of a slot, drawn by MiniGrid itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from hub_envs.minigrid.cells import EMPTY, TRIPLE
from hub_envs.minigrid.state import MARGIN, Slots
from hub_envs.minigrid.tasks import Task
from hub_envs.slots import Frame

TILE = 16
"""Pixels of a cell."""


def draw(task: Task, slots: Slots, slot: int) -> Frame:
    """Return a picture (16 H, 16 W, 3) uint8 of the whole grid, with what the agent sees lit up."""
    from minigrid.core.grid import Grid
    from minigrid.core.world_object import WorldObj

    env: Any = task.build()
    inside = slots.cells[slot, MARGIN : MARGIN + task.width, MARGIN : MARGIN + task.height]
    env.grid, _ = Grid.decode(TRIPLE[inside])
    x, y, direction, _ = slots.agent[slot].tolist()
    env.agent_pos, env.agent_dir = np.array([x - MARGIN, y - MARGIN]), direction
    carried = slots.hand[slot, 0]
    env.carrying = None if carried == EMPTY else WorldObj.decode(*TRIPLE[carried].tolist())
    frame: Frame = env.get_frame(highlight=True, tile_size=TILE)
    return frame
