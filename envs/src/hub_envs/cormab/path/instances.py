"""Instances of the path bandit, drawn by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph

from hub_envs.cormab.arms import check_sizes, draw_chances, draw_rewards
from hub_envs.cormab.path.actions import PathActions
from hub_envs.cormab.path.network import Network
from hub_envs.cormab.problem import Problem

EDGES_PER_ARM = 1.4
MOST_TRACKS = 6
"""Tracks that meet in a station at most."""

STRAIGHT = 0.5
"""A line goes on where the cosine of its turn is above this: it never turns by more than 60 degrees."""

CANDIDATES = 8
"""Spots tried for each station; the one farthest from all earlier stations is taken."""


def draw_network(rng: np.random.Generator, arms: int) -> Network:
    """Draw a network like a city's railway: connected, planar, about 1.4 tracks a station, at most six at any of them.

    Stations lie in the unit square, spread evenly at random. Tracks are edges of their Gabriel graph (planar, and a superset of the minimum
    spanning tree): first that tree, then lines that start at a random free edge and run straight on in both directions while there are
    free edges. The source is the station with the most tracks (ties: lowest number).
    """
    positions = _spread(rng, arms)
    distance = np.linalg.norm(positions[:, None] - positions, axis=2)
    built = csgraph.minimum_spanning_tree(distance).toarray() > 0
    built |= built.T
    free = _gabriel(distance) & ~built
    wanted = round(EDGES_PER_ARM * arms)
    while True:
        free &= ~_full(built)
        pairs = np.argwhere(np.triu(free))
        missing = wanted - built.sum() // 2
        if not len(pairs) or missing <= 0:
            break
        for start, end in _line(positions, free, *pairs[rng.integers(len(pairs))])[:missing]:
            built[start, end] = built[end, start] = not (built[start].sum() >= MOST_TRACKS or built[end].sum() >= MOST_TRACKS)
            free[start, end] = free[end, start] = False
    return Network(np.argwhere(np.triu(built)), int(built.sum(axis=1).argmax()), positions)


def _spread(rng: np.random.Generator, arms: int) -> NDArray[np.float64]:
    spots = rng.random((arms, CANDIDATES, 2))
    positions = spots[:, 0].copy()
    for arm in range(1, arms):
        gaps = ((spots[arm, :, None] - positions[:arm]) ** 2).sum(axis=2).min(axis=1)
        positions[arm] = spots[arm, gaps.argmax()]
    return positions


def _gabriel(distance: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (J, J) which pairs have no third station within the circle on their connection as diameter."""
    square = distance**2
    joined = np.empty(distance.shape, dtype=np.bool_)
    for arm, row in enumerate(square):
        joined[arm] = (row[:, None] + square >= row).all(axis=0)
    np.fill_diagonal(joined, val=False)
    return joined


def _full(built: NDArray[np.bool_]) -> NDArray[np.bool_]:
    full = built.sum(axis=1) >= MOST_TRACKS
    either: NDArray[np.bool_] = full[:, None] | full
    return either


def _line(positions: NDArray[np.float64], free: NDArray[np.bool_], start: int, end: int) -> list[tuple[int, int]]:
    """Return the edges of a straight line over `free` edges through the edge `start`-`end`, in the order of building."""
    tracks = [(start, end)]
    for behind, ahead in ((start, end), (end, start)):
        before, here = behind, ahead
        while True:
            turn = _turns(positions, before, here)
            turn[~free[here]] = -1.0
            following = int(turn.argmax())
            if turn[following] <= STRAIGHT or (here, following) in tracks or (following, here) in tracks:
                break
            tracks.append((here, following))
            before, here = here, following
    return tracks


def _turns(positions: NDArray[np.float64], before: int, here: int) -> NDArray[np.float64]:
    """Return the cosine of the turn at `here` on the way from `before` to each station, (J,); -1 for `here` itself."""
    onward, heading = positions - positions[here], positions[here] - positions[before]
    size = np.linalg.norm(onward, axis=1) * np.linalg.norm(heading)
    cosine: NDArray[np.float64] = np.divide(onward @ heading, size, out=np.full(len(positions), -1.0), where=size > 0)
    return cosine


def path_problem(
    instance: int = 0,
    arms: int = 20,
    budget: int = 5,
    horizon: int = 20,
    *,
    edges: Sequence[Sequence[int]] | NDArray[Any] | None = None,
    source: int | None = None,
) -> Problem:
    """Return instance number `instance`: `arms` arms on a network, at most `budget` pulls on a walk of at most 2 * `budget` edges.

    Drawn in this order from `numpy.random.default_rng(instance)`: passive ~ U[0, 0.2) (J), active ~ U[0.7, 0.9) (J), top rewards of the B
    good arms from {4, 5, 6}, of the others from {1, 2, 3}; then, unless `edges` are given, the network as `draw_network` says.

    Args:
        instance: number of the instance, 0 or more.
        arms: J.
        budget: B.
        horizon: steps of an episode.
        edges: (E, 2) pairs of arms, a network of your own.
        source: the station where walks start; by default 0 with `edges`, else the drawn network's.

    Raises:
        ValueError: for a negative instance, unless 1 <= budget <= arms, or for edges that are no connected graph on the arms.
    """
    check_sizes(instance, arms, budget)
    rng = np.random.default_rng(instance)
    chances = draw_chances(rng, arms)
    rewards = draw_rewards(rng, arms, budget)
    network = draw_network(rng, arms) if edges is None else Network.of(edges, arms)
    if source is not None:
        network = Network(network.edges, source, network.positions)
    return Problem(
        budget=budget,
        chances=chances,
        rewards=rewards,
        actions=PathActions(network, budget, 2 * budget),
        horizon=horizon,
    )
