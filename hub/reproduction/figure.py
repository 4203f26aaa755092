"""A reproduction's figure: each study's scores and, where it asks for them, its learning curves; needs the extra `plot`."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from typing import Any

from hub.errors import MissingExtra
from hub.reproduction.learning import band
from hub.reproduction.models import ReproductionDocument
from hub.reproduction.scores import study_scores
from hub.reproduction.table import Table, learning_of, table_of

_COLOURS = {"paper": "C3", "baseline": "C0", "reference": "C2", "null": "C7"}
_LINES = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colours of learning curves, which colour-blind readers tell apart too: Okabe and Ito 2008, "Color Universal Design"."""
_DASHES = ("-", "--", ":")
"""What tells curves apart when there are more than colours."""
_CURVES_INCHES = 3.4
_MOST_BANDS = 9
"""Curves of a panel that are drawn with bands: more bands hide the curves, and the page's table has the intervals."""
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

    panels = [panel for study in study_scores(document).values() for panel in _panels(table_of(study))]
    heights = [inches for _, inches, _ in panels]
    file = io.BytesIO()
    with rc_context(_SAME_BYTES):
        drawn = Figure(figsize=(8, sum(heights)), layout="constrained")
        places = drawn.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for axes, (draw, _, table) in zip(places, panels, strict=True):
            draw(axes, table)
        drawn.savefig(file, format="svg", metadata={"Date": None, "Creator": "hub"})
    return file.getvalue()


def _panels(table: Table) -> Iterator[tuple[Callable[[Any, Table], None], float, Table]]:
    """Yield a study's panels: what draws one, its height in inches, and the study."""
    yield _draw_scores, 0.9 + 0.28 * max(1, len(table.rows)), table
    if table.study.curves:
        yield _draw_curves, _CURVES_INCHES, table


def _draw_scores(axes: Any, table: Table) -> None:
    study = table.study.record
    for place, row in enumerate(table.rows):
        colour = _COLOURS[row.entrant.role]
        axes.plot([row.mean.low, row.mean.high], [place, place], linewidth=7, alpha=0.35, solid_capstyle="butt", color=colour)
        axes.plot([row.mean.estimate], [place], marker="|", markersize=13, markeredgewidth=2, color=colour)
        if row.entrant.label == table.null:
            axes.axvline(row.mean.estimate, linestyle=":", linewidth=1, color=colour)
    if table.upper_bound is not None:
        axes.axvline(table.upper_bound, linestyle="--", linewidth=1, color="black")
    axes.set_yticks(range(len(table.rows)), [row.entrant.label for row in table.rows])
    axes.set_ylim(max(len(table.rows), 1) - 0.5, -0.5)
    axes.set_title(study.title, loc="left", fontsize="medium")
    better = "higher" if study.protocol.higher_is_better else "lower"
    bound = "" if table.upper_bound is None else "; dashed: upper bound"
    axes.set_xlabel(f"{study.protocol.metric}, mean and 95 % interval ({better} is better){bound}", fontsize="small")
    axes.grid(axis="x", alpha=0.3)


def _draw_curves(axes: Any, table: Table) -> None:
    """Draw each entrant's mean curve over tasks with its band; the paper's agents thicker, and a legend in the order of the curves.

    The panel reaches as far as single runs did: of few runs the band may be much wider, and would press all other curves flat.
    """
    study = table.study.record
    styles = {
        entrant.label: (_LINES[n % len(_LINES)], _DASHES[n // len(_LINES) % len(_DASHES)]) for n, entrant in enumerate(study.entrants)
    }
    rows = learning_of(table.study)
    for row in rows:
        mean = band(table.study.curves[row.entrant.label])
        colour, dashes = styles[row.entrant.label]
        width = 2.2 if row.entrant.role == "paper" else 1.4
        axes.plot(mean.steps, mean.mean, color=colour, linestyle=dashes, linewidth=width, label=row.entrant.label)
        if mean.half is not None and len(rows) <= _MOST_BANDS:
            axes.fill_between(mean.steps, mean.mean - mean.half, mean.mean + mean.half, color=colour, alpha=0.15, linewidth=0)
    if study.threshold is not None:
        axes.axhline(study.threshold, linestyle="--", linewidth=1, color="black")
        axes.annotate(
            f"threshold {study.threshold:g}",
            (0, study.threshold),
            xycoords=("axes fraction", "data"),
            ha="left",
            va="bottom",
            fontsize="small",
        )
    axes.margins(x=0)
    axes.set_xlim(left=0)
    values = [value for curves in table.study.curves.values() for curve in curves for value in curve.values]
    lowest, highest = min(values), max([*values, study.threshold or -math.inf])
    margin = 0.05 * (highest - lowest) or 1.0
    axes.set_ylim(lowest - margin, highest + margin)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    interval = " and 95 % interval" if len(study.tasks) > 1 and len(rows) <= _MOST_BANDS else ""
    axes.set_xlabel("training steps", fontsize="small")
    axes.set_ylabel(f"{study.curve}, mean{interval}", fontsize="small")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize="small", frameon=False)
    axes.grid(alpha=0.3)
