"""Which surface an environment has."""

from __future__ import annotations

from gymnasium import spaces

import hub
from hub.errors import ImpossiblePairing
from hub_gui.surfaces.surface import Surface


def surface_for(agent: str, task: hub.Task) -> Surface:
    """Return the surface of a task: a phone's where observations have a `goal`, a desktop's where they have an `instruction`.

    Args:
        agent: name of the agent, for messages.
        task: the task.

    Raises:
        ImpossiblePairing: it has none of them; the message says what has.
    """
    space = task.observation_space
    keys = space.spaces.keys() if isinstance(space, spaces.Dict) and isinstance(task.action_space, spaces.Text) else set()
    if "goal" in keys and keys & {"elements", "screenshot"}:
        from hub_gui.surfaces.phone import Phone

        return Phone(task)
    if {"instruction", "screenshot"} <= keys:
        from hub_gui.surfaces.desktop import Desktop

        return Desktop(task)
    raise ImpossiblePairing(
        f"{agent} cannot act in {task.env_id}: it reads screens and writes actions as text; it fits phones (phonesim/..., androidworld/...)"
        " and desktops (osworld/...)"
    )
