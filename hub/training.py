"""What an agent trains on: environments that count their steps against a budget and start only from training seeds.

And where it saves an unfinished training, if it can take it up again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from hub.curves import Curve, CurveRecorder
from hub.running.counting import Counter, counted, counted_vector
from hub.running.seeds import training_seeds

if TYPE_CHECKING:
    import gymnasium as gym
    import numpy as np

    from hub.agent import Task
    from hub.running.unfinished import SavedTraining, TrainingFile

SAVE_EVERY_S = 10.0
"""Seconds between two saves at least: what a killed training loses."""

SAVE_SHARE = 0.05
"""Most of the time that saving may take; a save that takes long makes the next one due later."""


class Training:
    """A budget of environment steps for one task.

        def learn(self, training: hub.Training) -> None:
            env = training.make_vec(8)
            while training.remaining > 0:
                ...
                training.report(loss=loss)

    The steps of all environments made here count together. A batch that has begun may overshoot the budget; the result records
    what was taken.

    A training that is killed starts anew, unless the agent saves it now and then and takes it up again:

            if training.saved is not None:
                self._take_up(training.saved.arrays, training.saved.facts)
            while training.remaining > 0:
                if training.save_due:
                    training.save({"weights": self._weights}, {"rng": self._rng.bit_generator.state})
                observations, _ = env.reset()
                ...

    The result must be the one that an uninterrupted training gives, byte for byte: so save all that later steps depend on (weights,
    optimiser, replay buffer, generators, counters), and save between episodes, since environments are not saved. Steps, seeds and the
    learning curve are: when `saved` is there, `done` counts on from it, resets draw the seeds that come next, and reports add to the curve.

    Attributes:
        task: what is trained for.
        steps: the budget, in environment steps.
        seed: the run's seed.
        saved: what an earlier session of this training saved last (`saved.arrays`, `saved.facts`); None when there is nothing.
    """

    def __init__(
        self,
        task: Task,
        *,
        steps: int,
        seed: int = 0,
        on_step: Callable[[int], None] | None = None,
        on_report: Callable[[Mapping[str, float]], None] | None = None,
        around: Counter.Guard | None = None,
        file: TrainingFile | None = None,
        on_save: Callable[[], None] | None = None,
    ) -> None:
        """Open a budget.

        Args:
            task: what is trained for.
            steps: the budget, in environment steps.
            seed: seeds of all training episodes derive from it.
            on_step: called with the steps taken so far after each step.
            on_report: called with the numbers an agent reports.
            around: context that every call into an environment runs in; a watchdog uses it.
            file: where the training is saved and taken up from; without one nothing is saved.
            on_save: called after each save.

        Raises:
            UsageError: `file` belongs to another training.
            DamagedFile: it is damaged.
        """
        self.task = task
        self.steps = steps
        self.seed = seed
        self.saved: SavedTraining | None = None if file is None else file.read()
        taken, drawn = (0, 0) if self.saved is None else (self.saved.steps, self.saved.seeds)
        self._counter = Counter(training_seeds(seed, drawn), on_step, around, steps=taken, drawn=drawn)
        self._curve = CurveRecorder(steps, curve=None if self.saved is None else self.saved.curve)
        self._on_report = on_report
        self._file, self._on_save = file, on_save
        self._next_save = time.monotonic() + SAVE_EVERY_S

    @property
    def done(self) -> int:
        """Environment steps taken so far; the reset step of an automatic reset is none."""
        return self._counter.steps

    @property
    def remaining(self) -> int:
        """Environment steps left, never negative."""
        return max(0, self.steps - self.done)

    def make(self) -> gym.Env[Any, Any]:
        """Make an environment of the task (a PettingZoo `ParallelEnv` where the task has players); resets draw fresh training seeds."""
        from hub.environments import make

        env: gym.Env[Any, Any] = counted(make(self.task.env_id, **self.task.env_kwargs), self._counter)
        return env

    def make_vec(self, num_envs: int, autoreset_mode: gym.vector.AutoresetMode | None = None) -> gym.vector.VectorEnv[Any, Any, Any]:
        """Make a vector environment of the task, native where the environment has one; resets draw fresh training seeds.

        Of a task with players it is the native batch of games that `EnvironmentSpec.vector_entry_point` describes, with all its attributes;
        one step of one game counts as one, however many players are in it.

        Raises:
            UsageError: the task has players, and its environment no native batch: `make` as many environments as you need.
        """
        from hub.environments import make_vec

        return counted_vector(make_vec(self.task.env_id, num_envs, autoreset_mode=autoreset_mode, **self.task.env_kwargs), self._counter)

    def report(self, **numbers: float) -> None:
        """Record numbers (a loss, a mean return) in the learning curve, with the steps taken so far, and show them on the progress line.

        The curve, of 1,000 rows at most, is saved beside the trained agent as `curve.json`.
        """
        self._curve.add(self.done, numbers)
        if self._on_report is not None:
            self._on_report(numbers)

    @property
    def curve(self) -> Curve | None:
        """What was reported so far; None when nothing was."""
        return self._curve.curve()

    @property
    def save_due(self) -> bool:
        """Whether it is time to `save`: seldom enough that asking at every step is cheap, and never where nothing is saved."""
        return self._file is not None and time.monotonic() >= self._next_save

    def save(self, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> None:
        """Save the training, whole or not at all, over what was saved before; due or not. Without a folder to save in, do nothing.

        Args:
            arrays: named arrays of numbers, of any shapes.
            facts: JSON values; integers may be of any size.

        Raises:
            ValueError: something among `arrays` or `facts` cannot be kept.
            HubError: the file cannot be written; what was saved before is untouched.
        """
        if self._file is None:
            return
        begun = time.monotonic()
        self._file.write(arrays, facts, steps=self.done, seeds=self._counter.drawn, curve=self.curve)
        ended = time.monotonic()
        self._next_save = ended + max(SAVE_EVERY_S, (ended - begun) / SAVE_SHARE)
        if self._on_save is not None:
            self._on_save()
