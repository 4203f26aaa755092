"""Arms that no walk serves together, found near a fractional point: of such a set T at most |T| - 1 are pulled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

BROKEN = 1e-3
"""A cut is worth its row when it is broken by more than this."""


def broken_covers(pulls: NDArray[np.float64], feasible: Callable[[NDArray[np.bool_]], NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Return sets T of arms, (K, J), that are not feasible though `pulls` (J,) adds up to more than |T| - 1 over T.

    From each arm that is pulled at all a set grows by the arms pulled most while it stays broken; if no walk serves it, arms leave, those
    pulled least first, as long as no walk serves the rest. (Of two cuts, that of the smaller set says more.)

    Args:
        pulls: between 0 and 1.
        feasible: says for each set (n, J) whether it is a feasible action, (n,).
    """
    missing = 1.0 - pulls
    order = np.argsort(missing, kind="stable")
    order = order[pulls[order] > BROKEN]
    sets = np.zeros((len(order), len(pulls)), dtype=np.bool_)
    sets[np.arange(len(order)), order] = True
    room = 1.0 - BROKEN - missing[order]
    for arm in order:
        joins = ~sets[:, arm] & (missing[arm] < room)
        sets[joins, arm] = True
        room[joins] -= missing[arm]
    sets = np.unique(sets, axis=0)
    sets = sets[~feasible(sets)]
    for arm in order[::-1]:
        having = np.flatnonzero(sets[:, arm])
        rest = sets[having]
        rest[:, arm] = False
        sets[having[~feasible(rest)], arm] = False
    return np.unique(sets, axis=0)
