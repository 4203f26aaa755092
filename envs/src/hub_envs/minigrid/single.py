"""One episode at a time of a task of MiniGrid: the batch of one."""

from __future__ import annotations

from typing import Any, Literal

import gymnasium as gym
import numpy as np

from hub_envs.minigrid.store import TRAINING_LEVELS, LevelSet
from hub_envs.minigrid.vector import MiniGridVectorEnv
from hub_envs.slots import Frame


class MiniGridEnv(gym.Env[Any, int]):
    """A task of MiniGrid (Chevalier-Boisvert et al., "Minigrid & Miniworld", NeurIPS 2023), compiled, on numbered levels.

    **Levels.** Level n is what MiniGrid's own environment shows after `reset(seed=n)`. Levels 0 to 9,999 are for training, 10,000 to
    10,999 for tests, 11,000 to 11,999 for validation; `reset(seed=s)` plays level `first + s % count` of the chosen set, and a reset
    without a seed draws one. Each is generated once, by MiniGrid, and kept on disk for all processes (`hub_envs.minigrid.store`);
    `info["level"]` of a reset names it. With `levels="any"` seed s plays level s, whatever s, and nothing is kept.

    **Observations.** `Box(0, 255, (7, 7, 3), uint8)`, MiniGrid's `image`: at [i, j] the type, colour and state of the cell i to the right
    and j down in the agent's view; it stands at [3, 6] and looks up, what it carries is shown there, what it cannot see is zeros. With
    `observation="dict"` also `direction` (0 right, 1 down, 2 left, 3 up) and `mission`, a sentence.

    **Actions.** `Discrete(7)`: turn left, turn right, forward, pick up, drop, toggle (doors, boxes), done; among moving obstacles the first
    three only.

    **Dynamics.** MiniGrid's: the agent turns, walks over empty cells, floor, goal, lava and open doors, carries one object at a time, opens
    and closes doors, locked ones with a key of their colour, and turns a box into what it holds. Nothing is drawn but the level, and the
    moves of obstacles where there are any.

    **Reward.** 1 - 0.9 t / max_steps on success after t steps, -1 for running into something among moving obstacles, else 0.

    **End.** Success, lava and failure, where a task knows one, terminate; max_steps truncate. `hub_envs.minigrid.rules` says what success
    is for each family of tasks. Observations, rewards and ends equal MiniGrid's own, bit for bit.

    Args:
        task: MiniGrid's id without the leading `MiniGrid-`, or one of `hub_envs.minigrid.MULTI_ROOMS`; each id of this package has its own.
        levels: `"train"`, `"validation"`, `"test"` or `"any"`.
        num_levels: how many of the training levels take part, the first ones.
        observation: `"image"` or `"dict"`.
        render_mode: None or `"rgb_array"`, MiniGrid's own picture of the whole grid.

    Raises:
        ValueError: an argument is none of these; the message says what would be right.

    Source: package `minigrid`, 3.2 or newer, which also generates the levels.

    Versions: v0 and v1 are MiniGrid's. A newer MiniGrid may generate other levels; results name its version.
    """

    metadata: dict[str, Any] = MiniGridVectorEnv.metadata

    def __init__(
        self,
        *,
        task: str,
        levels: LevelSet = "train",
        num_levels: int = TRAINING_LEVELS,
        observation: Literal["image", "dict"] = "image",
        render_mode: str | None = None,
    ) -> None:
        self._batch = MiniGridVectorEnv(
            1, task=task, levels=levels, num_levels=num_levels, observation=observation, autoreset_mode="Disabled", render_mode=render_mode
        )
        self.observation_space = self._batch.single_observation_space
        self.action_space = self._batch.single_action_space
        self.render_mode = render_mode

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode; the info names its `level`. `options` has no key here.

        Raises:
            ValueError: the seed is negative.
        """
        super().reset(seed=seed)
        self._batch.np_random = (self.np_random,)
        observations, infos = self._batch.reset(seed=[seed])
        return _first(observations), {"level": int(infos["level"][0])}

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Play one step.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: there is no such action.
        """
        observations, rewards, terminations, truncations, _ = self._batch.step(np.asarray(action)[None])
        return _first(observations), float(rewards[0]), bool(terminations[0]), bool(truncations[0]), {}

    def render(self) -> Frame | None:
        """Return a frame (height, width, 3); None without a render mode."""
        frames = self._batch.render()
        return None if frames is None else frames[0]

    def close(self) -> None:
        """Let go of the file of levels."""
        self._batch.close()


def _first(observations: Any) -> Any:
    return {key: part[0] for key, part in observations.items()} if isinstance(observations, dict) else observations[0]
