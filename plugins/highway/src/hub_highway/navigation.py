"""What this plugin registers with hub under `navigation`: the paper's second environment, and how it is judged."""

from __future__ import annotations

from hub_envs.catalogue import NAVIGATION

import hub
from hub_highway.registration import described


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the particle worlds of `hub_envs`."""
    return described(NAVIGATION)


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register how navigation is judged: an agent's return, and beside it how often it collides and how long it stays at a landmark."""
    return [
        hub.ProtocolSpec(
            name="navigation-noncooperative",
            env="navigation/NonCooperative-v0",
            tasks=({"level": "easy"}, {"level": "hard"}),
            episodes=64,
            metric="agent_return",
            metrics={"agent_return": "sum", "collisions": "sum", "reached": "mean"},
            beside=("collisions", "reached"),
            train_steps=1_000_000,
        ),
        hub.ProtocolSpec(
            name="navigation-noncooperative-solo",
            env="navigation/NonCooperative-Solo-v0",
            tasks=({"level": "easy"}, {"level": "hard"}),
            episodes=64,
            metrics={"collisions": "sum", "reached": "mean"},
            beside=("collisions", "reached"),
            train_steps=1_000_000,
        ),
    ]
