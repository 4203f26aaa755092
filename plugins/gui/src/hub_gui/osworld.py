"""What this plugin registers with hub under `osworld`."""

from __future__ import annotations

from hub_envs.catalogue import OSWORLD

import hub
from hub_gui.registration import described


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the environments of `hub_envs`."""
    return described(OSWORLD)
