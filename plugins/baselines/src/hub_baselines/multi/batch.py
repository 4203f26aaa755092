"""Games of several players, many side by side and in lock step; what ended begins anew in the same step."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub.environments import is_native
from hub.registry import find_environment
from hub_baselines.multi.game import Game, Observations, gathered

if TYPE_CHECKING:
    from hub.training import Training


@dataclass(frozen=True, slots=True)
class Moment:
    """Where n games of P players stand before a step.

    Attributes:
        observations: arrays (n, P, ...), as `hub_baselines.multi.game.Observations` says.
        in_game: (n, P), who is in the game: these act, the others' actions are ignored.
        state: (n, S) float32, each whole game's state; None where the environment gives none.
        begun: (n,), whether a new episode begins here.
    """

    observations: Observations
    in_game: NDArray[np.bool_]
    state: NDArray[np.float32] | None
    begun: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of n games of P players led to.

    Attributes:
        moment: where they stand now; where an episode ended, at the beginning of the next.
        rewards: (n, P) float64; 0 for players that were out of the game, as in the following two.
        terminated: (n, P).
        truncated: (n, P).
        ended: (n,), whether nobody was left and the episode ended.
    """

    moment: Moment
    rewards: NDArray[np.float64]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    ended: NDArray[np.bool_]


class PlayersBatch(abc.ABC):
    """n games (slots), stepped together, each with seeds of its own from the training range. `open_batch` makes one.

    Attributes:
        slots: how many games.
        game: what they are games of.
    """

    def __init__(self, slots: int, game: Game) -> None:
        self.slots, self.game = slots, game

    @abc.abstractmethod
    def begin(self) -> Moment:
        """Begin a new episode in every slot."""

    @abc.abstractmethod
    def step(self, actions: NDArray[np.int64]) -> Step:
        """Play one step in every slot with `actions` (n, P)."""

    @abc.abstractmethod
    def close(self) -> None:
        """Close the environments."""


def open_batch(training: Training, game: Game, slots: int) -> PlayersBatch:
    """Open `slots` games of a training's environment: its native batch where one is registered, else that many parallel environments.

    Args:
        training: gives the environments and counts their steps: one for each slot, however many players it has.
        game: of the training's task.
        slots: how many.
    """
    if is_native(find_environment(training.task.env_id)):
        return _NativeBatch(training, game, slots)
    return _SeparateGames(training, game, slots)


class _NativeBatch(PlayersBatch):
    """A vector environment with a players axis, as `hub.EnvironmentSpec.vector_entry_point` describes it."""

    def __init__(self, training: Training, game: Game, slots: int) -> None:
        super().__init__(slots, game)
        self._env = training.make_vec(slots, AutoresetMode.SAME_STEP)
        self._games: Any = self._env.unwrapped

    def begin(self) -> Moment:
        return self._moment(self._env.reset()[0], np.ones(self.slots, dtype=np.bool_))

    def step(self, actions: NDArray[np.int64]) -> Step:
        observations, _, terminations, truncations, infos = self._env.step(actions)
        ended = terminations | truncations
        return Step(
            moment=self._moment(observations, ended),
            rewards=self._of_players(infos, "rewards", ended).astype(np.float64, copy=False),
            terminated=self._of_players(infos, "terminated", ended).astype(np.bool_, copy=False),
            truncated=self._of_players(infos, "truncated", ended).astype(np.bool_, copy=False),
            ended=ended,
        )

    def close(self) -> None:
        self._env.close()

    def _of_players(self, infos: Mapping[str, Any], key: str, ended: NDArray[np.bool_]) -> NDArray[Any]:
        """Return an info (n, P) of the step; of the slots that ended it stands under `final_info`."""
        if not ended.any():
            return np.asarray(infos[key])
        final = np.asarray(infos["final_info"][key])
        return np.where(ended[:, None], final, infos[key]) if key in infos else final

    def _moment(self, observations: Observations, begun: NDArray[np.bool_]) -> Moment:
        in_game = self._games.in_game.copy()
        if not in_game.all():  # who left in the last step may still be shown what it led to
            observations = _only(observations, in_game)
        state = None if self.game.state is None else self._games.state().reshape(self.slots, -1).astype(np.float32, copy=False)
        return Moment(observations, in_game, state, begun)


class _SeparateGames(PlayersBatch):
    """PettingZoo parallel environments, one a slot."""

    def __init__(self, training: Training, game: Game, slots: int) -> None:
        super().__init__(slots, game)
        self._envs: list[Any] = [training.make() for _ in range(slots)]
        self._places = {player: place for place, player in enumerate(game.players)}

    def begin(self) -> Moment:
        return self._moment([env.reset()[0] for env in self._envs], np.ones(self.slots, dtype=np.bool_))

    def step(self, actions: NDArray[np.int64]) -> Step:
        shape = (self.slots, len(self.game.players))
        rewards = np.zeros(shape)
        terminated, truncated = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
        ended = np.zeros(self.slots, dtype=np.bool_)
        seen = []
        for slot, env in enumerate(self._envs):
            acting = list(env.agents)
            chosen = {player: actions[slot, self._places[player]] for player in acting}
            observations, gained, terminations, truncations, _ = env.step(chosen)
            for player in acting:
                place = slot, self._places[player]
                rewards[place], terminated[place], truncated[place] = gained[player], terminations[player], truncations[player]
            ended[slot] = not env.agents
            seen.append(env.reset()[0] if ended[slot] else observations)
        return Step(self._moment(seen, ended), rewards, terminated, truncated, ended)

    def close(self) -> None:
        for env in self._envs:
            env.close()

    def _moment(self, seen: list[Mapping[str, Any]], begun: NDArray[np.bool_]) -> Moment:
        present = [{player: row[player] for player in env.agents} for env, row in zip(self._envs, seen, strict=True)]
        observations, in_game = gathered(self.game, present)
        state = None
        if self.game.state is not None:
            state = np.stack([np.asarray(env.state(), dtype=np.float32).reshape(-1) for env in self._envs])
        return Moment(observations, in_game, state, begun)


def _only(observations: Observations, in_game: NDArray[np.bool_]) -> Observations:
    """Return observations with zeros for players out of the game."""
    if isinstance(observations, dict):
        return {key: _only_part(part, in_game) for key, part in observations.items()}
    return _only_part(observations, in_game)


def _only_part(part: NDArray[Any], in_game: NDArray[np.bool_]) -> NDArray[Any]:
    return np.where(in_game.reshape(*in_game.shape, *[1] * (part.ndim - 2)), part, np.zeros((), dtype=part.dtype))
