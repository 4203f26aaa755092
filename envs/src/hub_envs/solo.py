"""The only player of a game, in many slots and in one: Gymnasium's forms of a batch of `players`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.players import OUTCOMES, Observation, PlayersVectorEnv, part_of
from hub_envs.slots import Frame, Outcome, SlotVectorEnv


class SoloVectorEnv(SlotVectorEnv[Observation, NDArray[np.int64]]):
    """The only player of a game in many slots, without the players axis.

    Args:
        game: of one player, with autoreset disabled; it takes this environment's generators.
        autoreset_mode: Gymnasium's mode or its name.
    """

    def __init__(self, game: PlayersVectorEnv, *, autoreset_mode: AutoresetMode | str) -> None:
        if len(game.players) != 1:
            raise ValueError(f"one player plays alone, and there are {len(game.players)}")
        self.metadata = game.metadata
        self.game = game
        super().__init__(
            game.num_envs,
            game.player_observation_space,
            game.player_action_space,
            autoreset_mode=autoreset_mode,
            render_mode=game.render_mode,
        )

    def _start(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        self.game._rngs = self._rngs
        self.game._slot_seeds = self._slot_seeds
        self.game._start(slots, seeds)

    def _read(self, actions: Any, ignored: NDArray[np.bool_]) -> NDArray[np.int64]:
        given = np.asarray(actions)
        if given.shape != (self.num_envs,):
            raise ValueError(f"actions must be {self.num_envs} whole numbers, and are of shape {given.shape}")
        return self.game._read(given[:, None], ignored)

    def _play(self, actions: NDArray[np.int64], playing: NDArray[np.bool_]) -> Outcome:
        rewards, terminations, truncations, values = self.game._play(actions, playing)
        told = {key: array[:, 0] for key, array in values.items() if key not in OUTCOMES}
        return Outcome(rewards, terminations, truncations, told)

    def _observe(self) -> Observation:
        return part_of(self.game._observe(), (slice(None), 0))

    def _observe_slot(self, slot: int) -> Observation:
        return part_of(self.game._observe_slot(slot), 0)

    def _beginnings(self) -> Mapping[str, NDArray[Any]]:
        return self.game._beginnings()

    def _draw(self, slot: int) -> Frame:
        return self.game._draw(slot)


class SoloEnv(gym.Env[Observation, int]):
    """The only player of a game, one episode at a time: the batch of one.

    Args:
        batch: with a single slot and `autoreset_mode="Disabled"`.
    """

    def __init__(self, batch: SoloVectorEnv) -> None:
        self._batch = batch
        self.metadata = {"render_modes": batch.metadata["render_modes"], "render_fps": batch.metadata["render_fps"]}
        self.observation_space, self.action_space = batch.single_observation_space, batch.single_action_space
        self.render_mode = batch.render_mode

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Start an episode; `options` has no key here.

        Raises:
            gymnasium.error.Error: the seed is negative.
        """
        super().reset(seed=seed)
        self._batch.np_random = (self.np_random,)  # seeded just now, or where the last episode left it
        observations, infos = self._batch.reset()
        return part_of(observations, 0), _told(infos)

    def step(self, action: int) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Play one step.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: there is no such action.
        """
        observations, rewards, terminations, truncations, infos = self._batch.step(np.asarray(action)[None])
        return part_of(observations, 0), float(rewards[0]), bool(terminations[0]), bool(truncations[0]), _told(infos)

    def render(self) -> Frame | None:
        """Return a frame (height, width, 3); None without a render mode."""
        frames = self._batch.render()
        return None if frames is None else frames[0]

    def close(self) -> None:
        """Close the batch."""
        self._batch.close()


def _told(infos: Mapping[str, Any]) -> dict[str, Any]:
    return {key: infos[key][0].item() for key in infos if f"_{key}" in infos}
