"""When an episode ends and what it pays, beyond what all of MiniGrid shares (goal and lava): a rule a family of tasks.

A rule is MiniGrid's own `step` of that family, said again over arrays in `kernel`; what differs from level to level (the target's place,
say) stands in a level's `parameters`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hub_envs.minigrid.cells import code_of

if TYPE_CHECKING:
    from minigrid.minigrid_env import MiniGridEnv

PARAMETERS = 4


class Rule(IntEnum):
    """What ends an episode; the parameters in brackets."""

    GOAL = 0
    """Standing on the goal pays, lava ends: all that MiniGrid's base class knows. []"""
    PICK_UP = 1
    """Picking up the target object pays. []"""
    FETCH = 2
    """Carrying anything ends; it pays if it is of the wanted kind. [code]"""
    DONE_BESIDE = 3
    """`done` ends and pays beside the target; `toggle` ends. [x, y]"""
    MEMORY = 4
    """Two cells end, the first pays; `pickup` acts as `toggle`. [x, y, x, y]"""
    PUT_NEAR = 5
    """Dropping ends and pays near the target; picking up another kind ends. [code, x, y]"""
    RED_BLUE = 6
    """Opening the blue door ends and pays if the red one was open; opening them together in another order ends. [x, y, x, y]"""
    UNLOCK = 7
    """Opening the door pays. [x, y]"""
    OBSTACLES = 8
    """As GOAL, but obstacles move at each step, and walking into anything costs 1 and ends. []"""


_FAMILIES = {
    "BlockedUnlockPickupEnv": Rule.PICK_UP,
    "KeyCorridorEnv": Rule.PICK_UP,
    "ObstructedMazeEnv": Rule.PICK_UP,
    "UnlockPickupEnv": Rule.PICK_UP,
    "DynamicObstaclesEnv": Rule.OBSTACLES,
    "FetchEnv": Rule.FETCH,
    "GoToDoorEnv": Rule.DONE_BESIDE,
    "GoToObjectEnv": Rule.DONE_BESIDE,
    "MemoryEnv": Rule.MEMORY,
    "PutNearEnv": Rule.PUT_NEAR,
    "RedBlueDoorEnv": Rule.RED_BLUE,
    "UnlockEnv": Rule.UNLOCK,
}
"""The classes of MiniGrid that have a `step` of their own."""


def rule_of(env: MiniGridEnv) -> Rule:
    """Return the rule of an environment of MiniGrid.

    Raises:
        ValueError: its `step` is none that this package knows.
    """
    owner = next(cls for cls in type(env).__mro__ if "step" in vars(cls))
    if owner.__name__ == "MiniGridEnv":
        return Rule.GOAL
    if owner.__module__.startswith("minigrid.envs.") and owner.__name__ in _FAMILIES:
        return _FAMILIES[owner.__name__]
    raise ValueError(f"{type(env).__name__} ends its episodes in a way of its own ({owner.__name__}.step); this engine knows none such")


def parameters_of(env: Any, rule: Rule) -> NDArray[np.int16]:
    """Return the parameters (PARAMETERS,) that the level just generated in `env` has."""
    values: list[int] = []
    if rule == Rule.FETCH:
        values = [_code(env.targetType, env.targetColor)]
    elif rule == Rule.DONE_BESIDE:
        values = [*env.target_pos]
    elif rule == Rule.MEMORY:
        values = [*env.success_pos, *env.failure_pos]
    elif rule == Rule.PUT_NEAR:
        values = [_code(env.move_type, env.moveColor), *env.target_pos]
    elif rule == Rule.RED_BLUE:
        values = [*_place(env, env.red_door), *_place(env, env.blue_door)]
    elif rule == Rule.UNLOCK:
        values = [*_place(env, env.door)]
    return np.array(values + [0] * (PARAMETERS - len(values)), dtype=np.int16)


def target_of(env: Any, rule: Rule) -> tuple[int, int] | None:
    """Return where the object lies that must be picked up; None where the rule is about no such object."""
    return _place(env, env.obj) if rule == Rule.PICK_UP else None


def _place(env: MiniGridEnv, thing: object) -> tuple[int, int]:
    at = next(place for place, other in enumerate(env.grid.grid) if other is thing)
    return at % env.width, at // env.width


def _code(kind: str, colour: str) -> int:
    from minigrid.core.constants import COLOR_TO_IDX, OBJECT_TO_IDX

    return code_of(OBJECT_TO_IDX[kind], COLOR_TO_IDX[colour])
