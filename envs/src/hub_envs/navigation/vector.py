"""Non-Cooperative Navigation as a batch of games: a shell over `particles`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.navigation.particles import DIRECTIONS, observe, score, step
from hub_envs.players import PlayersOutcome, PlayersVectorEnv
from hub_envs.slots import Frame
from hub_envs.solo import SoloVectorEnv

Level = Literal["easy", "hard"]
Physics = Literal["mpe", "mpe2"]

MOVERS = {"easy": 0, "hard": 1}
"""How many agents that nobody trains a level adds."""

LANDMARKS, GRID = 3, 5
"""How many landmarks there are; each coordinate of one is a whole number from 1 - GRID to GRID - 1, divided by GRID."""

SIZES, STEP_SIZES = (0.08, 0.10, 0.06), (1.0, 0.9, 1.1)
"""Of the agents in turn; a level's random mover is like the first."""


class NavigationVectorEnv(PlayersVectorEnv):
    """`num_envs` independent games of Non-Cooperative Navigation; `PlayersVectorEnv` says how batches of games behave.

    The parallel environment's docstring, `NavigationEnv`, is the specification; all forms compute the same bits.

    Args:
        num_envs: number of slots.
        level: `"easy"` or `"hard"`.
        agents: how many agents there are besides the level's random mover.
        players: how many of them are players, the first ones; the others act at random. None: all.
        duration: steps of an episode.
        physics: `"mpe"` or `"mpe2"`.
        autoreset_mode: Gymnasium's mode or its name.
        render_mode: None or `"rgb_array"`.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int = 1,
        *,
        level: Level = "easy",
        agents: int = 3,
        players: int | None = None,
        duration: int = 50,
        physics: Physics = "mpe",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        if level not in MOVERS:
            raise ValueError(f'level must be "easy" or "hard", and is {level!r}')
        if physics not in ("mpe", "mpe2"):
            raise ValueError(f'physics must be "mpe" or "mpe2", and is {physics!r}')
        if agents < 1 or duration < 1:
            raise ValueError(f"there must be at least 1 agent and 1 step, and are {agents} and {duration}")
        acting = agents if players is None else players
        if acting > agents:
            raise ValueError(f"{acting} players cannot be among {agents} agents")
        bodies = agents + MOVERS[level]
        super().__init__(
            num_envs,
            acting,
            spaces.Box(-np.inf, np.inf, (bodies + LANDMARKS, 4), np.float32),
            spaces.Discrete(len(DIRECTIONS)),
            spaces.Box(-np.inf, np.inf, ((bodies + LANDMARKS) * 4,), np.float32),
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )
        kinds = [*(np.arange(agents) % len(SIZES)), *[0] * MOVERS[level]]
        self._sizes, self._step_sizes = np.array(SIZES)[kinds], np.array(STEP_SIZES)[kinds]
        self._speed_first = physics == "mpe"
        self._duration = duration
        self._worlds = np.zeros((num_envs, bodies, 4))
        self._landmarks = np.zeros((num_envs, LANDMARKS, 2))
        self._steps = np.zeros(num_envs, dtype=np.int64)
        self._random_actions = np.zeros((num_envs, duration, bodies - acting), dtype=np.int64)

    def _start_games(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        for slot in slots:
            rng = self._rng(slot)
            self._worlds[slot] = 0.0
            self._worlds[slot, :, :2] = rng.uniform(-1.0, 1.0, (*self._worlds.shape[1:2], 2))
            self._landmarks[slot] = rng.integers(1 - GRID, GRID, (LANDMARKS, 2)) / GRID
            self._random_actions[slot] = rng.integers(len(DIRECTIONS), size=self._random_actions.shape[1:])
            self._steps[slot] = 0

    def _play_players(self, actions: NDArray[np.int64], playing: NDArray[np.bool_]) -> PlayersOutcome:
        now = np.minimum(self._steps, self._duration - 1)  # a slot that waits may stand at its end
        others = self._random_actions[np.arange(self.num_envs), now]
        step(self._worlds, np.concatenate([actions, others], axis=1), playing, (self._sizes, self._step_sizes), self._speed_first)
        self._steps += playing
        rewards, collisions, reached = score(self._worlds, self._landmarks, self._sizes, len(self.players))
        shown = playing[:, None]
        rewards = np.where(shown, rewards, 0.0)
        ended = np.broadcast_to(shown & (self._steps == self._duration)[:, None], rewards.shape)
        values = {"agent_return": rewards, "collisions": collisions, "reached": reached}
        return PlayersOutcome(rewards, np.zeros_like(ended), ended, values)

    def _observe(self) -> NDArray[np.float32]:
        return observe(self._worlds, self._landmarks, len(self.players))

    def _observe_slot(self, slot: int) -> NDArray[np.float32]:
        alone = slice(slot, slot + 1)
        seen: NDArray[np.float32] = observe(self._worlds[alone], self._landmarks[alone], len(self.players))[0]
        return seen

    def state(self) -> NDArray[np.float32]:
        """Return all agents' and landmarks' rows x, y, vx, vy, absolute, as (num_envs, (agents + landmarks) * 4)."""
        resting = np.pad(self._landmarks, ((0, 0), (0, 0), (0, 2)))
        return np.concatenate([self._worlds, resting], axis=1).reshape(self.num_envs, -1).astype(np.float32)

    def _draw(self, slot: int) -> Frame:
        from hub_envs.navigation.drawing import Scene, draw

        return draw(
            Scene(self._worlds[slot], self._sizes, len(self.players), self._landmarks[slot], int(self._steps[slot]), self._duration)
        )


class NavigationSoloVectorEnv(SoloVectorEnv):
    """`num_envs` independent episodes of Non-Cooperative Navigation with one player, `NavigationSoloEnv`'s batch.

    Args:
        num_envs: number of slots.
        level: `"easy"` or `"hard"`.
        agents: how many agents there are, the player and those that act at random, besides the level's random mover.
        duration: steps of an episode.
        physics: `"mpe"` or `"mpe2"`.
        autoreset_mode: Gymnasium's mode or its name.
        render_mode: None or `"rgb_array"`.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        level: Level = "easy",
        agents: int = 3,
        duration: int = 50,
        physics: Physics = "mpe",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        game = NavigationVectorEnv(
            num_envs,
            level=level,
            agents=agents,
            players=1,
            duration=duration,
            physics=physics,
            autoreset_mode=AutoresetMode.DISABLED,
            render_mode=render_mode,
        )
        super().__init__(game, autoreset_mode=autoreset_mode)
