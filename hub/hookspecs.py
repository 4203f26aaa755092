"""The hooks a plugin may implement. This file is the whole contract between hub and its plugins.

A plugin is a pip package with an entry point in group `hub.plugins`. The entry point's name is the plugin's name, and the only
environment namespace it may register in; its value is a module (or object) whose functions are marked with `@hub.hookimpl`:

    # pyproject.toml:  [project.entry-points."hub.plugins"]  acme = "hub_acme.registration"
    import hub

    @hub.hookimpl
    def hub_environments():
        return [hub.EnvironmentSpec(id="acme/Maze-v0", entry_point="hub_acme.maze:Maze")]

The module may state the version of this contract it was written for, `hub_api_version = 1`; another number than `API_VERSION` makes the
plugin `incompatible`.

Hooks take no arguments and return plain descriptions; they are called once, in a child process, when the package is new or has changed.
Keep the registration module light: name classes as `"module:Class"` strings instead of importing them.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from hub.plugins import API_VERSION
from hub.specs import AgentSpec, CheckupSpec, DatasetSpec, EnvironmentSpec, PaperSpec, ProtocolSpec

__all__ = [
    "API_VERSION",
    "hookimpl",
    "hookspec",
    "hub_agents",
    "hub_checkups",
    "hub_datasets",
    "hub_environments",
    "hub_papers",
    "hub_protocols",
]

hookspec = pluggy.HookspecMarker("hub")
hookimpl = pluggy.HookimplMarker("hub")


@hookspec
def hub_environments() -> Iterable[EnvironmentSpec]:  # type: ignore[empty-body]
    """Return the environments this plugin brings."""


@hookspec
def hub_agents() -> Iterable[AgentSpec]:  # type: ignore[empty-body]
    """Return the agents this plugin brings."""


@hookspec
def hub_protocols() -> Iterable[ProtocolSpec]:  # type: ignore[empty-body]
    """Return the protocols this plugin brings; each judges an environment of this plugin."""


@hookspec
def hub_papers() -> Iterable[PaperSpec]:  # type: ignore[empty-body]
    """Return the papers this plugin's agents implement."""


@hookspec
def hub_datasets() -> Iterable[DatasetSpec]:  # type: ignore[empty-body]
    """Return the datasets that this plugin can record."""


@hookspec
def hub_checkups() -> Iterable[CheckupSpec]:  # type: ignore[empty-body]
    """Return what `hub doctor` is to look into for this plugin."""
