"""Screenshots are read as Pillow reads them, whatever they are stored like."""

from __future__ import annotations

import io
import itertools
import struct
import zlib

import numpy as np
import pytest
from hub_envs.phonesim.png import decoded
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

PIXELS = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 7), st.just(3)))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def stored_as_differences(pixels, pieces):
    """Return the file that Chromium writes quickly: every row as its difference from the row above, the image in some chunks."""
    rows = pixels.reshape(len(pixels), -1)
    differences = np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))
    packed = zlib.compress(np.insert(differences, 0, 2, axis=1).tobytes(), 1)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    cuts = [len(packed) * piece // pieces for piece in range(pieces + 1)]
    image = b"".join(chunk(b"IDAT", packed[start:end]) for start, end in itertools.pairwise(cuts))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tEXt", b"Title\0x") + image + chunk(b"IEND", b"")


@settings(deadline=None)
@given(PIXELS, st.integers(1, 3))
def test_chromiums_quick_files_are_read(pixels, pieces):
    data = stored_as_differences(pixels, pieces)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)  # the test's own file is a right one
    np.testing.assert_array_equal(decoded(data), pixels)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_other_files_are_read_too(mode):
    pixels = np.random.default_rng(0).integers(0, 255, (9, 7, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    file = io.BytesIO()
    image.save(file, "PNG")
    np.testing.assert_array_equal(decoded(file.getvalue()), np.asarray(image.convert("RGB")))
