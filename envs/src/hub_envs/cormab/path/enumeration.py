"""All small sets of stations that one short walk can visit, grown station by station.

Held and Karp's recursion over the whole family at once: a set can be visited only when each of its subsets can, so the sets of m + 1
stations grow from those of m, and the shortest ways to visit the smaller sets give those of the larger ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 18
"""Candidate sets that are looked at together."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What a walk can reach.

    Attributes:
        hops: (J, J) distances.
        source: where walks start and end.
        length: most edges of a walk.
    """

    hops: NDArray[np.int64]
    source: int
    length: int


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """M sets of m stations that can be visited, in lexicographic order.

    Attributes:
        stations: (M, m) in rising order.
        keys: (M,) rising: the row of the set without its last station among the smaller sets, times J, plus the last station.
        smaller: (M, m) row of the set without its i-th station among the smaller sets.
        ways: (M, m) shortest way from the source through the whole set that ends in its i-th station.
    """

    stations: NDArray[np.int64]
    keys: NDArray[np.int64]
    smaller: NDArray[np.int64]
    ways: NDArray[np.int64]


def visitable_sets(reach: Reach, budget: int, limit: int) -> list[NDArray[np.int64]] | None:
    """Return the sets of at most `budget` stations that a closed walk within `reach` can visit.

    Returns:
        For each size 0, 1, ... an array (M, size) of sets in lexicographic order; None when there are more than `limit` sets.
    """
    found = [np.empty((1, 0), dtype=np.int64)]
    room = limit - 1
    sets: _Sets | None = None
    for _ in range(budget):
        sets = _singles(reach) if sets is None else _grown(sets, reach, room)
        if sets is None or len(sets.keys) > room:
            return None
        if not len(sets.keys):
            break
        found.append(sets.stations)
        room -= len(sets.keys)
    return found if room >= 0 else None


def _singles(reach: Reach) -> _Sets:
    out = reach.hops[reach.source]
    near = np.flatnonzero(2 * out <= reach.length)
    return _Sets(near[:, None], near, np.zeros((len(near), 1), dtype=np.int64), out[near][:, None])


def _grown(sets: _Sets, reach: Reach, room: int) -> _Sets | None:
    """Return the sets with a station more; None when there are more than `room`."""
    parts = []
    for parents, last in _siblings(sets.keys // len(reach.hops), sets.stations[:, -1]):
        part = _visitable(sets, parents, last, reach)
        room -= len(part.keys)
        if room < 0:
            return None
        parts.append(part)
    return _Sets(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("stations", "keys", "smaller", "ways")))


def _siblings(parent: NDArray[np.int64], last: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Join each set with the last station of every later set that shares all its other stations: candidates in lexicographic order."""
    partners = np.searchsorted(parent, parent, side="right") - np.arange(len(parent)) - 1
    total = np.cumsum(partners)
    bounds = np.searchsorted(total, np.arange(0, total[-1] + CHUNK + 1, CHUNK), side="left")
    bounds[-1] = len(parent)
    for start, end in pairwise(bounds):
        each, count = np.arange(start, end), partners[start:end]
        first = np.repeat(each, count)
        nth = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
        yield first, last[first + 1 + nth]


def _visitable(sets: _Sets, parents: NDArray[np.int64], last: NDArray[np.int64], reach: Reach) -> _Sets:
    """Return those candidates, sets `parents` with a station `last` added, that can be visited."""
    arms, size = len(reach.hops), sets.stations.shape[1]
    smaller = np.empty((len(parents), size + 1), dtype=np.int64)
    smaller[:, size] = parents
    exists = np.ones(len(parents), dtype=np.bool_)
    for place in range(size):
        wanted = sets.smaller[parents, place] * arms + last
        row = np.minimum(np.searchsorted(sets.keys, wanted), len(sets.keys) - 1)
        exists &= sets.keys[row] == wanted
        smaller[:, place] = row
    parents, last, smaller = parents[exists], last[exists], smaller[exists]
    stations = np.column_stack([sets.stations[parents], last])
    onward = sets.ways[smaller] + reach.hops[sets.stations[smaller], stations[:, :, None]]
    ways = onward.min(axis=2)
    fits = (ways + reach.hops[stations, reach.source]).min(axis=1) <= reach.length
    return _Sets(stations[fits], parents[fits] * arms + last[fits], smaller[fits], ways[fits])
