"""Gymnasium's vector environments as stable-baselines3 sees them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.vec_env import VecEnv

from hub_baselines.spaces import Reader


class VectorEnvForStableBaselines(VecEnv):
    """A Gymnasium `VectorEnv` behind stable-baselines3's `VecEnv`, whole batches at a time.

    What stable-baselines3 expects beyond the arrays: an ended episode's last observation as `info["terminal_observation"]`, whether only
    the time ran out as `info["TimeLimit.truncated"]` (its algorithms then bootstrap from the value of that observation), and the episode's
    return and length as `info["episode"]`.

    Args:
        env: a vector environment with `autoreset_mode=AutoresetMode.SAME_STEP`. It alone decides the seeds of its episodes; `seed` has no
            effect on it.
        reader: from its observations to the network's; by default they stay as they are but for the place of channels.

    Raises:
        ValueError: the environment restarts its episodes in another way.
    """

    def __init__(self, env: gym.vector.VectorEnv[Any, Any, Any], reader: Reader | None = None) -> None:
        mode = env.metadata.get("autoreset_mode")
        if mode != AutoresetMode.SAME_STEP:
            raise ValueError(f"the vector environment restarts episodes by {mode}; make it with autoreset_mode=AutoresetMode.SAME_STEP")
        self.env = env
        self._reader = reader or Reader(env.single_observation_space, "pixels")
        super().__init__(env.num_envs, self._reader.space, env.single_action_space)
        self._returns = np.zeros(env.num_envs)
        self._lengths = np.zeros(env.num_envs, np.int64)
        self._actions: Any = None

    def reset(self) -> Any:
        """Start all episodes anew and return their first observations."""
        self._returns[:], self._lengths[:] = 0.0, 0
        return self._reader.read(self.env.reset()[0])

    def step_async(self, actions: np.ndarray) -> None:
        """Take the actions to play, in the dtype of the action space."""
        self._actions = np.asarray(actions, dtype=self.action_space.dtype)

    def step_wait(self) -> tuple[Any, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Play them and return observations, rewards, ends and what stable-baselines3 wants to know of ended episodes."""
        observations, rewards, terminated, truncated, infos = self.env.step(self._actions)
        self._returns += rewards
        self._lengths += 1
        ended = np.logical_or(terminated, truncated)
        rows: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for row in np.flatnonzero(ended).tolist():
            rows[row] = {
                "terminal_observation": self._reader.read_one(_row(infos["final_obs"], row)),
                "TimeLimit.truncated": bool(truncated[row] and not terminated[row]),
                "episode": {"r": float(self._returns[row]), "l": int(self._lengths[row])},
            }
        self._returns[ended], self._lengths[ended] = 0.0, 0
        # The on-policy algorithms add to the rewards in place, so they get their own array.
        return self._reader.read(observations), np.array(rewards, np.float32), ended, rows

    def close(self) -> None:
        """Close the vector environment."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: int | Iterable[int] | None = None) -> list[Any]:
        """Return an attribute of the vector environment, once for each index."""
        value = getattr(self.env, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: int | Iterable[int] | None = None) -> None:
        """Refuse: the single environments of a batched one cannot be told apart."""
        raise AttributeError(f"{attr_name} cannot be set in a batched environment")

    def env_method(
        self, method_name: str, *method_args: Any, indices: int | Iterable[int] | None = None, **method_kwargs: Any
    ) -> list[Any]:
        """Refuse: the single environments of a batched one cannot be told apart."""
        raise AttributeError(f"{method_name} cannot be called in the single environments of a batched one")

    def env_is_wrapped(self, wrapper_class: type[Any], indices: int | Iterable[int] | None = None) -> list[bool]:
        """Return False for each index: no wrapper of single environments is visible from here."""
        return [False for _ in self._get_indices(indices)]


def _row(batch: Any, row: int) -> Any:
    if isinstance(batch, dict):
        return {key: _row(part, row) for key, part in batch.items()}
    return batch[row]
