"""How tokens' costs become one number. Results differ, so the way has a name and belongs into an algorithm's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

Aggregate = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""From costs (n, tokens), mask (n, tokens) of 0 and 1, and numbers (n,) of the sequences that rows belong to, to a scalar."""


def _token_mean(costs: torch.Tensor, mask: torch.Tensor, sequences: torch.Tensor) -> torch.Tensor:
    return (costs * mask).sum() / mask.sum().clamp(min=1)


def _sequence_mean(costs: torch.Tensor, mask: torch.Tensor, sequences: torch.Tensor) -> torch.Tensor:
    _, index = sequences.unique(return_inverse=True)  # type: ignore[no-untyped-call]
    number = int(index.max()) + 1
    sums = costs.new_zeros(number).index_add(0, index, (costs * mask).sum(dim=1))
    tokens = costs.new_zeros(number).index_add(0, index, mask.sum(dim=1))
    return (sums / tokens.clamp(min=1)).sum() / (tokens > 0).sum().clamp(min=1)


AGGREGATIONS: Mapping[str, Aggregate] = {"token-mean": _token_mean, "sequence-mean": _sequence_mean}
"""`token-mean`: all tokens of a batch weigh the same. `sequence-mean`: all rollouts of a batch do, however long they are."""
