"""Single observations out of a batch, for agents that look at episodes one by one."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium import spaces


def rows(space: gym.Space[Any], observations: Any, count: int) -> list[Any]:
    """Return the `count` observations that `observations` stacks, as `gymnasium.vector.utils.batch_space(space, count)` has them.

    Gymnasium's own `iterate` asks for that batched space, whose making copies the space `count` times: of a text space, a whole alphabet.
    """
    if isinstance(space, spaces.Dict):
        parts = {key: rows(part, observations[key], count) for key, part in space.spaces.items()}
        return [{key: part[row] for key, part in parts.items()} for row in range(count)]
    if isinstance(space, spaces.Tuple):
        columns = [rows(part, column, count) for part, column in zip(space.spaces, observations, strict=True)]
        return [tuple(column[row] for column in columns) for row in range(count)]
    return [observations[row] for row in range(count)]
