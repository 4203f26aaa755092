"""Semi-online rollouts: the policy reads its own outputs, the screens come from an expert's trace.

As long as the policy acts as the expert did, the next recorded screen is what its action leads to. Where it acts otherwise, nobody
recorded what would come; the patch module then writes the expert's action into the history, with an empty thought ("thought-free"), and
the rollout goes on; or it ends, if too many patches were made before. No environment is stepped.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from hub_baselines.relative import Group, Policy, Rollout, Segment

from hub_gui.uis1.rewards import Level, Rewards


class Judgement(NamedTuple):
    """What an output is worth beside the expert's action.

    Attributes:
        level: how near it comes.
        matched: whether the recorded next screen follows from it.
        entry: what the history says of it: the policy's own thought and action.
        formed: whether it has the form that is asked for, a thought before the action.
    """

    level: Level
    matched: bool
    entry: Any
    formed: bool = True


class Trace(Protocol):
    """An expert's trace, as rollouts need it. Entries of histories are whatever the policy's contexts are made of."""

    @property
    def task(self) -> Hashable:
        """Identifies the trace."""
        ...

    @property
    def steps(self) -> int:
        """Its length."""
        ...

    def context(self, step: int, history: Sequence[Any]) -> Any:
        """Return what the policy sees at a step, after a history of `step` entries."""
        ...

    def judge(self, step: int, output: Segment) -> Judgement:
        """Compare an output with the expert's action at a step."""
        ...

    def patch(self, step: int) -> Any:
        """Return the history's entry for the expert's action, with an empty thought."""
        ...


@dataclass(slots=True, eq=False)
class _Attempt:
    trace: Trace
    history: list[Any] = field(default_factory=list)
    outputs: list[Segment] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    patches: int = 0
    stopped: bool = False

    @property
    def running(self) -> bool:
        return not self.stopped and len(self.outputs) < self.trace.steps

    def context(self) -> Any:
        return self.trace.context(len(self.outputs), tuple(self.history))

    def take(self, output: Segment) -> Judgement:
        judgement = self.trace.judge(len(self.outputs), output)
        self.outputs.append(output)
        self.judgements.append(judgement)
        return judgement

    def patch(self) -> None:
        self.history.append(self.trace.patch(len(self.outputs) - 1))

    def rollout(self, rewards: Rewards) -> Rollout:
        earned = np.array([rewards[judgement.formed][judgement.level] for judgement in self.judgements])
        info = {"matched": np.array([judgement.matched for judgement in self.judgements]), "patches": self.patches}
        return Rollout(tuple(self.outputs), float(earned.sum()), earned, info)


def semi_online(
    policy: Policy,
    traces: Sequence[Trace],
    *,
    copies: int,
    patches: float,
    rewards: Rewards,
    rng: np.random.Generator,
    temperature: float = 1.0,
) -> list[Group]:
    """Sample rollouts of each trace, all in lock step.

    Args:
        policy: acts, and reads its own outputs.
        traces: an expert's.
        copies: rollouts of each trace.
        patches: most patches of a rollout, the paper's epsilon; `math.inf` sets no limit.
        rewards: one of `REWARDS`.
        rng: all randomness.
        temperature: of sampling.

    Returns:
        A group for each trace. A rollout has one segment and one step reward for each step it reached; `info["matched"]` (steps,) says
        which outputs matched, `info["patches"]` how many patches were made. A step that was patched keeps its own, wrong output.
    """
    attempts = [[_Attempt(trace) for _ in range(copies)] for trace in traces]
    everyone = [attempt for group in attempts for attempt in group]
    while running := [attempt for attempt in everyone if attempt.running]:
        outputs = policy.sample([attempt.context() for attempt in running], temperature=temperature, rng=rng)
        for attempt, output in zip(running, outputs, strict=True):
            judgement = attempt.take(output)
            if judgement.matched:
                attempt.history.append(judgement.entry)
            elif attempt.patches < patches:
                attempt.patches += 1
                attempt.patch()
            else:
                attempt.stopped = True
    return _groups(attempts, rewards)


def offline(
    policy: Policy, traces: Sequence[Trace], *, copies: int, rewards: Rewards, rng: np.random.Generator, temperature: float = 1.0
) -> list[Group]:
    """Sample an output at every step of each trace, always after the expert's history: conventional offline reinforcement learning.

    Arguments and result are those of `semi_online`. The policy never reads its own outputs.
    """
    attempts = [[_Attempt(trace) for _ in range(copies)] for trace in traces]
    everyone = [attempt for group in attempts for attempt in group]
    while running := [attempt for attempt in everyone if attempt.running]:
        outputs = policy.sample([attempt.context() for attempt in running], temperature=temperature, rng=rng)
        for attempt, output in zip(running, outputs, strict=True):
            attempt.take(output)
            attempt.patch()
    return _groups(attempts, rewards)


def _groups(attempts: Sequence[Sequence[_Attempt]], rewards: Rewards) -> list[Group]:
    return [Group(group[0].trace.task, tuple(attempt.rollout(rewards) for attempt in group)) for group in attempts]
