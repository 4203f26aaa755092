"""A reproduction's figure: a panel for each study, each entrant's mean with its interval; needs the extra `plot`."""

from __future__ import annotations

import io
from typing import Any

from hub.errors import MissingExtra
from hub.reproduction.models import ReproductionDocument
from hub.reproduction.scores import study_scores
from hub.reproduction.table import Table, table_of

_COLOURS = {"paper": "C3", "baseline": "C0", "reference": "C2", "null": "C7"}
_SAME_BYTES: Any = {"svg.hashsalt": "hub", "svg.fonttype": "none"}
"""Settings under which equal data give equal bytes: no random identifiers, and text as text."""


def require_matplotlib() -> None:
    """Raise `MissingExtra` when matplotlib is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra(f"the figure needs {error.name!r}, which is not installed: pip install 'gymhub[plot]'") from error


def figure(document: ReproductionDocument) -> bytes:
    """Return the figure of a budget as SVG. Raises `MissingExtra` when matplotlib is not installed."""
    require_matplotlib()
    from matplotlib import rc_context
    from matplotlib.figure import Figure  # without pyplot: no window system, no global state

    tables = [table_of(study) for study in study_scores(document).values()]
    heights = [0.9 + 0.28 * max(1, len(table.rows)) for table in tables]
    file = io.BytesIO()
    with rc_context(_SAME_BYTES):
        drawn = Figure(figsize=(8, sum(heights)), layout="constrained")
        panels = drawn.subplots(len(tables), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for axes, table in zip(panels, tables, strict=True):
            _draw(axes, table)
        drawn.savefig(file, format="svg", metadata={"Date": None, "Creator": "hub"})
    return file.getvalue()


def _draw(axes: Any, table: Table) -> None:
    study = table.study.record
    for place, row in enumerate(table.rows):
        colour = _COLOURS[row.entrant.role]
        axes.plot([row.mean.low, row.mean.high], [place, place], linewidth=7, alpha=0.35, solid_capstyle="butt", color=colour)
        axes.plot([row.mean.estimate], [place], marker="|", markersize=13, markeredgewidth=2, color=colour)
        if row.entrant.label == table.null:
            axes.axvline(row.mean.estimate, linestyle=":", linewidth=1, color=colour)
    if table.upper_bound is not None:
        axes.axvline(table.upper_bound, linestyle="--", linewidth=1, color="black")
        axes.annotate("upper bound", (table.upper_bound, 1), xycoords=("data", "axes fraction"), ha="right", va="bottom", fontsize="small")
    axes.set_yticks(range(len(table.rows)), [row.entrant.label for row in table.rows])
    axes.set_ylim(max(len(table.rows), 1) - 0.5, -0.5)
    axes.set_title(study.title, loc="left", fontsize="medium")
    better = "higher" if study.protocol.higher_is_better else "lower"
    axes.set_xlabel(f"{study.protocol.metric}, mean and 95 % interval ({better} is better)", fontsize="small")
    axes.grid(axis="x", alpha=0.3)
