"""Whole numbers as NumPy draws them one at a time, several times faster.

MiniGrid places the rooms of a large MultiRoom by trial and error, with some 200,000 calls of `Generator.integers` a level; what each
call costs beyond the draw is most of the time a level takes. Here the raw bits are fetched in blocks and NumPy's method is applied to them:
halves of 64-bit numbers, low half first, brought into range as in Lemire, "Fast random integer generation in an interval", 2019.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_BLOCK = 4096
_HALF = 0xFFFFFFFF


class DrawsAhead:
    """Draws for environments of MiniGrid that take all their random numbers by `_rand_int`; set it in the place of that method.

    The environment's generator is left ahead of where MiniGrid would leave it, until it is seeded anew.
    """

    def __init__(self, env: Any) -> None:
        self._env = env
        self._generator: np.random.Generator | None = None
        self._halves: list[int] = []

    def __call__(self, low: int, high: int) -> int:
        """Return what `env.np_random.integers(low, high)` would; high - low lies below 2**32."""
        generator = self._env.np_random
        if generator is not self._generator:
            self._generator, self._halves = generator, []
        width = high - low
        if width <= 1:
            return low if width == 1 else int(generator.integers(low, high))  # which raises
        while True:
            if not self._halves:
                self._fetch(generator)
            product = self._halves.pop() * width
            left = product & _HALF
            if left >= width or left >= (_HALF + 1 - width) % width:
                return low + (product >> 32)

    def _fetch(self, generator: np.random.Generator) -> None:
        raw = generator.bit_generator.random_raw(_BLOCK)
        halves = np.empty(2 * _BLOCK, dtype=np.uint64)
        halves[0::2], halves[1::2] = raw & np.uint64(_HALF), raw >> np.uint64(32)
        self._halves = halves[::-1].tolist()  # popped from the end
