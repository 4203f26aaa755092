"""A white picture and a pen for it, where Pillow is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from gymnasium.error import DependencyNotInstalled

from hub_envs.slots import Frame

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw


def open_picture(size: tuple[int, int]) -> tuple[Image, ImageDraw]:
    """Return a white picture of `size` (width, height) and a pen for it.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ModuleNotFoundError as missing:
        raise DependencyNotInstalled('pictures need Pillow: pip install "gymhub-envs[render]"') from missing
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    pen.font = ImageFont.load_default(13)
    return image, pen


def finished(image: Image) -> Frame:
    """Return the picture as an array (height, width, 3)."""
    return np.array(image)
