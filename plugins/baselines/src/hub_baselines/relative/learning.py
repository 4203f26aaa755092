"""From groups of rollouts to a step of the policy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from hub_baselines.relative.advantages import Advantages, group_relative
from hub_baselines.relative.aggregation import AGGREGATIONS
from hub_baselines.relative.data import Group, Policy, Segment, padded
from hub_baselines.relative.losses import TokenLoss, clipped, k3


def unchanged(group: Group) -> Group:
    """Leave a group as it is."""
    return group


def with_signal(group: Group) -> bool:
    """Say whether the rollouts of a group were rewarded differently."""
    return len(set(group.rewards.tolist())) > 1


def everything(group: Group) -> bool:
    """Take any group."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """A member of the family. The defaults are GRPO's, without a reference policy.

    Attributes:
        score: shapes the rewards of a group, or replaces some of its rollouts.
        select: whether a group takes part.
        advantage: a number for each token of a group.
        token_loss: what a token costs.
        aggregation: one of `AGGREGATIONS`.
        kl: weight of the divergence from the reference policy (`k3`), which `improve` then needs.
        epochs: passes over the rollouts.
        minibatches: optimiser steps of a pass.
        max_grad_norm: the gradient is shortened to this length.
        rows_at_once: segments that go through the policy together; gradients of a mini-batch's parts are added up. None takes all.

    Raises:
        ValueError: there is no such aggregation.
    """

    score: Callable[[Group], Group] = unchanged
    select: Callable[[Group], bool] = everything
    advantage: Callable[[Group], Advantages] = group_relative
    token_loss: TokenLoss = field(default_factory=clipped)
    aggregation: str = "token-mean"
    kl: float = 0.0
    epochs: int = 1
    minibatches: int = 1
    max_grad_norm: float = 1.0
    rows_at_once: int | None = None

    def __post_init__(self) -> None:
        if self.aggregation not in AGGREGATIONS:
            raise ValueError(f"aggregation must be one of {', '.join(AGGREGATIONS)}, and is {self.aggregation!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A segment to train on.

    Attributes:
        segment: its tokens.
        advantages: (n,) for each token.
        sequence: number of the rollout that it belongs to, within the batch.
    """

    segment: Segment
    advantages: NDArray[np.float64]
    sequence: int


def samples_of(groups: Iterable[Group], algorithm: Algorithm) -> list[Sample]:
    """Return what the groups give to train on, after `score`, `select` and `advantage`."""
    scored = [algorithm.score(group) for group in groups]
    numbers = itertools.count()
    samples: list[Sample] = []
    for group in filter(algorithm.select, scored):
        for rollout, of_rollout in zip(group.rollouts, algorithm.advantage(group), strict=True):
            number = next(numbers)
            samples += [Sample(segment, row, number) for segment, row in zip(rollout.segments, of_rollout, strict=True)]
    return samples


def improve(
    policy: Policy,
    optimiser: torch.optim.Optimizer,
    groups: Iterable[Group],
    algorithm: Algorithm,
    rng: np.random.Generator,
    *,
    reference: Policy | None = None,
) -> dict[str, float]:
    """Train the policy on rollouts.

    Args:
        policy: its parameters change.
        optimiser: of these parameters.
        groups: the rollouts.
        algorithm: what to do with them.
        rng: parts the samples into mini-batches.
        reference: where `algorithm.kl` pulls to; never trained.

    Returns:
        Means over the optimiser steps: `loss`, `kl` where there is a reference, `clipped` (weight of tokens whose ratio left [0.8, 1.2]);
        and `samples`. Where nothing is left to train on, `samples` alone, which is 0.

    Raises:
        ValueError: `algorithm.kl` is set and there is no reference.
    """
    if algorithm.kl and reference is None:
        raise ValueError("kl is set, and there is no reference policy to stay near to")
    samples = samples_of(groups, algorithm)
    told: list[dict[str, float]] = []
    for _ in range(algorithm.epochs if samples else 0):
        order = rng.permutation(len(samples)) if algorithm.minibatches > 1 else np.arange(len(samples))
        for chosen in np.array_split(order, min(algorithm.minibatches, len(samples))):
            told.append(_step(policy, optimiser, [samples[number] for number in chosen], algorithm, reference))
    means = {name: float(np.mean([each[name] for each in told])) for name in (told[0] if told else ())}
    return {**means, "samples": float(len(samples))}


def batch_loss(
    policy: Policy,
    samples: Sequence[Sample],
    algorithm: Algorithm,
    reference: Policy | None = None,
    weights: torch.Tensor | None = None,
) -> tuple[torch.Tensor, dict[str, float]]:
    """Return the loss of samples, and numbers about it that add up over parts of a batch.

    Args:
        policy: to be trained.
        samples: all of a batch, or a part of it.
        algorithm: says what a token costs.
        reference: what `algorithm.kl` refers to.
        weights: (n, tokens) of the tokens, where the samples are a part; by `algorithm.aggregation` when None.
    """
    segments = [sample.segment for sample in samples]
    logp = policy.logp(segments)
    mask = padded([segment.mask for segment in segments]).to(logp.device)
    old_logp = padded([segment.old_logp for segment in segments]).to(logp.device)
    advantages = padded([sample.advantages for sample in samples]).to(logp.device)
    weights = (token_weights(samples, algorithm) if weights is None else weights).to(logp.device)
    # Outside the mask nothing may be large: 0 times infinity is no number.
    logp = torch.where(mask > 0, logp, 0.0)
    old_logp = torch.where(mask > 0, old_logp, 0.0)
    loss = (algorithm.token_loss(logp, old_logp, advantages) * weights).sum()
    with torch.no_grad():
        told = {"clipped": float((((logp - old_logp).exp() - 1).abs() > 0.2).mul(weights).sum())}
    if algorithm.kl and reference is not None:
        with torch.no_grad():
            there = torch.where(mask > 0, reference.logp(segments), 0.0)
        divergence = (k3(logp, there) * weights).sum()
        loss = loss + algorithm.kl * divergence
        told["kl"] = float(divergence.detach())
    return loss, {"loss": float(loss.detach()), **told}


def token_weights(samples: Sequence[Sample], algorithm: Algorithm) -> torch.Tensor:
    """Return the weight of each token of a batch, (n, tokens of the longest segment)."""
    mask = padded([sample.segment.mask for sample in samples])
    return AGGREGATIONS[algorithm.aggregation](mask, np.array([sample.sequence for sample in samples]))


def _step(
    policy: Policy, optimiser: torch.optim.Optimizer, samples: Sequence[Sample], algorithm: Algorithm, reference: Policy | None
) -> dict[str, float]:
    weights = token_weights(samples, algorithm)
    told: dict[str, float] = {}
    optimiser.zero_grad()
    rows = algorithm.rows_at_once or len(samples)
    for start in range(0, len(samples), rows):
        part = samples[start : start + rows]
        longest = max(len(sample.segment.tokens) for sample in part)
        loss, numbers = batch_loss(policy, part, algorithm, reference, weights[start : start + rows, :longest])
        loss.backward()  # type: ignore[no-untyped-call]
        told = {name: told.get(name, 0.0) + value for name, value in numbers.items()}
    torch.nn.utils.clip_grad_norm_(list(policy.parameters()), algorithm.max_grad_norm)
    optimiser.step()
    return told
