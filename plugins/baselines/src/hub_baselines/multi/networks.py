"""Recurrent policies and values of stacked learners, as in MAPPO (Yu et al., "The surprising effectiveness of PPO", NeurIPS 2022)."""

from __future__ import annotations

import torch
from torch import nn

from hub_baselines.multi.stacked import StackedGRUCell, StackedLayerNorm, StackedLinear

WIDTH = 64
"""Units of every layer, and numbers that are remembered."""

_FORGETTING = 0.9
"""Weight of the past in the statistics of value targets; they are renewed once a rollout."""


class Trunk(nn.Module):
    """Layer normalisation of the inputs, two layers of 64 ReLU units with layer normalisation, a GRU of 64.

    Args:
        learners: how many, each with weights of its own.
        inputs: numbers that each reads.
    """

    def __init__(self, learners: int, inputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            StackedLayerNorm(learners, inputs),
            StackedLinear(learners, inputs, WIDTH),
            nn.ReLU(),
            StackedLayerNorm(learners, WIDTH),
            StackedLinear(learners, WIDTH, WIDTH),
            nn.ReLU(),
            StackedLayerNorm(learners, WIDTH),
        )
        self.memory = StackedGRUCell(learners, WIDTH, WIDTH)

    def forward(self, inputs: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """Return what is remembered next, (learners, rows, 64), from inputs (learners, rows, inputs) and what was remembered."""
        remembered: torch.Tensor = self.memory(self.layers(inputs), hidden)
        return remembered


class Actor(nn.Module):
    """A score for each action: logits of a policy, or values of actions.

    Args:
        learners: how many, each with weights of its own.
        inputs: numbers that each reads.
        actions: scores that it gives.
        gain: of the last layer's orthogonal weights; 0.01 begins with an almost uniform policy.
    """

    def __init__(self, learners: int, inputs: int, actions: int, gain: float = 0.01) -> None:
        super().__init__()
        self.learners = learners
        self.trunk = Trunk(learners, inputs)
        self.head = StackedLinear(learners, WIDTH, actions, gain)

    def forward(self, inputs: torch.Tensor, hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return scores (learners, rows, actions) and what is remembered (learners, rows, 64)."""
        remembered = self.trunk(inputs, hidden)
        return self.head(remembered), remembered


class Critic(nn.Module):
    """A value, learned on a scale that follows its targets (PopArt).

    Args:
        learners: how many, each with weights and scale of its own.
        inputs: numbers that each reads.
    """

    def __init__(self, learners: int, inputs: int) -> None:
        super().__init__()
        self.trunk = Trunk(learners, inputs)
        self.head = PopArt(learners, WIDTH)

    def forward(self, inputs: torch.Tensor, hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return values on the normalised scale (learners, rows) and what is remembered (learners, rows, 64)."""
        remembered = self.trunk(inputs, hidden)
        return self.head(remembered), remembered


class PopArt(nn.Module):
    """A linear layer whose output is normalised by running statistics of its targets.

    Hessel et al., "Multi-task deep reinforcement learning with PopArt", AAAI 2019. `renew` moves the statistics and changes the layer so
    that the denormalised outputs stay what they were.

    Args:
        learners: how many, each with statistics of its own.
        inputs: numbers in.
    """

    def __init__(self, learners: int, inputs: int) -> None:
        super().__init__()
        self.linear = StackedLinear(learners, inputs, 1, gain=1.0)
        # Parameters that no optimiser moves, so that they are saved with the weights.
        self.mean, self.square, self.seen = (nn.Parameter(torch.zeros(learners), requires_grad=False) for _ in range(3))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return normalised values (learners, rows) for (learners, rows, inputs)."""
        values: torch.Tensor = self.linear(rows)[..., 0]
        return values

    def normalised(self, values: torch.Tensor) -> torch.Tensor:
        """Return values (learners, rows) on the normalised scale."""
        mean, deviation = self._statistics()
        return (values - mean[:, None]) / deviation[:, None]

    def denormalised(self, values: torch.Tensor) -> torch.Tensor:
        """Return normalised values (learners, rows) on the scale of the targets."""
        mean, deviation = self._statistics()
        return values * deviation[:, None] + mean[:, None]

    def renew(self, targets: torch.Tensor, counted: torch.Tensor) -> None:
        """Take new targets into the statistics.

        Args:
            targets: (learners, rows).
            counted: (learners, rows), 1 for those that count, else 0; a learner with none keeps its statistics.
        """
        mean, deviation = self._statistics()
        count = counted.sum(1)
        share = torch.where(count > 0, 1 - _FORGETTING, 0.0)
        with torch.no_grad():
            self.mean.lerp_((targets * counted).sum(1) / count.clamp(min=1), share)
            self.square.lerp_((targets.square() * counted).sum(1) / count.clamp(min=1), share)
            self.seen.lerp_(torch.ones_like(share), share)
            new_mean, new_deviation = self._statistics()
            self.linear.weight.mul_((deviation / new_deviation)[:, None, None])
            self.linear.bias.copy_(
                (self.linear.bias * deviation[:, None, None] + (mean - new_mean)[:, None, None]) / new_deviation[:, None, None]
            )

    def _statistics(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean and standard deviation of the targets, (learners,) each, freed of the zeros they began with; 0 and 1 before any."""
        begun = self.seen > 0
        weight = torch.where(begun, self.seen, 1.0)
        mean = self.mean / weight
        variance = (self.square / weight - mean.square()).clamp(min=1e-2)
        return mean, torch.where(begun, variance, 1.0).sqrt()
