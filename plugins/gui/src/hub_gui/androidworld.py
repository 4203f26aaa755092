"""What this plugin registers with hub under `androidworld`."""

from __future__ import annotations

from hub_envs.androidworld.suite import OFFICIAL_SEED, tasks
from hub_envs.catalogue import ANDROIDWORLD

import hub
from hub_gui.registration import described


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the environments of `hub_envs`; a device plays one episode at a time."""
    return described(ANDROIDWORLD, slots=1)


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register the reference's own evaluation, one instance of each of the 116 tasks; android_env's tasks have none in common."""
    return [
        hub.ProtocolSpec(
            name=f"androidworld-{where}",
            env=f"androidworld/{where.title()}-v0",
            tasks=tuple({"task": name, "suite_seed": OFFICIAL_SEED} for name in tasks()),
            episodes=1,
            metrics={"success": "last", "invalid": "sum"},
            beside=("success", "invalid"),
        )
        for where in ("suite", "server")
    ]


@hub.hookimpl
def hub_checkups() -> list[hub.CheckupSpec]:
    """Register what AndroidWorld needs."""
    return [
        hub.CheckupSpec(
            name="androidworld",
            function="hub_envs.androidworld.doctor:examine",
            summary="adb, an android_world checkout and a running Android emulator",
            requires="gymhub-envs[androidworld]",
        )
    ]
