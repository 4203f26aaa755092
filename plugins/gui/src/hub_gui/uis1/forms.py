"""Expert traces of memo, as UI-S1 reads them: an output is (note, action), and so is an entry of a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode
from hub_baselines.relative import Segment
from hub_baselines.relative.tiny import Step
from hub_envs.memo import Layout, Trace

from hub.errors import UsageError
from hub_gui.uis1.rewards import Level
from hub_gui.uis1.rollout import Judgement

if TYPE_CHECKING:
    from hub.training import Training

Pair = tuple[int, int]
_OWN = np.ones(2, dtype=np.bool_)
_UNKNOWN = np.zeros(2, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class FormTrace:
    """A trace of a form. Touching an icon and typing a code are the two types of actions.

    Attributes:
        task: number of the trace.
        layout: of the form.
        trace: what the expert saw and did.
    """

    task: int
    layout: Layout
    trace: Trace

    @property
    def steps(self) -> int:
        """Its screens."""
        return len(self.trace.actions)

    def context(self, step: int, history: Sequence[Pair]) -> Step:
        """Return the history as an array, and the screen."""
        return Step(np.array(history, dtype=np.int64).reshape(-1, 2), self.trace.observations[step])

    def judge(self, step: int, output: Segment) -> Judgement:
        """Compare the action with the expert's; an output always has its form here."""
        note, action = output.tokens.tolist()
        right = int(self.trace.actions[step])
        alike = (action < self.layout.icons) == (right < self.layout.icons)
        level = Level.EXACT if action == right else Level.RIGHT_TYPE if alike else Level.WRONG_TYPE
        return Judgement(level, action == right, (note, action))

    def patch(self, step: int) -> Pair:
        """Return the expert's action with the empty note."""
        return 0, int(self.trace.actions[step])

    def demonstration(self, *, notes: bool) -> list[Segment]:
        """Return the expert's outputs, each after the expert's own history; with a careful expert's notes or with empty ones."""
        written = self.trace.notes.tolist() if notes else [0] * self.steps
        pairs = list(zip(written, self.trace.actions.tolist(), strict=True))
        return [Segment(self.context(step, pairs[:step]), np.array(pair), _OWN, _UNKNOWN) for step, pair in enumerate(pairs)]


_SLOTS = 64


def recorded(training: Training, steps: int | None = None) -> list[FormTrace]:
    """Let the expert play as many whole episodes as `steps` of the training budget hold, all of it by default, and return their traces.

    These steps are the expert's: the learner takes none of them. The environment draws the seeds, from the training range.

    Raises:
        UsageError: the budget does not hold a single episode.
    """
    layout: Layout = training.task.model.layout
    episodes = min(training.remaining, training.steps if steps is None else steps) // layout.screens
    if not episodes:
        raise UsageError(f"{training.steps} training steps do not hold one trace of {layout.screens} steps; give at least as many")
    traces: list[FormTrace] = []
    while len(traces) < episodes:
        env = training.make_vec(min(_SLOTS, episodes - len(traces)), autoreset_mode=AutoresetMode.DISABLED)
        env.reset()
        seeds: Any = env.unwrapped.np_random_seed  # one a slot, in a batch
        played = [training.task.model.trace(seed) for seed in seeds]
        for step in range(layout.screens):
            env.step(np.array([trace.actions[step] for trace in played]))
        env.close()
        traces += [FormTrace(len(traces) + number, layout, trace) for number, trace in enumerate(played)]
    return traces
