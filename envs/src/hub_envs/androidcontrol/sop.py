"""Semi-online performance (SOP): how far an agent gets along recorded episodes with its own history, up to the first mismatch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from hub_envs.androidcontrol.matching import evaluation_match
from hub_envs.androidcontrol.outputs import read_output
from hub_envs.androidcontrol.traces import Trace

Agent = Callable[[Trace, int, Sequence[str]], str]
"""From a trace, the number of a step and the agent's own outputs so far to its next output."""


class SOP(NamedTuple):
    """Shares over traces, in [0, 1].

    Attributes:
        progress: PG, the mean share of a trace's steps before the first mismatch.
        success: TSR, the share of traces without a mismatch.
    """

    progress: float
    success: float

    @property
    def score(self) -> float:
        """The mean of the two."""
        return (self.progress + self.success) / 2


class Leniency(NamedTuple):
    """How easily clicks are right.

    Attributes:
        clicks: steps that are clicks.
        without_box: those of them without a candidate box, where only the circle around the person's point counts.
        half_screen: those with a candidate box of more than half the screen, where almost any click counts.
    """

    clicks: int
    without_box: int
    half_screen: int


def measure(traces: Iterable[Trace], agent: Agent) -> SOP:
    """Return an agent's SOP. What cannot be read is a mismatch; the reference counts no step of such a trace at all."""
    shares = [matched_steps(trace, agent) / len(trace.steps) for trace in traces]
    return SOP(sum(shares) / len(shares), sum(share == 1 for share in shares) / len(shares))


def matched_steps(trace: Trace, agent: Agent) -> int:
    """Return the steps of a trace before the agent's first mismatch."""
    history: list[str] = []
    for number, step in enumerate(trace.steps):
        text = agent(trace, number, tuple(history))
        try:
            action = read_output(text).action
        except ValueError:
            return number
        if not evaluation_match(action, step, trace.size).exact:
            return number
        history.append(text)
    return len(trace.steps)


def leniency(traces: Iterable[Trace]) -> Leniency:
    """Count clicks that are hard and easy to get right."""
    clicks = without_box = half_screen = 0
    for trace in traces:
        half = trace.size[0] * trace.size[1] / 2
        for step in trace.steps:
            if step.action["action"] == "click":
                clicks += 1
                without_box += not step.boxes
                half_screen += any((right - left) * (bottom - top) > half for left, top, right, bottom in step.boxes)
    return Leniency(clicks, without_box, half_screen)
