"""NumPy's generator, compiled: what `Generator(PCG64(...)).integers(low, high)` draws, from a state that lies in an array.

The state is (STATE,) uint64: high and low half of the 128-bit state, high and low half of the increment, whether half of a 64-bit number
is left over, and that half. Source: O'Neill, "PCG: a family of simple fast space-efficient statistically good algorithms", 2014 (variant
XSL-RR 128/64); ranges as in Lemire, "Fast random integer generation in an interval", 2019.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub_envs.compiled import compiled

STATE = 6

_MULTIPLIER_HIGH, _MULTIPLIER_LOW = np.uint64(0x2360ED051FC65DA4), np.uint64(0x4385DF649FCCF645)
_HALF = np.uint64(0xFFFFFFFF)
_ZERO, _ONE, _32, _58, _63, _64 = (np.uint64(number) for number in (0, 1, 32, 58, 63, 64))


def state_of(generator: np.random.Generator) -> NDArray[np.uint64]:
    """Return the state (STATE,) of a generator over PCG64."""
    told = generator.bit_generator.state
    whole, increment, half = told["state"]["state"], told["state"]["inc"], 2**64
    return np.array([*divmod(whole, half), *divmod(increment, half), told["has_uint32"], told["uinteger"]], dtype=np.uint64)


@compiled
def draw(state: NDArray[np.uint64], low: int, high: int) -> int:
    """Return a whole number of [low, high), with high - low below 2**32, and move the state on."""
    width = np.uint64(high - low)
    if width == _ONE:
        return low
    threshold = (_HALF + _ONE - width) % width
    while True:
        product = _next_half(state) * width
        if (product & _HALF) >= threshold:
            return int(low + np.int64(product >> _32))


@compiled
def _next_half(state: NDArray[np.uint64]) -> np.uint64:
    if state[4]:
        state[4] = _ZERO
        return np.uint64(state[5])
    whole = _next(state)
    state[4], state[5] = _ONE, whole >> _32
    return np.uint64(whole & _HALF)


@compiled
def _next(state: NDArray[np.uint64]) -> np.uint64:
    high, low = state[0], state[1]
    product_low = low * _MULTIPLIER_LOW
    product_high = _high_product(low, _MULTIPLIER_LOW) + high * _MULTIPLIER_LOW + low * _MULTIPLIER_HIGH
    state[1] = product_low + state[3]
    carry = _ONE if state[1] < product_low else _ZERO
    state[0] = product_high + state[2] + carry
    mixed, turn = state[0] ^ state[1], state[0] >> _58
    return np.uint64((mixed >> turn) | (mixed << ((_64 - turn) & _63)))


@compiled
def _high_product(one: np.uint64, other: np.uint64) -> np.uint64:
    """Return the upper 64 bits of a product of two 64-bit numbers."""
    one_high, one_low, other_high, other_low = one >> _32, one & _HALF, other >> _32, other & _HALF
    middle = one_high * other_low + ((one_low * other_low) >> _32)
    lower = one_low * other_high + (middle & _HALF)
    return np.uint64(one_high * other_high + (middle >> _32) + (lower >> _32))
