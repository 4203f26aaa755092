"""What this plugin registers with hub under `cube`."""

from __future__ import annotations

from hub_envs.catalogue import CUBE

import hub
from hub_gui.registration import described


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the environments of `hub_envs`; a task's server plays one episode at a time."""
    return described(CUBE, slots=1)


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register how a task is judged: by the reward that it gives. A task without seeds is one instance, so few episodes do."""
    return [
        hub.ProtocolSpec(
            name="cube-task",
            env="cube/Task-v0",
            episodes=5,
            metrics={"success": "last", "invalid": "sum"},
            beside=("success", "invalid"),
        )
    ]
