"""Actions for played episodes: random ones that depend only on a seed, and the corners of a space."""

from __future__ import annotations

import copy
import zlib
from typing import Any, Literal

import numpy as np
from gymnasium import Space, spaces


class Actions:
    """A stream of random actions for `env` that depends only on `seed`; it respects action masks and never touches `env`'s own spaces."""

    def __init__(self, env: Any, seed: int) -> None:
        self._players = list(env.possible_agents) if hasattr(env, "possible_agents") else []
        self._env = env
        if self._players:
            self._spaces = {player: _seeded(env.action_space(player), seed + zlib.crc32(str(player).encode())) for player in self._players}
        else:
            self._spaces = {None: _seeded(env.action_space, seed)}

    def __deepcopy__(self, memo: dict[int, Any]) -> Actions:
        twin = copy.copy(self)
        twin._spaces = copy.deepcopy(self._spaces, memo)
        return twin

    def choose(self, observation: Any, info: Any) -> Any:
        """Return the next action; for a parallel environment one for each player still in the game."""
        if not self._players:
            return self._draw(None, observation, info)
        infos = info if isinstance(info, dict) else {}
        return {player: self._draw(player, observation.get(player), infos.get(player)) for player in self._env.agents}

    def _draw(self, player: Any, observation: Any, info: Any) -> Any:
        space = self._spaces[player]
        mask = action_mask(observation, info)
        return space.sample(mask=mask) if mask is not None and isinstance(space, spaces.Discrete) else space.sample()


class Corners(Actions):
    """The same extreme action at every step: the lowest or the highest value of every number in the action space."""

    def __init__(self, env: Any, seed: int, end: Literal["low", "high"]) -> None:
        super().__init__(env, seed)
        self._end = end

    def _draw(self, player: Any, observation: Any, info: Any) -> Any:
        if action_mask(observation, info) is not None:
            return super()._draw(player, observation, info)
        return corner(self._spaces[player], self._end)


def action_mask(observation: Any, info: Any) -> np.ndarray[Any, Any] | None:
    """Return the mask of allowed actions that an environment gave with its last observation, if it gave one."""
    for source in (observation, info):
        mask = source.get("action_mask") if isinstance(source, dict) else None
        if isinstance(mask, np.ndarray) and mask.any():
            return mask.astype(np.int8)
    return None


def corner(space: Space[Any], end: Literal["low", "high"]) -> Any:
    """Return the lowest or highest element of `space`; a sample where it has none (unbounded, texts, graphs)."""
    low = end == "low"
    match space:
        case spaces.Box() if space.is_bounded("both"):
            return (space.low if low else space.high).copy()
        case spaces.Discrete():
            return space.start if low else space.start + space.n - 1
        case spaces.MultiDiscrete():
            return (space.start if low else space.start + space.nvec - 1).astype(space.dtype)
        case spaces.MultiBinary():
            return np.full(space.shape, 0 if low else 1, dtype=space.dtype)
        case spaces.Dict():
            return {key: corner(part, end) for key, part in space.items()}
        case spaces.Tuple():
            return tuple(corner(part, end) for part in space)
        case _:
            return space.sample()


def _seeded(space: Space[Any], seed: int) -> Space[Any]:
    own = copy.deepcopy(space)
    own.seed(seed % 2**31)
    return own
