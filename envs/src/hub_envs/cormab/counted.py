"""What action sets with classes of interchangeable entries have in common: every question is answered by counting."""

from __future__ import annotations

import abc
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.actions import Actions, ActionSet
from hub_envs.cormab.classes import EntryClasses

TABLED_COUNTS = 100_000
"""Most class-count vectors for which the linear maximiser compares all of them; above it each row is a small integer program."""

TABLED_CELLS = 2**17
"""Most count vectors, feasible or not, for which feasibility is one look into a table. Small enough for exact float32 indices."""


class CountedActions(ActionSet):
    """Allowed actions that are told by how many entries they choose of each class."""

    @property
    @abc.abstractmethod
    def classes(self) -> EntryClasses:
        """Entries grouped; those of one class can stand in for each other."""

    @cached_property
    def _table(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]] | None:
        """What each entry adds to an action's place in the table of all counts, (N,), and the table; None when that were too long."""
        shape = self.classes.sizes + 1
        cells = int(np.prod(shape, dtype=np.float64))
        if cells > TABLED_CELLS:
            return None
        strides = np.cumprod(np.append(1, shape[:0:-1]))[::-1]
        counts = np.stack(np.unravel_index(np.arange(cells), tuple(shape.tolist())), axis=1)
        places: NDArray[np.int64] = self.classes.membership.astype(np.int64) @ strides
        return places.astype(np.float32), self.classes.fits(counts)

    def is_feasible(self, actions: NDArray[Any]) -> NDArray[np.bool_]:
        """Say for each row of `actions` (n, N), zeros and ones, whether it is allowed; (n,)."""
        chosen = np.asarray(actions, dtype=np.float32)
        # Some float32 kernels report invalid values from lanes beyond the arrays; zeros, ones and small counts have none.
        with np.errstate(invalid="ignore"):
            if self._table is None:
                return self.classes.fits(chosen @ self.classes.membership)
            places, feasible = self._table
            return feasible[(chosen @ places).astype(np.intp)]

    def pack(self, priorities: NDArray[np.floating[Any]]) -> Actions:
        """Add entries in falling order of priority, each as long as the action stays feasible; (n, N)."""
        n = len(priorities)
        order = np.argsort(-priorities, axis=1, kind="stable")
        steps = self.classes.membership.astype(np.int64)
        each = np.arange(n)
        counts = np.zeros((n, len(self.classes.members)), dtype=np.int64)
        packed = np.zeros((n, self.size), dtype=np.int8)
        for entry in order.T:
            wanted = counts + steps[entry]
            fits = self.classes.fits(wanted) & (priorities[each, entry] > -np.inf)
            counts[fits] = wanted[fits]
            packed[each[fits], entry[fits]] = 1
        return packed

    def enumerate(self, limit: int) -> Actions | None:
        """Return every feasible action, (M, N), or None when there are more than `limit`."""
        return self.classes.actions(limit)

    @cached_property
    def _best_counts(self) -> NDArray[np.int64] | None:
        return self.classes.maximal_counts(TABLED_COUNTS)

    def maximise_linear(self, weights: NDArray[np.floating[Any]]) -> Actions:
        """Return for each row of `weights` (n, N) a feasible action of greatest total weight, exactly; entries of weight <= 0 stay out."""
        counts = self._best_counts
        if counts is not None:
            return self.classes.best_of_counts(counts, np.asarray(weights, dtype=np.float64))
        return np.array([self.constraints.maximise(row) for row in weights], dtype=np.int8).reshape(-1, self.size)

    def approximate_linear(self, weights: NDArray[np.floating[Any]]) -> Actions:
        """Return the exact linear maxima where they need no integer program, else what `pack` makes of the weights; (n, N)."""
        return super().approximate_linear(weights) if self._best_counts is None else self.maximise_linear(weights)
