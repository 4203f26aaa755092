"""Trajectory-aware relative policy optimisation over memo's forms, with a policy of 54,000 parameters in place of GUI-Owl.

The paper calls it TRPO. For one task several attempts are made in the live environment; each earns 1 for success, and its advantage over
the others goes to all of its steps alike. Where all attempts fail, one makes room for a stored success of the same task.

Departures from the paper: the policy and the environment are small; attempts are all made by the newest policy, none by an older one;
group size, clip and learning rate, which the text does not tell, are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from hub_baselines.determinism import repeatable
from hub_baselines.relative import Algorithm, Group, Segment, imitate, improve
from hub_baselines.relative.learning import unchanged, with_signal
from hub_baselines.relative.tiny import Step
from hub_baselines.settings import require_positive
from numpy.typing import NDArray

import hub
from hub.errors import UsageError
from hub_gui.trajectory.advantages import trajectory_advantages
from hub_gui.trajectory.live import collect
from hub_gui.trajectory.replay import Successes
from hub_gui.uis1.agents import BATCH, WARM_RATE, Base
from hub_gui.uis1.forms import Pair, recorded

if TYPE_CHECKING:
    from hub.training import Training


class Trajectory(Base):
    """Imitates an expert who takes notes now and then; after that, learns from the success and failure of its own episodes.

    Args:
        task: memo's form.
        seed: of everything random.
        noted: share of the expert's traces with notes.
        warm_steps: updates of the imitation.
        expert_steps: steps of the training budget that the expert takes; the others are the policy's own.
        deterministic: write and act by what is most probable; else draw.
        tasks: episodes that are attempted again and again.
        groups: tasks of an update.
        copies: attempts at each.
        learning_rate: Adam's.
        minibatches: optimiser steps of an update.
        replay: whether past successes take the place of failures where all attempts fail.
        scaled: whether long attempts weigh as much as short ones; see `hub_gui.trajectory.advantages`.
    """

    name: ClassVar[str] = "trpo-trajectory"
    default_train_steps: ClassVar[int] = 60_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        noted: float = 0.2,
        warm_steps: int = 300,
        expert_steps: int = 2_400,
        deterministic: bool = False,
        tasks: int = 120,
        groups: int = 24,
        copies: int = 8,
        learning_rate: float = 3e-3,
        minibatches: int = 4,
        replay: bool = True,
        scaled: bool = True,
    ) -> None:
        super().__init__(task, seed=seed, noted=noted, warm_steps=warm_steps, deterministic=deterministic)
        require_positive(self.name, expert_steps=expert_steps, groups=groups, learning_rate=learning_rate, minibatches=minibatches)
        if copies < 2:
            raise UsageError(
                f"copies of agent {self.name} cannot be {copies}: attempts at a task are compared with each other, give at least 2"
            )
        if tasks < groups:
            raise UsageError(f"tasks of agent {self.name} cannot be {tasks}: an update takes {groups} different ones (groups)")
        self._expert_steps, self._tasks, self._groups, self._copies = expert_steps, tasks, groups, copies
        self._learning_rate, self._minibatches, self._replay, self._scaled = learning_rate, minibatches, replay, scaled

    def learn(self, training: Training) -> None:
        """Imitate, then act. Raises `UsageError` where the budget does not hold an expert's episode."""
        with repeatable(training.seed):
            rng = np.random.default_rng(training.seed)
            traces = recorded(training, self._expert_steps)
            shown = [step for trace in traces for step in trace.demonstration(notes=bool(rng.random() < self._noted))]
            adam = torch.optim.Adam(self.policy.parameters(), lr=WARM_RATE)
            training.report(imitation_loss=imitate(self.policy, adam, shown, steps=self._warm_steps, batch=BATCH, rng=rng))
            self._act_and_learn(training, rng)
        self._freeze()

    def _act_and_learn(self, training: Training, rng: np.random.Generator) -> None:
        """Spend what is left of the budget; reports `success` of the attempts and `signal`, the share of groups that teach something."""
        adam = torch.optim.Adam(self.policy.parameters(), lr=self._learning_rate)
        recall = Successes(rng).recall if self._replay else unchanged
        algorithm = Algorithm(advantage=self._advantage, select=with_signal, minibatches=self._minibatches)
        tasks = rng.integers(2**30, size=self._tasks)
        env = training.make_vec(self._groups * self._copies, autoreset_mode=AutoresetMode.DISABLED)
        while training.remaining:
            chosen = rng.choice(tasks, self._groups, replace=False).tolist()
            attempted = collect(env, self.policy, FormReader(), chosen, copies=self._copies, rng=rng)
            groups = [recall(group) for group in attempted]
            told = improve(self.policy, adam, groups, algorithm, rng)
            success = np.mean([rollout.info["success"] for group in attempted for rollout in group.rollouts])
            signal = np.mean([with_signal(group) for group in groups])
            training.report(success=float(success), signal=float(signal), samples=told["samples"])
        env.close()

    def _advantage(self, group: Group) -> Sequence[Sequence[NDArray[np.float64]]]:
        return trajectory_advantages(group, scaled=self._scaled)


class FormReader:
    """How `NotePolicy` reads a form and acts in it: an entry of a history is (note, action)."""

    def context(self, observation: NDArray[np.float32], history: Sequence[Pair]) -> Step:
        """Return the history as an array, and the screen."""
        return Step(np.array(history, dtype=np.int64).reshape(-1, 2), observation)

    def entry(self, context: Step, output: Segment) -> Pair:
        """Return the output's note and action."""
        note, action = output.tokens.tolist()
        return note, action

    def action(self, context: Step, output: Segment) -> int:
        """Return the output's action."""
        return int(output.tokens[1])

    def batch(self, actions: Sequence[int]) -> NDArray[np.int64]:
        """Return the actions as an array."""
        return np.array(actions)
