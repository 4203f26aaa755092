"""Which surface an environment has."""

from __future__ import annotations

from gymnasium import spaces

import hub
from hub.errors import ImpossiblePairing
from hub_gui.surfaces.surface import Surface


def surface_for(agent: str, task: hub.Task) -> Surface:
    """Return the surface of a task.

    A phone's observations have a `goal`, a desktop's an `instruction`; a browser's are BrowserGym's.

    Args:
        agent: name of the agent, for messages.
        task: the task.

    Raises:
        ImpossiblePairing: it has none of them; the message says what has.
    """
    space = task.observation_space
    shown = space.spaces.keys() if isinstance(space, spaces.Dict) else set()
    if {"goal", "axtree_object", "extra_element_properties", "screenshot"} <= shown:
        from hub_gui.surfaces.browser import Browser

        return Browser(task)
    keys = shown if isinstance(task.action_space, spaces.Text) else set()
    if "goal" in keys and keys & {"elements", "screenshot"}:
        from hub_gui.surfaces.phone import Phone

        return Phone(task)
    if {"instruction", "screenshot"} <= keys:
        from hub_gui.surfaces.desktop import Desktop

        return Desktop(task)
    raise ImpossiblePairing(
        f"{agent} cannot act in {task.env_id}: it reads screens and writes actions as text; it fits phones (phonesim/..., androidworld/...)"
        ", desktops (osworld/...) and pages (browsergym/..., of which browsergym/miniwob.click-test and others are MiniWoB++'s)"
    )
