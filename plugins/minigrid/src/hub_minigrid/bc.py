"""Behavioural cloning: the paper's imitation without any reinforcement learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from hub_baselines.determinism import repeatable
from hub_baselines.settings import require_positive

import hub
from hub_minigrid.demonstrations import demonstrations, missing_demonstrations, transitions_of
from hub_minigrid.policy import PolicyAgent
from hub_minigrid.ppo import adam, imitate

if TYPE_CHECKING:
    from hub.training import Training


class BC(PolicyAgent):
    """Imitates offline data, and takes no environment step: any training budget will do.

    Args:
        task: with Box observations and Discrete actions.
        seed: of everything random.
        demos: name of the dataset to imitate.
        trajectories: how many of its episodes, from the first on; all by default.
        steps: gradient steps.
        batch: transitions of a step.
        learning_rate: Adam's.
        deterministic: act by the most probable action; else draw.
    """

    name: ClassVar[str] = "bc"
    default_train_steps: ClassVar[int] = 1

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        demos: str | None = None,
        trajectories: int | None = None,
        steps: int = 2000,
        batch: int = 256,
        learning_rate: float = 1e-4,
        deterministic: bool = False,
    ) -> None:
        super().__init__(task, seed=seed, deterministic=deterministic)
        require_positive(self.name, steps=steps, batch=batch, learning_rate=learning_rate)
        require_positive(self.name, **({} if trajectories is None else {"trajectories": trajectories}))
        self._demos, self._trajectories = demos, trajectories
        self._steps, self._batch, self._learning_rate = steps, batch, learning_rate

    def learn(self, training: Training) -> None:
        """Take the gradient steps. Raises `UsageError` when there are no demonstrations, or they do not fit."""
        if self._demos is None:
            raise missing_demonstrations(self.name)
        offline = transitions_of(demonstrations(training.task, self._demos, self._trajectories))
        with repeatable(training.seed):
            rng = np.random.default_rng(training.seed)
            optimiser = adam(self.actor, self._learning_rate)
            loss = imitate(self.actor, optimiser, offline, steps=self._steps, batch=self._batch, rng=rng)
        training.report(imitation_loss=loss)
        self._freeze()
