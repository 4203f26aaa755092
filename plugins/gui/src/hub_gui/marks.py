"""Numbered boxes on a screen (set-of-marks: Yang et al., arXiv 2310.11441)."""

from __future__ import annotations

import numpy as np
from hub_baselines.language.messages import Image
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from hub_gui.surfaces.view import View, box_of

_COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#000000")
"""Neighbours in the list differ; told apart by the colour-blind as well (Okabe and Ito)."""


def marked(view: View, screenshot: Image) -> Image:
    """Return a copy of the screenshot on which every element of the view is boxed and numbered."""
    picture = Pictures.fromarray(screenshot)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(12)
    for index, element in enumerate(view.elements):
        left, top, right, bottom = box_of(element)
        if right <= left or bottom <= top:
            continue
        colour = _COLOURS[index % len(_COLOURS)]
        pen.rectangle((left, top, right - 1, bottom - 1), outline=colour)
        tag = pen.textbbox((left + 1, top + 1), str(index), font=font)
        pen.rectangle((tag[0] - 1, tag[1] - 1, tag[2] + 1, tag[3] + 1), fill=colour)
        pen.text((left + 1, top + 1), str(index), fill="white", font=font)
    return np.array(picture)
