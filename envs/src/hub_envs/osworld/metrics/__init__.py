"""Metrics by OSWorld's names: each is called as `metric(result, expected, **options)` and returns a score in [0, 1].

They follow OSWorld's `desktop_env/evaluators/metrics` in what they accept and return, for the options named in their docstrings. Files are
paths; a malformed one raises, which counts as 0. `document_paragraphs` and `text_lines` are this package's own.
"""

from hub_envs.osworld.metrics import browsers, documents, images, sheets, texts
from hub_envs.osworld.metrics.kind import Metric

__all__ = ["METRICS", "Metric"]

METRICS: dict[str, Metric] = {
    **texts.METRICS,
    **sheets.METRICS,
    **documents.METRICS,
    **images.METRICS,
    **browsers.METRICS,
}
"""All of them by name."""
