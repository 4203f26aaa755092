"""An expert's episodes on the phone, as UI-S1 reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import iterate
from hub_baselines.relative import Segment
from hub_envs.androidworld.actions import parse, same
from hub_envs.solutions import Script
from numpy.typing import NDArray

from hub.errors import UsageError
from hub_gui.pointing.policy import Choice, choice
from hub_gui.uis1.rewards import Level
from hub_gui.uis1.rollout import Judgement

if TYPE_CHECKING:
    from hub.training import Training

_OWN = np.ones(1, dtype=np.bool_)
_UNKNOWN = np.zeros(1, dtype=np.float32)
_SLOTS = 8


@dataclass(frozen=True, slots=True, eq=False)
class PhoneTrace:
    """A trace of an episode that the expert solved by candidates alone.

    Attributes:
        task: number of the trace.
        choices: what was offered at each step, with the expert's own history.
        right: place of the expert's action among the candidates of each step.
    """

    task: int
    choices: tuple[Choice, ...]
    right: tuple[int, ...]

    @property
    def steps(self) -> int:
        """Its actions."""
        return len(self.right)

    def context(self, step: int, history: Sequence[NDArray[np.float32]]) -> Choice:
        """Return what the expert was offered, after another history."""
        recorded = self.choices[step]
        return recorded._replace(history=np.array(history, dtype=np.float32).reshape(-1, recorded.offered.shape[1]))

    def judge(self, step: int, output: Segment) -> Judgement:
        """Compare the candidate with the expert's; an output always has its form here."""
        recorded, chosen = self.choices[step], int(output.tokens[0])
        ours, theirs = parse(recorded.actions[chosen]), parse(recorded.actions[self.right[step]])
        matched = same(ours, theirs)
        level = Level.EXACT if matched else Level.RIGHT_TYPE if ours.action_type == theirs.action_type else Level.WRONG_TYPE
        return Judgement(level, matched, recorded.offered[chosen])

    def patch(self, step: int) -> NDArray[np.float32]:
        """Return the expert's action; there are no thoughts here."""
        action: NDArray[np.float32] = self.choices[step].offered[self.right[step]]
        return action

    def demonstration(self) -> list[Segment]:
        """Return the expert's outputs, each after the expert's own history."""
        return [Segment(seen, np.array([place]), _OWN, _UNKNOWN) for seen, place in zip(self.choices, self.right, strict=True)]


def recorded(training: Training, steps: int) -> list[PhoneTrace]:
    """Let the expert play for about `steps` of the training budget, and return the episodes that candidates suffice for.

    Raises:
        UsageError: there is none.
    """
    end = training.done + min(steps, training.remaining)
    traces: list[PhoneTrace] = []
    env = training.make_vec(_SLOTS, autoreset_mode=AutoresetMode.DISABLED)
    over = np.ones(_SLOTS, dtype=np.bool_)
    playing: dict[int, _Playing] = {}
    observations: Any = None
    while training.done < end:
        if over.any():
            observations, _ = env.reset(options={"reset_mask": over})
            seeds: Any = env.unwrapped.np_random_seed  # one a slot, in a batch
            for slot in np.flatnonzero(over).tolist():
                playing[slot] = _Playing(training.task.model.oracle(seeds[slot]))
        rows = list(iterate(env.observation_space, observations))
        actions = tuple(playing[slot].act(row) for slot, row in enumerate(rows))
        observations, rewards, terminated, truncated, _ = env.step(actions)
        over = np.asarray(terminated | truncated)
        for slot in np.flatnonzero(over).tolist():
            if playing[slot].offered and rewards[slot] == 1:
                traces.append(playing[slot].trace(len(traces)))
    env.close()
    if not traces:
        raise UsageError(f"in {steps} steps the expert solved no task with what a pointing agent can do; give more steps, or easier tasks")
    return traces


@dataclass(slots=True, eq=False)
class _Playing:
    script: Script
    choices: list[Choice] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    offered: bool = True

    def act(self, observation: Any) -> str:
        """Return the expert's action, and note its place among the candidates."""
        action = self.script.act(observation)
        seen = choice(observation, [before.offered[place] for before, place in zip(self.choices, self.right, strict=True)])
        meant = parse(action)
        place = next((number for number, text in enumerate(seen.actions) if same(parse(text), meant)), None)
        self.offered &= place is not None
        if self.offered and place is not None:
            self.choices.append(seen)
            self.right.append(place)
        return action

    def trace(self, number: int) -> PhoneTrace:
        """Return the whole episode."""
        return PhoneTrace(number, tuple(self.choices), tuple(self.right))
