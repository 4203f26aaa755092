"""Pictures of interventions bandits, for people: who is how well, which interventions reach whom, and which were chosen."""

from __future__ import annotations

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
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.vector import Moment
from hub_envs.pictures import finished, open_picture
from hub_envs.slots import Frame

BADGE = 28
"""Pixels of an intervention's badge."""


def draw_interventions(problem: Problem, moment: Moment) -> Frame:
    """Return a frame (height, width, 3): a row an arm, with its level, what level 3 pays, the interventions that reach it, its chance.

    Chosen interventions are coloured. Below, the arms that each intervention reaches.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    size = problem.actions.size
    reach = np.eye(size, dtype=np.int8) if problem.reach is None else problem.reach
    chosen = np.zeros(size, dtype=np.int8) if moment.action is None else moment.action
    doses, chances = problem.dose(chosen[None])[0], problem.up_prob(chosen[None])[0]
    chance_x = ARM_WIDTH + problem.doses * (BADGE + 4) + MARGIN
    column_width = chance_x + 2 * BADGE + 2 * MARGIN
    legend = HEADER + (min(problem.arms, ROWS) + 1) * ROW + MARGIN
    reach_width = BADGE + 12 * int(reach.sum(axis=0).max()) * 2 + 3 * MARGIN
    across = max(1, max(480, -(-problem.arms // ROWS) * column_width) // reach_width)
    width = MARGIN + max(480, -(-problem.arms // ROWS) * column_width, across * reach_width)
    image, pen = open_picture((width, legend + -(-size // across) * ROW + MARGIN))
    run = "nothing chosen yet" if moment.action is None else f"{int(chosen.sum())} of at most {problem.budget} interventions chosen"
    draw_header(pen, "Interventions bandit", run, problem, moment)
    for arm in range(problem.arms):
        left, top = arm_corner(arm, column_width)
        if arm % ROWS == 0:
            draw_titles(pen, left)
            pen.text((left + ARM_WIDTH, HEADER), "reached by", fill=FAINT)
            pen.text((left + chance_x, HEADER), "chance", fill=FAINT)
        draw_arm(pen, (left, top), arm, problem, moment, dosed=bool(doses[arm]))
        for place, entry in enumerate(np.flatnonzero(reach[arm]).tolist()):
            draw_badge(pen, (left + ARM_WIDTH + place * (BADGE + 4), top), BADGE, entry, chosen=bool(chosen[entry]))
        pen.text((left + chance_x, top), f"{chances[arm]:.2f}", fill=INK)
    for entry in range(size):
        corner = (MARGIN + entry % across * reach_width, legend + entry // across * ROW)
        draw_badge(pen, corner, BADGE, entry, chosen=bool(chosen[entry]))
        pen.text((corner[0] + BADGE + 6, corner[1]), _listed(reach[:, entry]), fill=INK)
    return finished(image)


def _listed(reached: NDArray[np.int8]) -> str:
    return " ".join(map(str, np.flatnonzero(reached)))
