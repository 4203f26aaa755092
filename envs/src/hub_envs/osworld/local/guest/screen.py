"""What the screen shows, read from the X server's own frame buffer, which it keeps in a file."""

from __future__ import annotations

import io
import mmap
import struct
import time
from pathlib import Path

from PIL import Image, ImageChops

from .work import at_work

_CARET = (4, 48)
"""A change no wider and no higher than this, in pixels, is a blinking caret and not a program at work."""


class Screen:
    """The X server's frame buffer, mapped into memory: a picture in the format of `xwd`, the pointer drawn into it.

    Args:
        path: the file that `Xvfb -fbdir` writes.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header = struct.unpack(">25I", self._memory[:100])
        self.width, self.height = header[4], header[5]
        self._stride = header[12]
        self._start = header[0] + 12 * header[19]  # a table of colours stands between header and pixels

    def grab(self) -> Image.Image:
        """Return the screen as it is now, as an RGB picture of its own."""
        pixels = self._memory[self._start : self._start + self._stride * self.height]
        return Image.frombuffer("RGB", (self.width, self.height), pixels, "raw", "BGRX", self._stride, 1)

    def png(self) -> bytes:
        """Return the screen as PNG, packed fast rather than small."""
        file = io.BytesIO()
        self.grab().save(file, "PNG", compress_level=1)
        return file.getvalue()

    def await_stillness(self, frames: int, interval: float, limit: float) -> tuple[bool, float]:
        """Wait until `frames` pictures in a row, `interval` seconds apart, show the same but for a caret, and nothing is at work meanwhile.

        Returns:
            Whether that happened within `limit` seconds, and the seconds waited.
        """
        start = time.monotonic()
        last, equal = self.grab(), 1
        while equal < frames:
            if time.monotonic() - start > limit:
                return False, time.monotonic() - start
            time.sleep(interval)
            now = self.grab()
            equal = equal + 1 if _is_caret(ImageChops.difference(last, now).getbbox()) and not at_work() else 1
            last = now
        return True, time.monotonic() - start


def _is_caret(changed: tuple[int, int, int, int] | None) -> bool:
    if changed is None:
        return True
    left, top, right, bottom = changed
    return right - left <= _CARET[0] and bottom - top <= _CARET[1]
