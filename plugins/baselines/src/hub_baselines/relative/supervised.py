"""Supervised learning of segments: what a policy starts from, and what papers compare with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from hub_baselines.relative.data import Policy, Segment, padded


def imitate(
    policy: Policy,
    optimiser: torch.optim.Optimizer,
    segments: Sequence[Segment],
    *,
    steps: int,
    batch: int,
    rng: np.random.Generator,
    max_grad_norm: float = 1.0,
) -> float:
    """Raise the log-probabilities of the segments' own tokens, and return the mean loss of the last step; NaN when there was none.

    Args:
        policy: its parameters change.
        optimiser: of these parameters.
        segments: what to imitate; `old_logp` is not read.
        steps: optimiser steps.
        batch: segments of a step, drawn with replacement.
        rng: draws them.
        max_grad_norm: the gradient is shortened to this length.
    """
    last = float("nan")
    for _ in range(steps):
        chosen = [segments[number] for number in rng.integers(len(segments), size=batch)]
        logp = policy.logp(chosen)
        mask = padded([segment.mask for segment in chosen]).to(logp.device)
        loss = -torch.where(mask > 0, logp, 0.0).sum() / mask.sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(list(policy.parameters()), max_grad_norm)
        optimiser.step()
        last = float(loss.detach())
    return last
