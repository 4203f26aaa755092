"""A linear probe: can a class be read off some numbers by a linear classifier?"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

_PENALTY = 1e-3
"""Of squared weights, against an average cross-entropy; numbers are standardised."""


def crossvalidated(numbers: NDArray[np.float32], labels: NDArray[np.int64], groups: NDArray[np.int64]) -> tuple[float, float]:
    """Return the share of labels that a multinomial logistic regression names, and the share of the most frequent label.

    Each group is judged by what was fitted to the others; the most frequent label is known in hindsight.

    Args:
        numbers: (m, k), what is read.
        labels: (m,), from 0 on.
        groups: (m,), rows that must not stand on both sides.

    Raises:
        ValueError: there are fewer than two groups.
    """
    if len(np.unique(groups)) < 2:
        raise ValueError(f"a probe needs rows of at least two groups, and has {len(np.unique(groups))}")
    right = 0
    for group in np.unique(groups):
        held_out = groups == group
        mean, deviation = numbers[~held_out].mean(axis=0), numbers[~held_out].std(axis=0)
        scaled = torch.from_numpy((numbers - mean) / np.where(deviation > 0, deviation, 1)).double()
        scores = _fitted(scaled[torch.from_numpy(~held_out)], torch.from_numpy(labels[~held_out]), int(labels.max()) + 1)(scaled)
        right += int((scores.argmax(dim=1).numpy() == labels)[held_out].sum())
    return right / len(labels), int(np.bincount(labels).max()) / len(labels)


def _fitted(numbers: torch.Tensor, labels: torch.Tensor, classes: int) -> torch.nn.Linear:
    layer = torch.nn.Linear(numbers.shape[1], classes, dtype=numbers.dtype)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = functional.cross_entropy(layer(numbers), labels) + _PENALTY * layer.weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return layer.requires_grad_(False)
