"""What was generated, in which context, and what it earned."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Tokens that were appended to a context.

    Attributes:
        context: exactly what the policy saw before them, in the policy's own form.
        tokens: (n,) int64, n at least 1.
        mask: (n,) bool, True where the policy chose the token; what tools or the environment wrote is False and is never trained on.
        old_logp: (n,) float32, log-probability of each token under the policy that chose it, at `temperature`; anything where the mask is
            False. It stays the denominator of the ratio however often, and however late, the segment is trained on.
        temperature: that the tokens were drawn at.
    """

    context: Any
    tokens: NDArray[np.int64]
    mask: NDArray[np.bool_]
    old_logp: NDArray[np.float32]
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < len(self.tokens) == len(self.mask) == len(self.old_logp):
            raise ValueError(
                f"a segment of {len(self.tokens)} tokens has {len(self.mask)} masks and {len(self.old_logp)} log-probabilities"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Rollout:
    """One attempt at a task.

    Attributes:
        segments: what was generated; one for each step where a step has a context of its own, one in all where the context only grows.
        reward: of the whole attempt.
        step_rewards: (steps,) float64, where steps are rewarded one by one.
        info: whatever else the paper needs to know of it.
    """

    segments: tuple[Segment, ...]
    reward: float = 0.0
    step_rewards: Floats = field(default_factory=lambda: np.zeros(0))
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Attempts at the same task, which are compared with each other.

    Attributes:
        task: identifies the task, e.g. for a memory of past successes.
        rollouts: the attempts.
    """

    task: Hashable
    rollouts: tuple[Rollout, ...]

    @property
    def rewards(self) -> Floats:
        """(rollouts,) rewards of the whole attempts."""
        return np.array([rollout.reward for rollout in self.rollouts], dtype=np.float64)


class Policy(Protocol):
    """What generates tokens and can be trained."""

    def logp(self, segments: Sequence[Segment]) -> torch.Tensor:
        """Return the tokens' log-probabilities (n, tokens of the longest segment), at each segment's temperature, with their gradients.

        What stands beyond a segment's end is ignored, and must be finite.
        """
        ...

    def sample(self, contexts: Sequence[Any], *, temperature: float, rng: np.random.Generator) -> list[Segment]:
        """Draw a continuation of each context; all randomness comes from `rng`."""
        ...

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """Return what training changes."""
        ...


def padded(rows: Sequence[NDArray[Any]], dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return arrays (n_i,) as one tensor (rows, longest), zeros (False) at the ends."""
    matrix = np.zeros((len(rows), max(map(len, rows))), dtype=rows[0].dtype)
    for number, row in enumerate(rows):
        matrix[number, : len(row)] = row
    return torch.from_numpy(matrix).to(dtype)
