"""A picture of a screen of a form."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hub_envs.memo.traces import Layout
from hub_envs.pictures import FAINT, GREEN, INK, ORANGE, SKY, finished, font, open_picture
from hub_envs.slots import Frame

_SIZE = (240, 320)
_ROWS = 2


def drawn_form(layout: Layout, screen: NDArray[np.float32], done: int) -> Frame:
    """Draw a screen (width,), after `done` screens."""
    image, pen = open_picture(_SIZE)
    width, height = _SIZE
    pen.rectangle((0, 0, width, 6), fill=FAINT)
    pen.rectangle((0, 0, round(width * done / layout.screens), 6), fill=GREEN)
    if done == layout.screens:
        pen.text((width // 2, height // 2), "done", fill=GREEN, anchor="mm", font=font(28))
        return finished(image)
    pen.text((12, 16), f"screen {done + 1} of {layout.screens}", fill=FAINT)
    icons, code, form = np.split(screen[:-1], (layout.icons, layout.icons + layout.codes))
    if form[0]:
        pen.text((width // 2, 90), "Your code?", fill=INK, anchor="mm", font=font(24))
        pen.rectangle((40, 120, width - 40, 165), outline=ORANGE, width=3)
    if code.any():
        pen.text((width // 2, 70), f"Code: {int(code.argmax())}", fill=ORANGE, anchor="mm", font=font(24))
    columns = math.ceil(layout.icons / _ROWS)
    spacing = (width - 20) / columns
    size = min(40.0, spacing - 2)
    for icon in range(layout.icons):
        x, y = 10 + spacing * (icon % columns + 0.5) - size / 2, 200 + 56 * (icon // columns)
        pen.ellipse((x, y, x + size, y + size), fill=SKY if icons[icon] else None, outline=FAINT)
        pen.text((x + size / 2, y + size / 2), str(icon), fill=INK, anchor="mm")
    return finished(image)
