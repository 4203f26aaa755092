"""What this plugin registers with hub under `memo`."""

from __future__ import annotations

from hub_envs.catalogue import MEMO

import hub
from hub_gui.registration import described


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the environments of `hub_envs`."""
    return described(MEMO)


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register how forms are judged: the share of forms filled in without a mistake, and beside it how far one gets."""
    return [
        hub.ProtocolSpec(
            name="memo-form",
            env="memo/Form-v0",
            tasks=({},),
            episodes=500,
            metric="success",
            metrics={"success": "last", "progress": "last"},
            beside=("progress",),
        )
    ]
