"""Walks made quickly: stations join a closed walk one by one, each where it lengthens the walk least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.path.network import Network


def insert_in_order(network: Network, order: NDArray[np.int64], wanted: NDArray[np.bool_], budget: int, length: int) -> NDArray[np.int8]:
    """Go through stations in order; each that is wanted joins if its cheapest insertion keeps the walk within `length` edges.

    What comes out is served by a walk, but more might fit: the walk is never rearranged, and no other is looked for.

    Args:
        network: stations and tracks.
        order: (n, K) stations of each row, none twice.
        wanted: (n, J) by station; others never join.
        budget: most stations of a walk.
        length: most edges.

    Returns:
        (n, J) ones for stations that joined.
    """
    hops, each = network.hops, np.arange(len(order))
    # Places not taken yet hold the source: a walk that comes home between two stations is one, too.
    stops = np.full((len(order), budget + 2), network.source)
    used, pulls = np.zeros(len(order), dtype=np.int64), np.zeros(len(order), dtype=np.int64)
    joined = np.zeros(wanted.shape, dtype=np.int8)
    places = np.arange(budget + 2)
    for station in order.T:
        here = hops[stops, station[:, None]]
        detour = here[:, :-1] + here[:, 1:] - hops[stops[:, :-1], stops[:, 1:]]
        after = detour.argmin(axis=1)
        rows = np.flatnonzero(wanted[each, station] & (pulls < budget) & (used + detour[each, after] <= length))
        if not rows.size:
            continue
        used[rows] += detour[rows, after[rows]]
        pulls[rows] += 1
        joined[rows, station[rows]] = 1
        shifted = np.where(places <= after[rows, None], stops[rows], np.roll(stops[rows], 1, axis=1))
        shifted[np.arange(len(rows)), after[rows] + 1] = station[rows]
        stops[rows] = shifted
    return joined
