"""What this plugin registers with hub under `phonesim`."""

from __future__ import annotations

from hub_envs.catalogue import PHONESIM

import hub
from hub_gui.registration import described


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the environments of `hub_envs`; each phone is a page of one browser."""
    return described(PHONESIM, slots=8)


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register how the phone is judged: how many tasks are done, of all and of each level."""
    return [
        hub.ProtocolSpec(
            name="phonesim",
            env="phonesim/Suite-v0",
            tasks=({}, {"level": "easy"}, {"level": "medium"}, {"level": "hard"}),
            episodes=100,
            metrics={"success": "last", "invalid": "sum"},
            beside=("success", "invalid"),
        )
    ]


@hub.hookimpl
def hub_checkups() -> list[hub.CheckupSpec]:
    """Register what the phone needs."""
    return [
        hub.CheckupSpec(
            name="phonesim",
            function="hub_envs.phonesim.doctor:examine",
            summary="Chromium for the simulated phone",
            requires="gymhub-envs[phonesim]",
        )
    ]
