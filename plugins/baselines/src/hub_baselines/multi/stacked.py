"""Layers of several learners at once: the same layer with weights of its own for each, computed in one batched product.

Inputs and outputs are (learners, rows, numbers). Players that share one network are one learner with the rows of all of them;
`by_learner` and `by_player` go back and forth.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import nn
from torch.nn import functional

RELU_GAIN = math.sqrt(2)


def by_learner(values: torch.Tensor, learners: int) -> torch.Tensor:
    """Return values (rows, P, ...) as (learners, rows', ...): a learner a player, or one that takes the rows of all."""
    if learners == 1:
        return values.reshape(1, values.shape[0] * values.shape[1], *values.shape[2:])
    return values.transpose(0, 1).contiguous()


def by_player(values: torch.Tensor, players: int) -> torch.Tensor:
    """Return what `by_learner` gave for `players` players as (rows, P, ...) again."""
    if len(values) == 1:
        return values.reshape(values.shape[1] // players, players, *values.shape[2:])
    return values.transpose(0, 1)


class StackedLinear(nn.Module):
    """A linear layer for each learner, orthogonal weights and zero biases to begin with.

    Args:
        learners: how many.
        inputs: numbers in.
        outputs: numbers out.
        gain: of the orthogonal weights.
    """

    def __init__(self, learners: int, inputs: int, outputs: int, gain: float = RELU_GAIN) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(learners, inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(learners, 1, outputs))
        for learner in range(learners):
            nn.init.orthogonal_(self.weight.data[learner], gain)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (learners, rows, outputs) for (learners, rows, inputs)."""
        return torch.baddbmm(self.bias, rows, self.weight)

    def aligned(self, floats: int) -> nn.Module:
        """Return the same layer with inputs padded to a multiple of `floats` and outputs to at least as many, for `Tiles`."""
        return _AlignedStackedLinear(self, floats)


class _AlignedStackedLinear(nn.Module):
    """A stacked linear layer whose input rows are padded with zeros to whole cache lines, and whose output to at least one."""

    def __init__(self, layer: StackedLinear, floats: int) -> None:
        super().__init__()
        _, inputs, self._outputs = layer.weight.shape
        self._missing, narrow = -inputs % floats, max(0, floats - self._outputs)
        self.weight = nn.Parameter(functional.pad(layer.weight.detach(), (0, narrow, 0, self._missing)))
        self.bias = nn.Parameter(functional.pad(layer.bias.detach(), (0, narrow)))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(self.bias, functional.pad(rows, (0, self._missing)), self.weight)[..., : self._outputs]


class StackedLayerNorm(nn.Module):
    """Layer normalisation with scale and shift of each learner's own.

    Args:
        learners: how many.
        width: numbers in a row.
    """

    def __init__(self, learners: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(learners, 1, width))
        self.bias = nn.Parameter(torch.zeros(learners, 1, width))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (learners, rows, width) for the same."""
        return torch.addcmul(self.bias, functional.layer_norm(rows, rows.shape[-1:]), self.weight)


class StackedGRUCell(nn.Module):
    """A gated recurrent unit for each learner, one step at a time (Cho et al., 2014; gates as in `torch.nn.GRUCell`).

    Args:
        learners: how many.
        inputs: numbers in.
        width: numbers remembered.
    """

    def __init__(self, learners: int, inputs: int, width: int) -> None:
        super().__init__()
        self.reads = StackedLinear(learners, inputs, 3 * width, gain=1.0)
        self.recalls = StackedLinear(learners, width, 3 * width, gain=1.0)

    def forward(self, rows: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """Return what is remembered next (learners, rows, width), from `rows` (learners, rows, inputs) and what was, `hidden`."""
        return self.step(self.reads(rows), hidden)

    def step(self, read: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """Return the same from `reads(rows)` (learners, rows, 3 width), which for a sequence is best computed at once."""
        # Chunks, not slices: a slice's gradient is a tensor of zeros around it.
        (reset, keep, new), (old_reset, old_keep, old_new) = read.chunk(3, dim=-1), self.recalls(hidden).chunk(3, dim=-1)
        new = torch.tanh(torch.addcmul(new, torch.sigmoid(reset + old_reset), old_new))
        return torch.lerp(new, hidden, torch.sigmoid(keep + old_keep))


def clip_each_learner(parameters: Iterable[nn.Parameter], most: float) -> None:
    """Scale every learner's gradients down to a norm of `most` where it is above; parameters are (learners, ...)."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norms = torch.stack([gradient.flatten(1).square().sum(1) for gradient in gradients]).sum(0).sqrt()
    scale = (most / (norms + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(scale.reshape(-1, *[1] * (gradient.dim() - 1)))
