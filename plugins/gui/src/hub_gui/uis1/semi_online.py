"""UI-S1: semi-online reinforcement learning on expert traces (Lu et al., arXiv 2509.11543), for any policy and any kind of trace."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from hub_baselines.relative import Algorithm, Group, Policy, improve

from hub_gui.uis1.advantages import EpisodeMode, advantages, spread
from hub_gui.uis1.rewards import REWARDS
from hub_gui.uis1.rollout import Trace, offline, semi_online

REFILLS = 2
"""Batches of traces that an update samples at most, to replace those whose rollouts all fare alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The paper's symbols and what else an update depends on.

    Attributes:
        gamma: discount of the returns.
        eps: most patches of a rollout; `math.inf` sets no limit.
        omega: weight of the step advantage.
        eta: traces whose first-step returns have no greater standard deviation are left out and replaced; None takes all.
        episode_mode: see `EpisodeMode`.
        rewards: `"paper"` or `"code"`, see `REWARDS`.
        on_policy_history: True for semi-online rollouts, False for offline ones, whose history is the expert's.
        traces: traces of an update.
        copies: rollouts of each.
        minibatches: optimiser steps of an update.
        kl: weight of the divergence from the policy that training began with.
        rows_at_once: outputs that go through the policy together in training; None takes all of a mini-batch.
    """

    gamma: float = 0.5
    eps: float = 1
    omega: float = 1.0
    eta: float | None = 0.3
    episode_mode: EpisodeMode = "code"
    rewards: str = "paper"
    on_policy_history: bool = True
    traces: int = 32
    copies: int = 8
    minibatches: int = 4
    kl: float = 1e-4
    rows_at_once: int | None = None


OFFLINE: Mapping[str, Any] = MappingProxyType({"gamma": 0.0, "eta": None, "episode_mode": "none", "on_policy_history": False})
"""What of `Settings` makes conventional offline reinforcement learning: each step is compared with itself alone. Discounting, comparing
whole episodes and judging a trace by its first step have no meaning where steps do not follow from each other."""


class Trainer:
    """Trains a policy on traces, update by update.

    Args:
        policy: its parameters change.
        optimiser: of these parameters.
        traces: an expert's; updates walk through them in random order, again and again.
        settings: of the algorithm.
        rng: all randomness.
        reference: a frozen copy of the policy, needed where `settings.kl` is not 0.
    """

    def __init__(
        self,
        policy: Policy,
        optimiser: torch.optim.Optimizer,
        traces: Sequence[Trace],
        settings: Settings,
        *,
        rng: np.random.Generator,
        reference: Policy | None = None,
    ) -> None:
        self._policy, self._optimiser, self._reference = policy, optimiser, reference
        self._traces, self._settings, self._rng = traces, settings, rng
        self._algorithm = Algorithm(
            advantage=functools.partial(advantages, gamma=settings.gamma, omega=settings.omega, mode=settings.episode_mode),
            kl=settings.kl,
            minibatches=settings.minibatches,
            rows_at_once=settings.rows_at_once,
        )
        self._order: list[int] = []

    def update(self) -> dict[str, float]:
        """Sample rollouts and train on them.

        Returns:
            What `improve` tells; of all rollouts `reward` (mean of a step), `matched` (share of outputs that match) and `success` (share of
            rollouts without a mismatch); and `kept` (traces that took part).
        """
        groups, kept = self._collect()
        told = improve(self._policy, self._optimiser, kept, self._algorithm, self._rng, reference=self._reference)
        return {**told, **summary(groups), "kept": float(len(kept))}

    def _collect(self) -> tuple[list[Group], list[Group]]:
        wanted, eta = self._settings.traces, self._settings.eta
        groups: list[Group] = []
        kept: list[Group] = []
        for _ in range(REFILLS):
            fresh = self._rollouts([self._next() for _ in range(wanted - len(kept))])
            groups += fresh
            kept += [group for group in fresh if eta is None or spread(group, self._settings.gamma) > eta]
            if len(kept) == wanted:
                break
        return groups, kept

    def _rollouts(self, traces: Sequence[Trace]) -> list[Group]:
        settings = self._settings
        collect: Callable[..., list[Group]] = (
            functools.partial(semi_online, patches=settings.eps) if settings.on_policy_history else offline
        )
        return collect(self._policy, traces, copies=settings.copies, rewards=REWARDS[settings.rewards], rng=self._rng)

    def _next(self) -> Trace:
        if not self._order:
            self._order = self._rng.permutation(len(self._traces)).tolist()
        return self._traces[self._order.pop()]


def summary(groups: Sequence[Group]) -> dict[str, float]:
    """Return the mean step reward, and the shares of rollouts without a mismatch and of outputs that match."""
    rollouts = [rollout for group in groups for rollout in group.rollouts]
    matched = np.concatenate([rollout.info["matched"] for rollout in rollouts])
    return {
        "reward": float(np.concatenate([rollout.step_rewards for rollout in rollouts]).mean()),
        "matched": float(matched.mean()),
        "success": float(np.mean([rollout.info["matched"].all() for rollout in rollouts])),
    }
