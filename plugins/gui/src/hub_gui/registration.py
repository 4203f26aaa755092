"""What this plugin registers with hub under `gui`: agents and papers; descriptions only."""

from __future__ import annotations

from collections.abc import Iterable

from hub_envs.catalogue import Entry

import hub


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register what acts on screens."""
    return []


def described(entries: Iterable[Entry]) -> list[hub.EnvironmentSpec]:
    """Return entries of the catalogue as hub describes environments."""
    return [
        hub.EnvironmentSpec(
            id=entry.id,
            entry_point=entry.entry_point,
            vector_entry_point=entry.vector_entry_point,
            requires=entry.requires,
            summary=entry.summary,
            kwargs=dict(entry.kwargs),
            model=entry.model,
            deterministic=entry.deterministic,
        )
        for entry in entries
    ]
