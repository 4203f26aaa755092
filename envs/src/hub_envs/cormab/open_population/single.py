"""Open populations as single Gymnasium environments: the batch of one."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.cormab.arms import START_PROBABILITY
from hub_envs.cormab.open_population.reading import Observation, Reader
from hub_envs.cormab.open_population.vector import OpenVectorEnv
from hub_envs.slots import Frame


class OpenEnv(gym.Env[Observation, NDArray[np.int8]]):
    """One episode at a time of an `OpenVectorEnv` with one slot and no autoreset; a subclass names the batch's class."""

    batch: ClassVar[type[OpenVectorEnv]]
    metadata: dict[str, Any] = OpenVectorEnv.metadata

    def __init__(
        self,
        *,
        min_arms: int = 10,
        max_arms: int = 40,
        places: int | None = None,
        budget_share: float = 0.25,
        leave: float = 0.02,
        arrive: float = 0.2,
        horizon: int = 20,
        start_probability: float = START_PROBABILITY,
        infeasible: Literal["noop", "error"] = "noop",
        render_mode: str | None = None,
    ) -> None:
        self._batch = self.batch(
            1,
            min_arms=min_arms,
            max_arms=max_arms,
            places=places,
            budget_share=budget_share,
            leave=leave,
            arrive=arrive,
            horizon=horizon,
            start_probability=start_probability,
            infeasible=infeasible,
            autoreset_mode=AutoresetMode.DISABLED,
            render_mode=render_mode,
        )
        self.observation_space = self._batch.single_observation_space
        self.action_space = self._batch.single_action_space
        self.render_mode = render_mode

    @property
    def model(self) -> Reader:
        """Reads observations back into bandits; the same for all instances."""
        return self._batch.model

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Start an episode with a new instance: its first observation and an empty info. `options` has no key here."""
        super().reset(seed=seed)
        self._batch.np_random = (self.np_random,)
        observations, info = self._batch.reset()
        return _first(observations), info

    def step(self, action: NDArray[np.int8]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Play one step.

        Args:
            action: (P,) zeros and ones.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: the action has the wrong shape or values, or is forbidden while `infeasible="error"`.
        """
        observations, rewards, terminations, truncations, infos = self._batch.step(np.asarray(action)[None])
        info = {key: value[0].item() for key, value in infos.items() if not key.startswith("_")}
        return _first(observations), float(rewards[0]), bool(terminations[0]), bool(truncations[0]), info

    def render(self) -> Frame | None:
        """Return a frame (height, width, 3); None without a render mode."""
        frames = self._batch.render()
        return None if frames is None else frames[0]


def _first(observations: Observation) -> Observation:
    return {name: values[0] for name, values in observations.items()}
