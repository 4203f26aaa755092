"""Figures of comparisons; needs the extra `plot`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hub.errors import HubError, MissingExtra, UsageError
from hub.results.comparison import Comparison, Side
from hub.results.statistics import performance_profile

FORMATS = (".png", ".svg")


def plot(comparison: Comparison, path: str) -> None:
    """Draw every side's IQM with its interval, and the share of episodes above each score, to a PNG or SVG file.

    Raises:
        UsageError: `path` ends in neither `.png` nor `.svg`.
        MissingExtra: matplotlib is not installed.
        HubError: the file cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise UsageError(f"a plot is written as {' or '.join(FORMATS)}, not as {target.name!r}")
    try:
        from matplotlib.figure import Figure  # without pyplot: no window system, no global state
    except ModuleNotFoundError as error:
        raise MissingExtra(f"plots need {error.name!r}, which is not installed: pip install 'gymhub[plot]'") from error
    figure = Figure(figsize=(10, 1.2 + max(2.0, 0.45 * len(comparison.sides))), layout="constrained")
    intervals, profiles = figure.subplots(1, 2)
    _draw_intervals(intervals, comparison)
    _draw_profiles(profiles, comparison)
    try:
        figure.savefig(target, dpi=150)
    except OSError as error:
        raise HubError(f"cannot write {target}: {error.strerror or error}; choose another file") from error


def _draw_intervals(axes: Any, comparison: Comparison) -> None:
    rows = np.arange(len(comparison.sides))
    for row, side in zip(rows, comparison.sides, strict=True):
        summary = side.summary
        axes.plot([summary.ci_low, summary.ci_high], [row, row], linewidth=8, alpha=0.4, solid_capstyle="butt", color=f"C{row % 10}")
        axes.plot([summary.iqm], [row], marker="|", markersize=16, markeredgewidth=2, color=f"C{row % 10}")
    axes.set_yticks(rows, [side.label for side in comparison.sides])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    better = "higher" if comparison.higher_is_better else "lower"
    axes.set_xlabel(f"{comparison.metric}, IQM and 95 % interval ({better} is better)")
    axes.grid(axis="x", alpha=0.3)


def _draw_profiles(axes: Any, comparison: Comparison) -> None:
    everything = np.concatenate([side.scores for side in comparison.sides])
    thresholds = np.linspace(everything.min(), everything.max(), 200)
    for side in comparison.sides:
        _draw_profile(axes, side, thresholds)
    axes.set_xlabel(comparison.metric)
    axes.set_ylabel("share of episodes above")
    axes.set_ylim(-0.02, 1.02)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _draw_profile(axes: Any, side: Side, thresholds: Any) -> None:
    profile = performance_profile(side.scores, thresholds)
    (line,) = axes.plot(profile.thresholds, profile.share, label=side.label)
    axes.fill_between(profile.thresholds, profile.low, profile.high, alpha=0.2, color=line.get_color())
