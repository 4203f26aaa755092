"""The town that a path bandit's walker lives in: stations and tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph


@dataclass(frozen=True, eq=False)
class Network:
    """A connected undirected graph with a station for each arm.

    Attributes:
        edges: (E, 2) pairs of different stations, each pair once.
        source: the station where every walk starts and ends.
        positions: (J, 2) where to draw the stations; they mean nothing else.
    """

    edges: NDArray[np.int64]
    source: int
    positions: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.positions.ndim != 2 or self.positions.shape[1] != 2 or not len(self.positions):
            raise ValueError(f"positions must have shape (J, 2) with J >= 1, not {self.positions.shape}")
        _check_edges(self.edges, self.arms)
        if not 0 <= self.source < self.arms:
            raise ValueError(f"the source must be one of the arms 0..{self.arms - 1}, and is {self.source}")
        if self.hops.max() > self.arms:
            lost = int(self.hops[self.source].argmax())
            raise ValueError(f"the graph must be connected; no way leads from the source {self.source} to arm {lost}")

    @classmethod
    def of(cls, edges: Sequence[Sequence[int]] | NDArray[Any], arms: int, source: int = 0) -> Network:
        """Return the network with these edges on `arms` stations, and positions in which hops look like distances.

        Raises:
            ValueError: unless the edges are pairs of different arms, each pair once, and connect all arms.
        """
        pairs = np.asarray(edges, dtype=np.int64).reshape(-1, 2) if not len(edges) else np.asarray(edges)
        _check_edges(pairs, arms)
        hops = _hops(pairs, arms)
        return cls(pairs.astype(np.int64), source, _layout(np.minimum(hops, arms).astype(np.float64)))

    @property
    def arms(self) -> int:
        """J, the number of stations."""
        return len(self.positions)

    @cached_property
    def hops(self) -> NDArray[np.int64]:
        """(J, J) edges of a shortest way between any two stations."""
        return _hops(self.edges, self.arms)

    @cached_property
    def _previous(self) -> NDArray[np.int32]:
        graph = adjacency(self.edges, np.ones(len(self.edges)), self.arms)
        before: NDArray[np.int32] = csgraph.shortest_path(graph, unweighted=True, return_predecessors=True)[1]
        return before

    def way(self, start: int, end: int) -> list[int]:
        """Return the stations after `start` on a shortest way to `end`, with `end`."""
        stations: list[int] = []
        while end != start:
            stations.append(end)
            end = int(self._previous[start, end])
        return stations[::-1]


def _check_edges(edges: NDArray[Any], arms: int) -> None:
    if edges.ndim != 2 or edges.shape[1] != 2 or edges.dtype.kind not in "iu":
        raise ValueError(f"edges must be pairs of whole numbers, shape (E, 2), not {edges.dtype} of shape {edges.shape}")
    if edges.size and not (edges.min() >= 0 and edges.max() < arms):
        raise ValueError(f"edges must join arms 0..{arms - 1}, and name {int(edges.min())} and {int(edges.max())}")
    if (edges[:, 0] == edges[:, 1]).any():
        raise ValueError(
            f"an edge must join two different arms, and one joins arm {int(edges[edges[:, 0] == edges[:, 1]][0, 0])} to itself"
        )
    pairs, times = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
    if (times > 1).any():
        raise ValueError(f"edges must be named once, and {pairs[times > 1][0].tolist()} comes {times.max()} times")


def adjacency(edges: NDArray[Any], values: NDArray[Any], arms: int) -> sparse.csr_array:
    """Return (J, J) with the edges' `values` (E,), both ways."""
    both = np.concatenate([edges, edges[:, ::-1]]).astype(np.int32)  # graph routines of older scipy take no wider indices
    return sparse.csr_array((np.concatenate([values, values]), (both[:, 0], both[:, 1])), shape=(arms, arms))


def _hops(edges: NDArray[Any], arms: int) -> NDArray[np.int64]:
    """Return shortest ways in edges, (J, J); J + 1 where there is none."""
    hops = csgraph.shortest_path(adjacency(edges, np.ones(len(edges)), arms), unweighted=True)
    return np.where(np.isfinite(hops), hops, arms + 1).astype(np.int64)


def _layout(hops: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return positions (J, 2) whose distances resemble `hops` (J, J): classical multidimensional scaling."""
    centred = hops**2 - (hops**2).mean(axis=0)
    centred -= centred.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(-centred / 2)
    axes = np.zeros((len(hops), 2))
    best = min(2, len(hops))
    axes[:, :best] = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1][:, :best]
    return axes
