"""Games of several players over one batch: all players of many slots, and PettingZoo's parallel form; `solo` has one player alone."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from hub_envs.slots import Frame, Outcome, SlotVectorEnv

Observation = Any
"""An array, or a dict of arrays."""


class PlayersOutcome(NamedTuple):
    """What a step led to for every player, (num_envs, players) each; zeros and False for those who were out of the game.

    `values` are what infos say of each player.
    """

    rewards: NDArray[np.float64]
    terminations: NDArray[np.bool_]
    truncations: NDArray[np.bool_]
    values: Mapping[str, NDArray[Any]]


class PlayersVectorEnv(SlotVectorEnv[Observation, NDArray[np.int64]]):
    """`num_envs` independent games of the same players, stepped together; `SlotVectorEnv` says how slots behave.

    Every array has a players axis: a slot's observation is (players, ...), its action (players,). Its reward is the sum over players, and
    its episode ends when no player is left: by truncation if any player left so in the last step, else by termination. A player sees
    what its last step led to; from then on it observes zeros and gets nothing, and its action is ignored.

    Infos hold (num_envs, players) arrays: each player's `rewards`, `terminated` and `truncated`, who `acted` in the step, and what the
    game says of a player.

    Args:
        num_envs: number of slots.
        players: how many take part.
        observation_space: of one player.
        action_space: of one player.
        state_space: of the whole game, for training with a central view.
        autoreset_mode: Gymnasium's mode or its name.
        render_mode: None or one of `metadata["render_modes"]`.

    Attributes:
        players: their names, `agent_0` and so on.
        in_game: (num_envs, players), who is in the game now.
        watching: (num_envs, players), who observes: those in the game, and those who left it in the last step.
    """

    def __init__(
        self,
        num_envs: int,
        players: int,
        observation_space: gym.Space[Any],
        action_space: spaces.Discrete,
        state_space: spaces.Box,
        *,
        autoreset_mode: AutoresetMode | str,
        render_mode: str | None,
    ) -> None:
        if players < 1:
            raise ValueError(f"there must be at least 1 player, and are {players}")
        self.players = tuple(f"agent_{player}" for player in range(players))
        self.player_observation_space, self.player_action_space, self.state_space = observation_space, action_space, state_space
        super().__init__(
            num_envs,
            batch_space(observation_space, players),
            spaces.MultiDiscrete([int(action_space.n)] * players),
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )
        self.in_game = np.zeros((num_envs, players), dtype=np.bool_)
        self.watching = np.zeros((num_envs, players), dtype=np.bool_)

    @abc.abstractmethod
    def _start_games(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        """Start episodes in `slots`; where a seed is None, whatever is random comes from `_rng(slot)`."""

    @abc.abstractmethod
    def state(self) -> NDArray[np.float32]:
        """Return the state of each slot's whole game, (num_envs, *state_space.shape), fresh."""

    @abc.abstractmethod
    def _play_players(self, actions: NDArray[np.int64], playing: NDArray[np.bool_]) -> PlayersOutcome:
        """Play one step in the slots of `playing`; `in_game` says who acts, and is brought up to date by the caller."""

    def _start(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        self.in_game[slots] = self.watching[slots] = True
        self._start_games(slots, seeds)

    def _read(self, actions: Any, ignored: NDArray[np.bool_]) -> NDArray[np.int64]:
        given, shape = np.asarray(actions), (self.num_envs, len(self.players))
        if given.shape != shape or given.dtype.kind not in "iu":
            raise ValueError(f"actions must be whole numbers of shape {shape}, and are {given.dtype} of shape {given.shape}")
        count = int(self.player_action_space.n)
        wrong = ((given < 0) | (given >= count)) & self.in_game & ~ignored[:, None]
        if wrong.any():
            slot, player = np.argwhere(wrong)[0].tolist()
            raise ValueError(f"slot {slot}, {self.players[player]}: an action lies between 0 and {count - 1}, and is {given[slot, player]}")
        return given.astype(np.int64)

    def _play(self, actions: NDArray[np.int64], playing: NDArray[np.bool_]) -> Outcome:
        acted = self.in_game & playing[:, None]
        self.watching[playing] = acted[playing]
        rewards, terminations, truncations, values = self._play_players(actions, playing)
        self.in_game &= ~(terminations | truncations)
        over = playing & ~self.in_game.any(axis=1)
        truncated = over & truncations.any(axis=1)
        known = {"rewards": rewards, "terminated": terminations, "truncated": truncations, "acted": acted, **values}
        return Outcome(rewards.sum(axis=1), over & ~truncated, truncated, known)


class PlayersEnv(ParallelEnv[str, Observation, int]):  # type: ignore[misc]
    """PettingZoo's form of one game: a batch of one.

    Args:
        batch: the game, with a single slot and `autoreset_mode="Disabled"`.
    """

    def __init__(self, batch: PlayersVectorEnv) -> None:
        self._batch = batch
        self.possible_agents = list(batch.players)
        self.agents: list[str] = []
        self.metadata = {
            "name": type(self).__name__,
            "render_modes": batch.metadata["render_modes"],
            "render_fps": batch.metadata["render_fps"],
        }
        self.render_mode = batch.render_mode
        self.state_space = batch.state_space
        self.observation_spaces = {player: deepcopy(batch.player_observation_space) for player in batch.players}
        self.action_spaces = {player: deepcopy(batch.player_action_space) for player in batch.players}

    def observation_space(self, agent: str) -> gym.Space[Any]:
        """Return the space of a player's observations."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> gym.Space[Any]:
        """Return the space of a player's actions."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        """Start an episode with all players; `options` has no key here.

        Raises:
            ValueError: the seed is negative.
        """
        observations, infos = self._batch.reset(seed=[seed])
        self.agents = list(self.possible_agents)
        told = {key: array for key, array in infos.items() if f"_{key}" in infos}
        return self._seen(observations, self.agents), {
            player: {key: array[0].item() for key, array in told.items()} for player in self.agents
        }

    def step(
        self, actions: dict[str, int]
    ) -> tuple[dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Play one step; players that have left the game give no action.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: a player in the game has no action, or there is no such action.
        """
        if not self.agents:
            raise ResetNeeded("no episode is running; reset before the next step")
        missing = [player for player in self.agents if player not in actions]
        if missing:
            raise ValueError(f"{missing[0]} is in the game and has no action")
        chosen = np.array([[actions.get(player, 0) if player in self.agents else 0 for player in self.possible_agents]])
        observations, _, _, _, infos = self._batch.step(chosen)
        acted = self.agents
        places = [self.possible_agents.index(player) for player in acted]
        self.agents = [player for player, stays in zip(self.possible_agents, self._batch.in_game[0].tolist(), strict=True) if stays]
        told = {key: infos[key][0] for key in infos if f"_{key}" in infos and key not in OUTCOMES}
        return (
            self._seen(observations, acted),
            {player: float(infos["rewards"][0, place]) for player, place in zip(acted, places, strict=True)},
            {player: bool(infos["terminated"][0, place]) for player, place in zip(acted, places, strict=True)},
            {player: bool(infos["truncated"][0, place]) for player, place in zip(acted, places, strict=True)},
            {player: {key: values[place].item() for key, values in told.items()} for player, place in zip(acted, places, strict=True)},
        )

    def state(self) -> NDArray[np.float32]:
        """Return the state of the whole game, of `state_space`."""
        state: NDArray[np.float32] = self._batch.state()[0]
        return state

    def render(self) -> Frame | None:
        """Return a frame (height, width, 3); None without a render mode."""
        frames = self._batch.render()
        return None if frames is None else frames[0]

    def close(self) -> None:
        """Close the batch."""
        self._batch.close()

    def _seen(self, observations: Observation, players: Sequence[str]) -> dict[str, Observation]:
        return {player: part_of(observations, (0, self.possible_agents.index(player))) for player in players}


OUTCOMES = ("rewards", "terminated", "truncated", "acted")
"""Infos that other shapes of a game return as themselves."""


def part_of(observations: Observation, index: Any) -> Observation:
    """Return what stands at `index` of an array, or of each array of a dict."""
    return {key: part[index] for key, part in observations.items()} if isinstance(observations, dict) else observations[index]
