"""Pictures of matching bandits, for people: who is how well, who is visited when and by whom, and what it pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.drawing import (
    ARM_WIDTH,
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
from hub_envs.cormab.matching.actions import MatchingActions
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.vector import Moment
from hub_envs.pictures import finished, open_picture
from hub_envs.slots import Frame

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SLOT_WIDTH = 34
"""Pixels of a slot."""


def draw_matching(actions: MatchingActions, problem: Problem, moment: Moment) -> Frame:
    """Return a frame (height, width, 3): a row an arm, with its level, what level 3 pays and its slots; meetings bear the worker's number.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    slots, rows = actions.arm_slots.shape[1], min(problem.arms, ROWS)
    column_width = ARM_WIDTH + slots * SLOT_WIDTH + 2 * MARGIN
    columns = -(-problem.arms // ROWS)
    legend = HEADER + (rows + 1) * ROW + MARGIN
    size = (max(480, MARGIN + columns * column_width), legend + -(-len(actions.worker_slots) // 2) * ROW + MARGIN)
    image, pen = open_picture(size)
    pulled = "nothing pulled yet" if moment.action is None else f"{int(moment.action.sum())} of at most {problem.budget} arms pulled"
    draw_header(pen, "Matching bandit", pulled, problem, moment)
    meetings = np.empty((0, 3), dtype=np.int64) if moment.action is None else actions.schedule(moment.action)
    for arm in range(problem.arms):
        left, top = arm_corner(arm, column_width)
        if arm % ROWS == 0:
            draw_titles(pen, left)
            for slot in range(slots):
                pen.text((left + ARM_WIDTH + slot * SLOT_WIDTH + 6, HEADER), f"s{slot}", fill=FAINT)
        draw_arm(pen, (left, top), arm, problem, moment, dosed=moment.action is not None and bool(moment.action[arm]))
        _draw_slots(pen, (left, top), actions.arm_slots[arm], meetings[meetings[:, 1] == arm])
    for worker, available in enumerate(actions.worker_slots):
        _draw_worker(pen, (MARGIN + worker % 2 * size[0] // 2, legend + worker // 2 * ROW), worker, available)
    return finished(image)


def _draw_slots(pen: ImageDraw, corner: tuple[int, int], available: NDArray[np.bool_], meetings: NDArray[np.int64]) -> None:
    left, top = corner
    for slot in np.flatnonzero(available):
        x = left + ARM_WIDTH + int(slot) * SLOT_WIDTH
        pen.rectangle([x, top, x + SLOT_WIDTH - 6, top + ROW - 7], outline=FAINT)
        visitors = meetings[meetings[:, 2] == slot, 0]
        width = (SLOT_WIDTH - 6) // max(1, len(visitors))
        for place, worker in enumerate(visitors):
            draw_badge(pen, (x + place * width, top), width, int(worker))


def _draw_worker(pen: ImageDraw, corner: tuple[int, int], worker: int, available: NDArray[np.bool_]) -> None:
    left, top = corner
    draw_badge(pen, corner, SLOT_WIDTH - 6, worker)
    slots = " ".join(f"s{slot}" for slot in np.flatnonzero(available))
    pen.text((left + SLOT_WIDTH + 4, top), f"worker, available {slots}", fill=INK)
