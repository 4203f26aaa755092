"""How long must a closed walk through given stations be? Bounds and exact answers for many sets of stations at once.

A shortest closed walk through stations is a shortest tour in which neighbours are joined by shortest ways, so all here works on tables
of distances d (n, m, m): row after row the distances between m stations of one set, the source first. A station may stand in a set
twice (distance 0): so sets of different sizes share a table, filled up with the source.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_EXACT = 12
"""Stations beside the source up to which exact answers are worth their time and memory."""

CELLS = 1 << 20
"""Most numbers in one table of ways."""

FAR = np.int16(1 << 13)
"""Longer than any way."""

Table = NDArray[np.int64]


def triangle_bounds(d: Table) -> NDArray[np.int64]:
    """Return for each set the longest tour through the source and two of its stations, (n,): no tour is shorter."""
    longest: NDArray[np.int64] = (d[:, 0, :, None] + d + d[:, 0, None, :]).max(axis=(1, 2))
    return longest


def short_tours(d: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each set a short, not always shortest, tour: the order of visits (n, m), source first, and its length (n,).

    Farthest insertion, then 2-opt moves until none helps.
    """
    after = _inserted(d)
    each = np.arange(len(d))
    order = np.zeros(d.shape[:2], dtype=np.int64)
    for place in range(1, d.shape[1]):
        order[:, place] = after[each, order[:, place - 1]]
    return _two_opt(d, order)


def _inserted(d: NDArray[Any]) -> NDArray[np.int64]:
    """Return who follows whom, (n, m), after inserting the farthest station first, each where the detour is least."""
    n, m, _ = d.shape
    each = np.arange(n)
    after = np.zeros((n, m), dtype=np.int64)
    inside = np.zeros((n, m), dtype=np.bool_)
    inside[:, 0] = True
    gap = d[:, 0].copy()
    for _ in range(1, m):
        new = np.where(inside, -np.inf, gap).argmax(axis=1)
        from_new = d[each, new]
        detour = from_new + np.take_along_axis(from_new, after, axis=1) - np.take_along_axis(d, after[:, :, None], axis=2)[:, :, 0]
        before = np.where(inside, detour, np.inf).argmin(axis=1)
        after[each, new] = after[each, before]
        after[each, before] = new
        inside[each, new] = True
        np.minimum(gap, from_new, out=gap)
    return after


def _two_opt(d: NDArray[Any], order: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Reverse stretches of each order (n, m) while that shortens its tour; return orders and lengths."""
    n, m = order.shape
    place = np.arange(m)
    active = np.arange(n)
    while active.size:
        rows = order[active]
        along = d[active[:, None, None], rows[:, :, None], rows[:, None, :]]
        ahead = np.roll(along, -1, axis=2)
        edge = ahead[:, place, place]
        change = along + np.roll(ahead, -1, axis=1) - edge[:, :, None] - edge[:, None, :]
        change[:, place, place] = 0
        best = change.reshape(len(active), -1).argmin(axis=1)
        gains = change.reshape(len(active), -1)[np.arange(len(active)), best] < -1e-6
        active, rows, best = active[gains], rows[gains], best[gains]
        low, high = np.minimum(best // m, best % m)[:, None], np.maximum(best // m, best % m)[:, None]
        source = np.where((place > low) & (place <= high), low + 1 + high - place, place)
        order[active] = np.take_along_axis(rows, source, axis=1)
    return order, tour_lengths(d, order)


def tour_lengths(d: NDArray[Any], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the length of each set's tour in `order` (n, m), (n,)."""
    length: NDArray[np.int64] = d[np.arange(len(d))[:, None], order, np.roll(order, -1, axis=1)].sum(axis=1)
    return length


@lru_cache(maxsize=32)
def _subsets(k: int) -> list[list[tuple[int, NDArray[np.int64]]]]:
    """Return for each size 1, 2, ... and each of k stations the sets of that size without it, as bit masks."""
    masks = np.arange(1 << k)
    bits = (masks[:, None] >> np.arange(k)) & 1
    sizes = bits.sum(axis=1)
    return [[(new, masks[(sizes == size) & (bits[:, new] == 0)]) for new in range(k)] for size in range(1, k)]


def _ways(d: Table) -> NDArray[np.int16]:
    """Return shortest ways from the source through each subset of the k = m - 1 others, by where they end, (2^k, k, n).

    Held and Karp's recursion, about 2^k k^2 steps a set; the last axis is the sets', so that each step is one over all of them.
    """
    n, m, _ = d.shape
    k = m - 1
    short = np.ascontiguousarray(d.transpose(1, 2, 0), dtype=np.int16)
    ways = np.full((1 << k, k, n), FAR, dtype=np.int16)
    ways[1 << np.arange(k), np.arange(k)] = short[0, 1:]
    for masks_of_size in _subsets(k):
        for new, masks in masks_of_size:
            ways[masks | 1 << new, new] = (ways[masks] + short[1 + new, 1:]).min(axis=1)
    return ways


def shortest_tours(d: Table) -> NDArray[np.int64]:
    """Return the length of each set's shortest tour, (n,), exactly; for m - 1 <= MOST_EXACT."""
    length = np.zeros(len(d), dtype=np.int64)
    if d.shape[1] > 1:
        for part in _parts(d):
            length[part] = (_ways(d[part])[-1] + d[part, 1:, 0].T).min(axis=0)
    return length


def tours_with_another(d: Table, aside: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the length of each set's shortest tour with one more station, (n, J), exactly; for m - 1 <= MOST_EXACT.

    Args:
        d: (n, m, m), see above.
        aside: (n, m, J) distances of each set's stations from each station that may join.
    """
    length: NDArray[np.int64] = 2 * aside[:, 0]
    if d.shape[1] > 1:
        for part in _parts(d):
            length[part] = _joined(d[part], aside[part])
    return length


def _parts(d: Table) -> list[slice]:
    """Cut the rows of `d` into stretches whose tables of ways stay small."""
    n, m, _ = d.shape
    rows = max(1, CELLS // (m << (m - 1)))
    return [slice(start, start + rows) for start in range(0, n, rows)]


def _joined(d: Table, aside: NDArray[np.int64]) -> NDArray[np.int64]:
    # Two ways from the source that share the set between them, and the newcomer where they meet.
    ways = _ways(d)
    k = ways.shape[1]
    near = aside.transpose(1, 2, 0).astype(np.int16)
    best = (ways[-1][:, None] + near[1:] + near[0]).min(axis=0)
    half = ways[: len(ways) // 2]
    rest = ways[: len(ways) // 2 - 1 : -1]
    for end in range(k - 1):
        for other in range(k):
            pair = (half[:, end] + rest[:, other]).min(axis=0)
            np.minimum(best, pair + near[1 + end] + near[1 + other], out=best)
    length: NDArray[np.int64] = best.T.astype(np.int64)
    return length
