"""What pictures of all coupled bandits share: the header, and a row an arm with its level and what its top level pays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hub_envs.cormab.arms import LEVELS
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.vector import Moment

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

MARGIN, HEADER, ROW, ROWS = 16, 64, 24, 20
"""Pixels around everything, of the header and of a row; arms in a column of the picture."""

LEVEL_X, LEVEL_WIDTH, PAY_X, ARM_WIDTH = 56, 18, 142, 204
"""Where an arm's gauge and its top pay start, the width of a level, and of all that is said of an arm."""

INK, FAINT, EMPTY, PULLED = "#1f2933", "#7b8794", "#e4e7eb", "#fff3c4"
LEVEL_COLOURS = ("#cbd2d9", "#f7c948", "#8bc34a", "#2e7d32")
COLOURS = ("#3366cc", "#c0392b", "#7b4fa3", "#0e7c86", "#d35400", "#5d4037", "#ad1457", "#33691e")
"""Of workers, interventions and whatever else is told apart by colour."""


class Timed(Protocol):
    """Whatever says how long an episode is."""

    @property
    def horizon(self) -> int:
        """Steps of an episode."""


def draw_header(pen: ImageDraw, title: str, chosen: str, problem: Timed, moment: Moment) -> None:
    """Write two lines: what is played, the step and what was `chosen` in it, and what it paid."""
    pen.text((MARGIN, 10), f"{title}    step {moment.step} of {problem.horizon}    {chosen}", fill=INK)
    score = f"reward so far {moment.total:.2f}"
    if moment.reward is not None:
        score += f"    last step {moment.reward:.2f} (expected {moment.expected:.2f})"
    pen.text((MARGIN, 30), score, fill=INK)


def draw_titles(pen: ImageDraw, left: int) -> None:
    """Write the titles over a column of arms."""
    for x, title in ((0, "arm"), (LEVEL_X, "level"), (PAY_X, "top pay")):
        pen.text((left + x, HEADER), title, fill=FAINT)


def arm_corner(arm: int, column_width: int) -> tuple[int, int]:
    """Return left and top of an arm's row: arms go down the first column, then down the next."""
    return MARGIN + arm // ROWS * column_width, HEADER + (arm % ROWS + 1) * ROW


def draw_arm(pen: ImageDraw, corner: tuple[int, int], arm: int, problem: Problem, moment: Moment, *, dosed: bool) -> None:
    """Draw an arm's number, level and top pay, on yellow if something reached it (`dosed`)."""
    draw_row(pen, corner, arm, int(moment.levels[arm]), problem.rewards[arm, -1], dosed=dosed)


def draw_row(pen: ImageDraw, corner: tuple[int, int], number: int, level: int, pay: float, *, dosed: bool) -> None:
    """Draw a number, a level and what the top level pays, on yellow if `dosed`."""
    left, top = corner
    if dosed:
        pen.rectangle([left - 4, top - 2, left + ARM_WIDTH - 8, top + ROW - 5], fill=PULLED)
    pen.text((left, top), f"{number:>3d}", fill=INK)
    for step in range(LEVELS):
        x = left + LEVEL_X + step * LEVEL_WIDTH
        pen.rectangle([x, top + 2, x + LEVEL_WIDTH - 3, top + ROW - 9], fill=LEVEL_COLOURS[level] if step <= level else EMPTY)
    pen.text((left + PAY_X + 16, top), f"{pay:.0f}", fill=INK)


def draw_badge(pen: ImageDraw, corner: tuple[int, int], width: int, number: int, *, chosen: bool = True) -> None:
    """Draw a box with a number, for a worker or an intervention; coloured where it is `chosen`, and an outline where it is not."""
    left, top = corner
    pen.rectangle([left, top, left + width, top + ROW - 7], fill=COLOURS[number % len(COLOURS)] if chosen else None, outline=FAINT)
    pen.text((left + width / 2, top + (ROW - 7) / 2), str(number), fill="white" if chosen else FAINT, anchor="mm")
