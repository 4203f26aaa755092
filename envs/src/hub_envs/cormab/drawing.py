"""Pictures of matching bandits, for people: who is how well, who is visited when and by whom, and what it pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from gymnasium.error import DependencyNotInstalled
from numpy.typing import NDArray

from hub_envs.cormab.arms import LEVELS
from hub_envs.cormab.matching import MatchingActions
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.vector import Frame, Moment

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

MARGIN, HEADER, ROW, ROWS = 16, 64, 24, 20
"""Pixels around everything, of the header and of a row; arms in a column of the picture."""

LEVEL_X, LEVEL_WIDTH, PAY_X, SLOT_X, SLOT_WIDTH = 56, 18, 142, 204, 34
"""Where an arm's gauge, its top pay and its slots start, and the width of a level and of a slot."""

INK, FAINT, EMPTY, PULLED = "#1f2933", "#7b8794", "#e4e7eb", "#fff3c4"
LEVEL_COLOURS = ("#cbd2d9", "#f7c948", "#8bc34a", "#2e7d32")
WORKER_COLOURS = ("#3366cc", "#c0392b", "#7b4fa3", "#0e7c86", "#d35400", "#5d4037", "#ad1457", "#33691e")


def draw_matching(actions: MatchingActions, problem: Problem, moment: Moment) -> Frame:
    """Return a frame (height, width, 3): a row an arm, with its level, what level 3 pays and its slots; meetings bear the worker's number.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ModuleNotFoundError as missing:
        raise DependencyNotInstalled('pictures need Pillow: pip install "gymhub-envs[render]"') from missing
    slots, rows = actions.arm_slots.shape[1], min(problem.arms, ROWS)
    column_width = SLOT_X + slots * SLOT_WIDTH + 2 * MARGIN
    columns = -(-problem.arms // ROWS)
    legend = HEADER + (rows + 1) * ROW + MARGIN
    size = (max(480, MARGIN + columns * column_width), legend + -(-len(actions.worker_slots) // 2) * ROW + MARGIN)
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    pen.font = ImageFont.load_default(13)
    _draw_header(pen, problem, moment)
    meetings = np.empty((0, 3), dtype=np.int64) if moment.action is None else actions.schedule(moment.action)
    for arm in range(problem.arms):
        left = MARGIN + arm // ROWS * column_width
        if arm % ROWS == 0:
            _draw_titles(pen, left, slots)
        corner = left, HEADER + (arm % ROWS + 1) * ROW
        _draw_arm(pen, corner, arm, problem, moment)
        _draw_slots(pen, corner, actions.arm_slots[arm], meetings[meetings[:, 1] == arm])
    for worker, available in enumerate(actions.worker_slots):
        _draw_worker(pen, (MARGIN + worker % 2 * size[0] // 2, legend + worker // 2 * ROW), worker, available)
    return np.array(image)


def _draw_header(pen: ImageDraw, problem: Problem, moment: Moment) -> None:
    pulled = "nothing pulled yet" if moment.action is None else f"{int(moment.action.sum())} of at most {problem.budget} arms pulled"
    pen.text((MARGIN, 10), f"Matching bandit    step {moment.step} of {problem.horizon}    {pulled}", fill=INK)
    score = f"reward so far {moment.total:.2f}"
    if moment.reward is not None:
        score += f"    last step {moment.reward:.2f} (expected {moment.expected:.2f})"
    pen.text((MARGIN, 30), score, fill=INK)


def _draw_titles(pen: ImageDraw, left: int, slots: int) -> None:
    pen.text((left, HEADER), "arm", fill=FAINT)
    pen.text((left + LEVEL_X, HEADER), "level", fill=FAINT)
    pen.text((left + PAY_X, HEADER), "top pay", fill=FAINT)
    for slot in range(slots):
        pen.text((left + SLOT_X + slot * SLOT_WIDTH + 6, HEADER), f"s{slot}", fill=FAINT)


def _draw_arm(pen: ImageDraw, corner: tuple[int, int], arm: int, problem: Problem, moment: Moment) -> None:
    left, top = corner
    if moment.action is not None and moment.action[arm]:
        pen.rectangle([left - 4, top - 2, left + SLOT_X - 8, top + ROW - 5], fill=PULLED)
    pen.text((left, top), f"{arm:>3d}", fill=INK)
    level = int(moment.levels[arm])
    for step in range(LEVELS):
        x = left + LEVEL_X + step * LEVEL_WIDTH
        pen.rectangle([x, top + 2, x + LEVEL_WIDTH - 3, top + ROW - 9], fill=LEVEL_COLOURS[level] if step <= level else EMPTY)
    pen.text((left + PAY_X + 16, top), f"{problem.rewards[arm, -1]:.0f}", fill=INK)


def _draw_slots(pen: ImageDraw, corner: tuple[int, int], available: NDArray[np.bool_], meetings: NDArray[np.int64]) -> None:
    left, top = corner
    for slot in np.flatnonzero(available):
        x = left + SLOT_X + int(slot) * SLOT_WIDTH
        pen.rectangle([x, top, x + SLOT_WIDTH - 6, top + ROW - 7], outline=FAINT)
        visitors = meetings[meetings[:, 2] == slot, 0]
        width = (SLOT_WIDTH - 6) // max(1, len(visitors))
        for place, worker in enumerate(visitors):
            _draw_badge(pen, (x + place * width, top), width, int(worker))


def _draw_badge(pen: ImageDraw, corner: tuple[int, int], width: int, worker: int) -> None:
    left, top = corner
    pen.rectangle([left, top, left + width, top + ROW - 7], fill=WORKER_COLOURS[worker % len(WORKER_COLOURS)])
    pen.text((left + width / 2, top + (ROW - 7) / 2), str(worker), fill="white", anchor="mm")


def _draw_worker(pen: ImageDraw, corner: tuple[int, int], worker: int, available: NDArray[np.bool_]) -> None:
    left, top = corner
    _draw_badge(pen, corner, SLOT_WIDTH - 6, worker)
    slots = " ".join(f"s{slot}" for slot in np.flatnonzero(available))
    pen.text((left + SLOT_WIDTH + 4, top), f"worker, available {slots}", fill=INK)
