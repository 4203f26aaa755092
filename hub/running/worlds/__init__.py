"""Worlds: the slots that the evaluator plays in, one interface over single, batched and parallel environments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.running.worlds.base import FaultError as FaultError
from hub.running.worlds.base import Tick as Tick
from hub.running.worlds.base import World as World
from hub.running.worlds.native import NativeWorld as NativeWorld
from hub.running.worlds.parallel import ParallelWorld as ParallelWorld
from hub.running.worlds.single import SingleWorld as SingleWorld

__all__ = ["FaultError", "NativeWorld", "ParallelWorld", "SingleWorld", "Tick", "World", "open_world"]


def open_world(name: str, kwargs: Mapping[str, Any], slots: int, *, render_mode: str | None = None) -> World:
    """Build environment `name` with `kwargs` in `slots` slots: natively batched where it is registered so, else one environment a slot.

    With a `render_mode` every slot is an environment of its own, which renders; batched or not, they compute the same.
    A parallel environment is judged in the form that everybody knows, one PettingZoo environment a slot; its native batch is for training.

    Raises:
        UnknownEnvironment, MissingExtra, BrokenPlugin, UsageError: see `hub.environments.make`.
    """
    from gymnasium.vector import AutoresetMode

    from hub.environments import build, build_native, build_unlimited, is_native
    from hub.registry import find_environment

    found = find_environment(name)
    if render_mode is not None:
        kwargs = {**kwargs, "render_mode": render_mode}
    if found.spec.kind == "parallel":
        return ParallelWorld(found.spec.id, [build(found, kwargs) for _ in range(slots)])
    if is_native(found) and render_mode is None:
        return NativeWorld(found.spec.id, build_native(found, slots, AutoresetMode.DISABLED, kwargs))
    first, limit = build_unlimited(found, kwargs)
    return SingleWorld(found.spec.id, [first, *(build_unlimited(found, kwargs)[0] for _ in range(slots - 1))], limit)
