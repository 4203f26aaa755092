"""A budget: choose any entries, at most so many."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hub_envs.cormab.classes import RowClasses
from hub_envs.cormab.constraints import LinearConstraints
from hub_envs.cormab.counted import CountedActions


@dataclass(frozen=True, eq=False)
class BudgetActions(CountedActions):
    """At most `budget` of `entries` action entries.

    Attributes:
        entries: N.
        budget: B, 0 or more.
    """

    entries: int
    budget: int

    def __post_init__(self) -> None:
        if self.entries < 1 or self.budget < 0:
            raise ValueError(f"entries must be at least 1 and budget not negative, and they are {self.entries} and {self.budget}")

    @property
    def size(self) -> int:
        """N, the number of entries."""
        return self.entries

    @cached_property
    def classes(self) -> RowClasses:
        """All entries are alike."""
        return RowClasses.of(np.ones((1, self.entries), dtype=np.int64), np.array([self.budget]))

    @cached_property
    def constraints(self) -> LinearConstraints:
        """The budget as one row over the N action columns."""
        return LinearConstraints(
            matrix=sparse.csr_array(np.ones((1, self.entries))),
            row_lower=np.array([-np.inf]),
            row_upper=np.array([float(self.budget)]),
            col_lower=np.zeros(self.entries),
            col_upper=np.ones(self.entries),
            integrality=np.ones(self.entries, dtype=np.uint8),
            action_columns=np.arange(self.entries),
        )

    def violation(self, action: NDArray[Any]) -> str | None:
        """Say by how much `action` (N,) exceeds the budget; None when it does not."""
        chosen = int(np.sum(action))
        return None if chosen <= self.budget else f"it chooses {chosen} entries, and the budget allows {self.budget}"
