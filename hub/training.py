"""What an agent trains on: environments that count their steps against a budget and start only from training seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from hub.running.counting import Counter, counted, counted_vector
from hub.running.seeds import training_seeds

if TYPE_CHECKING:
    import gymnasium as gym

    from hub.agent import Task


class Training:
    """A budget of environment steps for one task.

        def learn(self, training: hub.Training) -> None:
            env = training.make_vec(8)
            while training.remaining > 0:
                ...
                training.report(loss=loss)

    The steps of all environments made here count together. A batch that has begun may overshoot the budget; the result records
    what was taken.

    Attributes:
        task: what is trained for.
        steps: the budget, in environment steps.
        seed: the run's seed.
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
    ) -> None:
        """Open a budget.

        Args:
            task: what is trained for.
            steps: the budget, in environment steps.
            seed: seeds of all training episodes derive from it.
            on_step: called with the steps taken so far after each step.
            on_report: called with the numbers an agent reports.
            around: context that every call into an environment runs in; a watchdog uses it.
        """
        self.task = task
        self.steps = steps
        self.seed = seed
        self._counter = Counter(training_seeds(seed), on_step, around)
        self._on_report = on_report

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
        """Make a vector environment of the task, native where the environment has one; resets draw fresh training seeds."""
        from hub.environments import make_vec

        return counted_vector(make_vec(self.task.env_id, num_envs, autoreset_mode=autoreset_mode, **self.task.env_kwargs), self._counter)

    def report(self, **numbers: float) -> None:
        """Show numbers (a loss, a mean return) on the progress line."""
        if self._on_report is not None:
            self._on_report(numbers)
