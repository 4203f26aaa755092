"""Pictures of open populations, for people: who is there, how well they are, who was pulled, and the places that are empty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.arms import LEVELS
from hub_envs.cormab.drawing import (
    ARM_WIDTH,
    EMPTY,
    FAINT,
    HEADER,
    INK,
    LEVEL_WIDTH,
    LEVEL_X,
    MARGIN,
    ROW,
    ROWS,
    arm_corner,
    draw_header,
    draw_row,
    draw_titles,
)
from hub_envs.cormab.open_population.family import REWARDS, TRAITS, Family
from hub_envs.cormab.vector import Moment
from hub_envs.pictures import finished, open_picture
from hub_envs.slots import Frame

TRAITS_WIDTH = 72
"""Pixels of what is said of an arm's traits."""


def draw_population(
    family: Family, facts: NDArray[np.float64], present: NDArray[np.bool_], supply: NDArray[np.float64], moment: Moment
) -> Frame:
    """Return a frame (height, width, 3): a row a place, with the arm's level, what level 3 pays and its traits; empty places are grey.

    Args:
        family: whose episode it is.
        facts: (P, 6 + F) of the arms in their places.
        present: (P,) whether an arm is there.
        supply: (S,) what the arms share.
        moment: what was played. Its action is on places; an arm that came since the step stands where another was pulled.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    column_width = ARM_WIDTH + TRAITS_WIDTH + 2 * MARGIN
    bottom = HEADER + (min(family.places, ROWS) + 1) * ROW + MARGIN
    image, pen = open_picture((max(480, MARGIN + -(-family.places // ROWS) * column_width), bottom + ROW + MARGIN))
    pulled = "nothing pulled yet" if moment.action is None else f"{int(moment.action.sum())} arms pulled"
    draw_header(pen, "Open population", f"{pulled}    {int(present.sum())} arms here", family, moment)
    for place in range(family.places):
        left, top = arm_corner(place, column_width)
        if place % ROWS == 0:
            draw_titles(pen, left)
        if not present[place]:
            pen.text((left, top), f"{place:>3d}", fill=FAINT)
            pen.rectangle([left + LEVEL_X, top + 2, left + LEVEL_X + LEVELS * LEVEL_WIDTH - 3, top + ROW - 9], fill=EMPTY)
            continue
        dosed = moment.action is not None and bool(moment.action[place])
        draw_row(pen, (left, top), place, int(moment.levels[place]), facts[place, REWARDS][-1], dosed=dosed)
        pen.text((left + ARM_WIDTH, top), family.coupling.describe_arm(facts[place, TRAITS]), fill=INK)
    pen.text((MARGIN, bottom), family.coupling.describe(supply), fill=INK)
    return finished(image)
