"""What a token costs."""

from __future__ import annotations

from collections.abc import Callable

import torch

TokenLoss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""From log-probabilities now, log-probabilities then and advantages, all (n, tokens), to costs (n, tokens)."""


def clipped(low: float = 0.2, high: float | None = None) -> TokenLoss:
    """Return PPO's clipped surrogate: -min(rho A, clip(rho, 1 - low, 1 + high) A), with rho the ratio of probabilities now and then.

    Args:
        low: how far a ratio may fall before its gradient is cut.
        high: how far it may rise, `low` by default; more than `low` is "clip-higher" (Yu et al., "DAPO", arXiv 2503.14476).
    """
    top = 1 + (low if high is None else high)

    def loss(logp: torch.Tensor, old_logp: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
        ratio = (logp - old_logp).exp()
        return -torch.minimum(ratio * advantages, ratio.clamp(1 - low, top) * advantages)

    return loss


def k3(logp: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """Return the low-variance estimate of the divergence from a reference policy, q - log q - 1 with q = p_ref / p, never negative."""
    log_ratio = reference - logp
    return log_ratio.exp() - log_ratio - 1
