"""How much better an attempt was than the others of its group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hub_baselines.relative.data import Floats, Group

Std = Literal["sample", "population", "none"]
"""Which standard deviation values are divided by: with n - 1 (verl, TRL), with n, or none (Liu et al., "Dr. GRPO", arXiv 2503.20783)."""

Advantages = Sequence[Sequence[NDArray[np.float64]]]
"""For each rollout of a group, for each of its segments: (n,), a number for each token."""

EPSILON = 1e-6


def z_scores(values: Sequence[float] | Floats, std: Std = "sample") -> Floats:
    """Return (values - mean) / (std + 1e-6); zeros where all are equal, and for a single value."""
    given = np.asarray(values, dtype=np.float64)
    # A difference that is only rounding must not become a score.
    if len(given) < 2 or np.ptp(given) == 0:
        return np.zeros(len(given))
    centred = given - given.mean()
    scores: Floats = centred if std == "none" else centred / (given.std(ddof=1 if std == "sample" else 0) + EPSILON)
    return scores


def broadcast(group: Group, values: Sequence[Sequence[float] | Floats]) -> Advantages:
    """Give all tokens of a segment the same number.

    Args:
        group: of rollouts.
        values: for each rollout, a number for each of its segments.
    """
    return [
        [np.full(len(segment.tokens), value) for segment, value in zip(rollout.segments, of_rollout, strict=True)]
        for rollout, of_rollout in zip(group.rollouts, values, strict=True)
    ]


def group_relative(group: Group, std: Std = "sample") -> Advantages:
    """GRPO's: the z-score of a rollout's reward within its group, for all its tokens."""
    scores = z_scores(group.rewards, std)
    return broadcast(group, [[score] * len(rollout.segments) for rollout, score in zip(group.rollouts, scores.tolist(), strict=True)])
