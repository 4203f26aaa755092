"""UI-S1's returns and advantages (section 3 of the paper).

A return sums a step's reward and gamma times the next step's return, as long as outputs match; a mismatch cuts the sum, since what follows
it follows from a patch. Advantages compare a step with the same step of the other rollouts of its trace, and with the whole of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from hub_baselines.relative import Group, Rollout, broadcast, z_scores
from hub_baselines.relative.advantages import EPSILON, Advantages
from hub_baselines.relative.data import Floats

EpisodeMode = Literal["code", "paper", "none"]
"""What the episode advantage compares. `code`, as released: each step's own reward with those of all steps of all rollouts of the trace.
`paper`: the sum of a rollout's rewards with those of the other rollouts. `none`: there is none."""


def returns(rewards: Floats, matched: Sequence[bool] | np.ndarray, gamma: float) -> Floats:
    """Return R (steps,): R_t = r_t + gamma R_{t+1} where step t matched, r_t where it did not, and at the end.

    The reward of a mismatch so counts, discounted, for the matched steps before it. The released code knew two other ways: first it summed
    beyond mismatches, for steps that matched; now it leaves out the reward of the mismatch, too.
    """
    totals = np.array(rewards, dtype=np.float64)
    for step in reversed(range(len(totals) - 1)):
        if matched[step]:
            totals[step] += gamma * totals[step + 1]
    return totals


def rollout_returns(rollout: Rollout, gamma: float) -> Floats:
    """Return the returns of a rollout's steps."""
    return returns(rollout.step_rewards, rollout.info["matched"], gamma)


def step_advantages(totals: Sequence[Floats]) -> list[Floats]:
    """Normalise returns among the rollouts that reached a step: (R - mean) / (std + 1e-6); 0 for a rollout that reached it alone.

    Args:
        totals: for each rollout of a trace, the returns of the steps that it reached.
    """
    advantages = [np.zeros(len(each)) for each in totals]
    for step in range(max(map(len, totals))):
        reached = [number for number, each in enumerate(totals) if len(each) > step]
        for number, score in zip(reached, z_scores([totals[number][step] for number in reached]), strict=True):
            advantages[number][step] = score
    return advantages


def episode_advantages(rewards: Sequence[Floats], mode: EpisodeMode) -> list[Floats]:
    """Return the episode advantage of every step of every rollout of a trace; see `EpisodeMode`.

    Args:
        rewards: for each rollout, its step rewards.
        mode: what is compared.
    """
    lengths = [len(each) for each in rewards]
    if mode == "none":
        return [np.zeros(length) for length in lengths]
    if mode == "paper":
        scores = z_scores([each.sum() for each in rewards])
        return [np.full(length, score) for length, score in zip(lengths, scores, strict=True)]
    pooled = np.concatenate(rewards)
    # A lone step is left as it is, mean 0 and std 1, as in the released code.
    scores = z_scores(pooled) if len(pooled) > 1 else pooled / (1 + EPSILON)
    return np.split(scores, np.cumsum(lengths)[:-1])


def advantages(group: Group, *, gamma: float, omega: float, mode: EpisodeMode) -> Advantages:
    """Return A = A_episode + omega A_step for the tokens of a trace's rollouts."""
    of_step = step_advantages([rollout_returns(rollout, gamma) for rollout in group.rollouts])
    of_episode = episode_advantages([rollout.step_rewards for rollout in group.rollouts], mode)
    return broadcast(group, [episode + omega * step for episode, step in zip(of_episode, of_step, strict=True)])


def spread(group: Group, gamma: float) -> float:
    """Return the standard deviation, over the rollouts of a trace, of the return of the first step; traces below eta are left out.

    It is the sample's, as in the advantages. The released code filters by the population's, 0.94 times as much for eight rollouts.
    """
    first = [rollout_returns(rollout, gamma)[0] for rollout in group.rollouts]
    return float(np.std(first, ddof=1)) if len(first) > 1 else 0.0
