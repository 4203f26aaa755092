"""Which parallel environments the agents here can play, and how their players' observations lie in one array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

import hub
from hub.errors import ImpossiblePairing

Observations = NDArray[Any] | dict[str, NDArray[Any]]
"""Of n games of P players: an array (n, P, ...), or for a `Dict` space an array for each key. Zeros for players out of the game."""

_ARRAYS = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)


@dataclass(frozen=True, slots=True)
class Game:
    """What a parallel environment asks of its players, all of them alike.

    Attributes:
        players: their names, in the order of every players axis.
        observation_space: of each.
        actions: how many each can choose from, counted from 0.
        state: numbers in the state of the whole game; None where the environment gives none.
    """

    players: tuple[str, ...]
    observation_space: gym.Space[Any]
    actions: int
    state: int | None


def game_of(agent: str, task: hub.Task) -> Game:
    """Return the game of `task`.

    Args:
        agent: its name, for the message.
        task: what is to be played.

    Raises:
        ImpossiblePairing: the players differ in their spaces, or the spaces are of another kind; the message says what fits.
    """
    where = f"{agent} cannot act in {task.env_id}: "
    hub.Needs(players="many").check(agent, task)
    seen, acted = task.observation_space, task.action_space
    assert isinstance(seen, spaces.Dict)
    assert isinstance(acted, spaces.Dict)
    first = task.players[0]
    for word, whole in (("observe", seen), ("act", acted)):
        other = next((player for player in task.players if whole[player] != whole[first]), None)
        if other is not None:
            reason = f"it fits players with equal spaces, and {first} and {other} {word} in {whole[first]} and {whole[other]}"
            raise ImpossiblePairing(where + reason)
    actions, observation = acted[first], seen[first]
    if not isinstance(actions, spaces.Discrete) or actions.start != 0:
        raise ImpossiblePairing(f"{where}it fits Discrete actions that count from 0, and each player's are {actions}")
    parts = observation.spaces.values() if isinstance(observation, spaces.Dict) else (observation,)
    if not all(isinstance(part, _ARRAYS) for part in parts):
        raise ImpossiblePairing(f"{where}it reads arrays and one-level Dicts of arrays, and each player's observations are {observation}")
    state = None if task.state_space is None else int(np.prod(task.state_space.shape or (1,)))
    return Game(task.players, observation, int(actions.n), state)


def gathered(game: Game, rows: Sequence[Mapping[str, Any]]) -> tuple[Observations, NDArray[np.bool_]]:
    """Return the observations of n games in arrays, and who is in the game, (n, P).

    Args:
        game: what they are games of.
        rows: for each game the observations of the players that are in it.
    """
    shape = (len(rows), len(game.players))
    in_game = np.zeros(shape, dtype=np.bool_)
    space = game.observation_space
    parts = space.spaces if isinstance(space, spaces.Dict) else {"": space}
    arrays = {key: np.zeros((*shape, *(part.shape or ())), dtype=part.dtype) for key, part in parts.items()}
    for row, by_player in enumerate(rows):
        for place, player in enumerate(game.players):
            if player in by_player:
                in_game[row, place] = True
                observation = by_player[player]
                for key, array in arrays.items():
                    array[row, place] = observation[key] if key else observation
    return (arrays if isinstance(space, spaces.Dict) else arrays[""]), in_game
