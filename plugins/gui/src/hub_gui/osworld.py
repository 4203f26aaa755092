"""What this plugin registers with hub under `osworld`."""

from __future__ import annotations

from hub_envs.catalogue import OSWORLD
from hub_envs.osworld.tasks import NAMES

import hub
from hub_gui.registration import described


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the environments of `hub_envs`; each episode is a desktop of its own."""
    return described(OSWORLD, slots=2)


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register how the desktop is judged: each of the package's own tasks on a few instances, which are slow to play."""
    return [
        hub.ProtocolSpec(
            name="osworld-desktop",
            env="osworld/Desktop-v0",
            tasks=tuple({"task": name} for name in NAMES),
            episodes=3,
            metrics={"invalid": "sum", "success": "last"},
            beside=("success", "invalid"),
            max_steps=15,
            null_agents=("gui-random", "gui-noop"),
        )
    ]


@hub.hookimpl
def hub_checkups() -> list[hub.CheckupSpec]:
    """Register what the desktop needs."""
    return [
        hub.CheckupSpec(
            name="osworld",
            function="hub_envs.osworld.doctor:examine",
            summary="programs and rights for the desktop sandbox",
            requires="gymhub-envs[osworld]",
        )
    ]
