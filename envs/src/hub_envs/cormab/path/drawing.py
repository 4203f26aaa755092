"""Pictures of path bandits, for people: the network, who is how well, and where the walker went."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.drawing import COLOURS, FAINT, HEADER, INK, LEVEL_COLOURS, MARGIN, draw_header
from hub_envs.cormab.path.actions import PathActions
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.vector import Moment
from hub_envs.pictures import finished, open_picture
from hub_envs.slots import Frame

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

MAP = 560
"""Pixels of the network's picture, each way."""

STATION, RING, WALK = 11, 15, 6
"""Radius of a station and of a pulled one's ring, and width of the walk, in pixels."""

WALKED = COLOURS[0]
GOOD = COLOURS[1]


def draw_path(actions: PathActions, problem: Problem, moment: Moment) -> Frame:
    """Return a frame (height, width, 3): stations coloured by level, good arms' rims red, the walk blue, pulled arms ringed, source square.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    image, pen = open_picture((MAP + 2 * MARGIN, HEADER + MAP + 2 * MARGIN))
    spots = _spots(actions.network.positions)
    walk = [] if moment.action is None else actions.walk(moment.action)
    chosen = "nothing pulled yet"
    if moment.action is not None:
        pulls = int(moment.action.sum())
        chosen = f"{pulls} of at most {problem.budget} arms pulled, {len(walk) - 1} of at most {actions.length} edges walked"
    draw_header(pen, "Path bandit", chosen, problem, moment)
    for start, end in actions.network.edges.tolist():
        pen.line([spots[start], spots[end]], fill=FAINT, width=2)
    for start, end in pairwise(walk):
        pen.line([spots[start], spots[end]], fill=WALKED, width=WALK)
    for arm, spot in enumerate(spots):
        if moment.action is not None and moment.action[arm]:
            _draw_mark(pen, spot, RING, square=arm == actions.network.source, fill="white", outline=WALKED)
        rim = GOOD if problem.rewards[arm, 0] > problem.rewards[arm, 2] else INK
        _draw_mark(pen, spot, STATION, square=arm == actions.network.source, fill=LEVEL_COLOURS[int(moment.levels[arm])], outline=rim)
        pen.text(spot, str(arm), fill=INK, anchor="mm")
    return finished(image)


def _spots(positions: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return where stations are drawn: positions stretched to the map, without its rim."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    unit = (positions - low) / np.where(high > low, high - low, 1.0)
    corner = np.array([MARGIN + RING, HEADER + RING])
    return [(float(x), float(y)) for x, y in corner + unit * (MAP - 2 * RING)]


def _draw_mark(pen: ImageDraw, spot: tuple[float, float], radius: int, *, square: bool, fill: str, outline: str) -> None:
    x, y = spot
    box = [x - radius, y - radius, x + radius, y + radius]
    (pen.rectangle if square else pen.ellipse)(box, fill=fill, outline=outline, width=3)
