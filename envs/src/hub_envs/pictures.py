"""A white picture and a pen for it, where Pillow is there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.error import DependencyNotInstalled

from hub_envs.slots import Frame

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

INK, FAINT = "#1f2933", "#7b8794"
"""Of what is written, and of what is written or drawn beside it."""

ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"
"""Colours that colour-blind people tell apart (Okabe and Ito, "Color Universal Design", 2008)."""


def open_picture(size: tuple[int, int], text: int = 13) -> tuple[Image, ImageDraw]:
    """Return a white picture of `size` (width, height) and a pen for it, which writes `text` pixels high.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    try:
        from PIL import Image, ImageDraw
    except ModuleNotFoundError as missing:
        raise DependencyNotInstalled('pictures need Pillow: pip install "gymhub-envs[render]"') from missing
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    pen.font = font(text)
    return image, pen


@lru_cache
def font(text: int) -> Any:
    """Return Pillow's own font, `text` pixels high."""
    from PIL import ImageFont

    return ImageFont.load_default(text)


def finished(image: Image) -> Frame:
    """Return the picture as an array (height, width, 3)."""
    return np.array(image)
