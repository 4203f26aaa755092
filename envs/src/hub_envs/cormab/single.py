"""Coupled bandits as a single Gymnasium environment: the batch of one."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.problem import Problem
from hub_envs.cormab.vector import CormabVectorEnv
from hub_envs.slots import Frame


class CormabEnv(gym.Env[NDArray[np.int64], NDArray[np.int8]]):
    """One episode at a time of a `CormabVectorEnv` with one slot and no autoreset."""

    metadata: dict[str, Any] = CormabVectorEnv.metadata

    def __init__(self, batch: CormabVectorEnv) -> None:
        self._batch = batch
        self.observation_space = batch.single_observation_space
        self.action_space = batch.single_action_space
        self.render_mode = batch.render_mode

    @property
    def model(self) -> Problem:
        """The bandit, as a planning agent may know it."""
        return self._batch.model

    @property
    def start_probability(self) -> float:
        """Chance that an arm starts in level 1 rather than 0."""
        return self._batch.start_probability

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[NDArray[np.int64], dict[str, Any]]:
        """Start an episode: levels (J,) and an empty info. `options` has no key here."""
        super().reset(seed=seed)
        self._batch.np_random = (self.np_random,)
        levels, info = self._batch.reset()
        return levels[0], info

    def step(self, action: NDArray[np.int8]) -> tuple[NDArray[np.int64], float, bool, bool, dict[str, Any]]:
        """Play one step.

        Args:
            action: (N,) zeros and ones.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: the action has the wrong shape or values, or is infeasible while `infeasible="error"`.
        """
        levels, rewards, terminations, truncations, infos = self._batch.step(np.asarray(action)[None])
        info = {key: value[0].item() for key, value in infos.items() if not key.startswith("_")}
        return levels[0], float(rewards[0]), bool(terminations[0]), bool(truncations[0]), info

    def render(self) -> Frame | None:
        """Return a frame (height, width, 3); None without a render mode."""
        frames = self._batch.render()
        return None if frames is None else frames[0]
