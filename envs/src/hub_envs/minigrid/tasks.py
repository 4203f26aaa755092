"""Which environment of MiniGrid a task's name means, and what is fixed for all of its levels."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from hub_envs.minigrid.draws import DrawsAhead
from hub_envs.minigrid.rules import Rule, rule_of

if TYPE_CHECKING:
    from minigrid.minigrid_env import MiniGridEnv

VIEW = 7
"""Width and height of the view, in cells: MiniGrid's default, which every task here has."""


def _rooms(rooms: int, size: int) -> dict[str, int]:
    return {"minNumRooms": rooms, "maxNumRooms": rooms, "maxRoomSize": size}


MULTI_ROOMS: Mapping[str, Mapping[str, int]] = {
    "MultiRoom-N7-S4-v0": _rooms(7, 4),
    "MultiRoom-N7-S8-v0": _rooms(7, 8),
    "MultiRoom-N10-S4-v0": _rooms(10, 4),
    "MultiRoom-N10-S10-v0": _rooms(10, 10),
    "MultiRoom-N12-S10-v0": _rooms(12, 10),
}
"""Tasks of the literature on exploration that MiniGrid itself does not register: N rooms, of a size up to S."""


@dataclass(frozen=True, slots=True)
class Task:
    """One environment of MiniGrid.

    Attributes:
        name: MiniGrid's id without the leading `MiniGrid-`, or a key of `MULTI_ROOMS`.
        entry_point: `"module:Class"` of the environment.
        kwargs: its keyword arguments.
        width: cells of the grid in x.
        height: cells of the grid in y.
        max_steps: steps until truncation.
        see_through_walls: whether walls hide nothing.
        actions: how many there are.
        rule: how episodes end.
    """

    name: str
    entry_point: str
    kwargs: Mapping[str, Any]
    width: int
    height: int
    max_steps: int
    see_through_walls: bool
    actions: int
    rule: Rule

    def build(self, **kwargs: Any) -> MiniGridEnv:
        """Build MiniGrid's own environment, with `kwargs` over the task's."""
        module, _, name = self.entry_point.partition(":")
        env: MiniGridEnv = getattr(importlib.import_module(module), name)(**{**self.kwargs, **kwargs})
        return env

    def build_generator(self) -> MiniGridEnv:
        """Build MiniGrid's own environment for generating levels only: the same levels, large MultiRooms in half the time."""
        env: Any = self.build()
        if self.entry_point == "minigrid.envs:MultiRoomEnv":
            env._rand_int = DrawsAhead(env)
        built: MiniGridEnv = env
        return built


@cache
def task_of(name: str) -> Task:
    """Return the task called `name`.

    Raises:
        ValueError: there is none, or this engine does not know how its episodes end.
    """
    entry_point, kwargs = _named(name)
    unsized = Task(name, entry_point, kwargs, 0, 0, 0, False, 0, Rule.GOAL)
    env: Any = unsized.build()
    if env.agent_view_size != VIEW:
        raise ValueError(f"{name} has a view of {env.agent_view_size} cells, and this engine one of {VIEW}")
    actions = int(env.action_space.n)
    return Task(name, entry_point, kwargs, env.width, env.height, env.max_steps, env.see_through_walls, actions, rule_of(env))


def _named(name: str) -> tuple[str, Mapping[str, Any]]:
    import gymnasium
    import minigrid  # noqa: F401  registers its ids

    if name in MULTI_ROOMS:
        return "minigrid.envs:MultiRoomEnv", MULTI_ROOMS[name]
    spec = gymnasium.registry.get(f"MiniGrid-{name}")
    if spec is None:
        raise ValueError(f"MiniGrid has no environment MiniGrid-{name}, and it is none of {', '.join(MULTI_ROOMS)}")
    return str(spec.entry_point), dict(spec.kwargs)
