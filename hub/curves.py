"""Learning curves: what an agent reports while it trains, by the steps it has taken, in few rows however often it reports."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from hub.results.models import Record

ROWS = 1000
"""Rows of a curve at most."""


class Curve(Record):
    """The content of `curve.json`: the numbers that an agent reported."""

    schema_: Literal["hub/curve/1"] = Field(default="hub/curve/1", alias="schema")
    steps: list[int] = Field(min_length=1, description="environment steps taken; one for each row, increasing")
    values: dict[str, list[float | None]] = Field(
        description="for each number that was reported its newest value since the row before; null where there was none"
    )

    @model_validator(mode="after")
    def _in_rows(self) -> Curve:
        if any(later <= earlier for earlier, later in zip(self.steps, self.steps[1:], strict=False)):
            raise ValueError("steps must increase")
        for name, column in self.values.items():
            if len(column) != len(self.steps):
                raise ValueError(f"{name} has {len(column)} values for {len(self.steps)} rows")
        return self


class CurveRecorder:
    """Takes in what is reported, and keeps the newest of each number in each of equal parts of the budget.

    The rows depend on the reports alone: not on when they came, nor on how often the training was saved and taken up between them.
    """

    def __init__(self, budget: int, rows: int = ROWS, curve: Curve | None = None) -> None:
        """Begin a curve.

        Args:
            budget: environment steps of the training; what is reported after more belongs to the last row.
            rows: most rows to keep.
            curve: what was recorded before, to go on from.
        """
        self._width = budget // rows + 1
        self._last = rows - 1
        self._rows: list[tuple[int, dict[str, float]]] = []
        if curve is not None:
            for row, steps in enumerate(curve.steps):
                self.add(steps, {name: value for name, column in curve.values.items() if (value := column[row]) is not None})

    def add(self, steps: int, numbers: Mapping[str, float]) -> None:
        """Take in numbers that were reported after `steps` steps, never fewer than before; NaN and infinities are left out."""
        finite = {name: float(value) for name, value in numbers.items() if math.isfinite(value)}
        if not finite:
            return
        if self._rows and self._part(self._rows[-1][0]) == self._part(steps):
            finite = {**self._rows.pop()[1], **finite}
        self._rows.append((steps, finite))

    def curve(self) -> Curve | None:
        """Return the curve so far, its numbers sorted by name, or None when nothing was reported."""
        if not self._rows:
            return None
        names = sorted({name for _, numbers in self._rows for name in numbers})
        return Curve(
            steps=[steps for steps, _ in self._rows], values={name: [numbers.get(name) for _, numbers in self._rows] for name in names}
        )

    def _part(self, steps: int) -> int:
        return min(steps // self._width, self._last)
