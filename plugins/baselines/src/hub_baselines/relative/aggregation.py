"""How tokens' costs become one number. Results differ, so the way has a name and belongs into an algorithm's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

Weights = Callable[[torch.Tensor, NDArray[np.int64]], torch.Tensor]
"""From mask (n, tokens) of 0 and 1, and numbers (n,) of the sequences that rows belong to, to the weight of each token (n, tokens).

The loss is the weighted sum of costs. Weights of the mask sum to 1, others are 0."""


def _token_mean(mask: torch.Tensor, sequences: NDArray[np.int64]) -> torch.Tensor:
    return mask / mask.sum().clamp(min=1)


def _sequence_mean(mask: torch.Tensor, sequences: NDArray[np.int64]) -> torch.Tensor:
    _, rows = np.unique(sequences, return_inverse=True)
    index = torch.from_numpy(rows.reshape(-1))
    tokens = mask.new_zeros(int(index.max()) + 1).index_add(0, index, mask.sum(dim=1))
    return mask / tokens.clamp(min=1)[index][:, None] / (tokens > 0).sum().clamp(min=1)


AGGREGATIONS: Mapping[str, Weights] = {"token-mean": _token_mean, "sequence-mean": _sequence_mean}
"""`token-mean`: all tokens of a batch weigh the same. `sequence-mean`: all rollouts of a batch do, however long they are."""
