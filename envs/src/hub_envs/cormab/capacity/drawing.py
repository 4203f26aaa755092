"""Pictures of capacity bandits, for people: who is how well, what each arm costs, and how full the workers are with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.capacity.actions import CapacityActions
from hub_envs.cormab.drawing import (
    ARM_WIDTH,
    COLOURS,
    FAINT,
    HEADER,
    INK,
    MARGIN,
    ROW,
    ROWS,
    arm_corner,
    draw_arm,
    draw_badge,
    draw_header,
    draw_titles,
)
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.vector import Moment
from hub_envs.pictures import finished, open_picture
from hub_envs.slots import Frame

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

UNIT, BADGE = 22, 28
"""Pixels of a unit of capacity, and of the badge of a worker."""


def draw_capacity(actions: CapacityActions, problem: Problem, moment: Moment) -> Frame:
    """Return a frame (height, width, 3): a row an arm, with its level, what level 3 pays, its cost and its worker; below, the loads.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    workers = len(actions.capacities)
    column_width = ARM_WIDTH + UNIT + 2 * BADGE + 2 * MARGIN
    load_width = BADGE + int(actions.capacities.max()) * UNIT + 2 * MARGIN
    legend = HEADER + (min(problem.arms, ROWS) + 1) * ROW + MARGIN
    width = max(480, 2 * load_width, -(-problem.arms // ROWS) * column_width) + MARGIN
    image, pen = open_picture((width, legend + -(-workers // 2) * ROW + MARGIN))
    pulled = "nothing pulled yet" if moment.action is None else f"{int(moment.action.sum())} arms pulled"
    draw_header(pen, "Capacity bandit", pulled, problem, moment)
    loads = np.empty((0, 2), dtype=np.int64) if moment.action is None else actions.loads(moment.action)
    carrier = dict(zip(loads[:, 1].tolist(), loads[:, 0].tolist(), strict=True))
    for arm in range(problem.arms):
        left, top = arm_corner(arm, column_width)
        if arm % ROWS == 0:
            draw_titles(pen, left)
            pen.text((left + ARM_WIDTH, HEADER), "cost", fill=FAINT)
        draw_arm(pen, (left, top), arm, problem, moment, dosed=arm in carrier)
        pen.text((left + ARM_WIDTH + 8, top), str(actions.costs[arm]), fill=INK)
        if arm in carrier:
            draw_badge(pen, (left + ARM_WIDTH + UNIT + 8, top), BADGE, carrier[arm])
    for worker in range(workers):
        corner = (MARGIN + worker % 2 * load_width, legend + worker // 2 * ROW)
        _draw_load(pen, corner, actions, worker, loads[loads[:, 0] == worker, 1])
    return finished(image)


def _draw_load(pen: ImageDraw, corner: tuple[int, int], actions: CapacityActions, worker: int, arms: NDArray[np.int64]) -> None:
    left, top = corner
    draw_badge(pen, corner, BADGE, worker)
    left += BADGE + 6
    for unit in range(int(actions.capacities[worker])):
        pen.rectangle([left + unit * UNIT, top, left + (unit + 1) * UNIT, top + ROW - 7], outline=FAINT)
    for arm in arms.tolist():
        end = left + int(actions.costs[arm]) * UNIT
        pen.rectangle([left + 1, top + 1, end - 1, top + ROW - 8], fill=COLOURS[worker % len(COLOURS)])
        pen.text(((left + end) / 2, top + (ROW - 7) / 2), f"arm {arm}", fill="white", anchor="mm")
        left = end
