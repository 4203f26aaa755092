"""What this plugin registers with hub under `androidcontrol`."""

from __future__ import annotations

from hub_envs.catalogue import ANDROIDCONTROL

import hub
from hub_gui.registration import described


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the environments of `hub_envs`."""
    return described(ANDROIDCONTROL)


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register how recorded episodes are judged: by SOP, from the agent's own history to the first mismatch, without screenshots."""
    return [
        hub.ProtocolSpec(
            name="androidcontrol-sop",
            env="androidcontrol/SOP-v0",
            tasks=({},),
            episodes=500,
            metric="success",
            metrics={"success": "last", "progress": "last", "invalid": "mean"},
            beside=("progress", "invalid"),
        )
    ]
