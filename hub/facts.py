"""What can be said of a name: the description that a plugin registered, and what the named class itself tells."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, cast

from hub import environments, registry
from hub.agent import Agent
from hub.arguments import RESERVED, parameters
from hub.errors import BrokenPlugin, HubError, UnknownName
from hub.loading import load
from hub.naming import command_line_name
from hub.plugins.rows import KINDS, plugins

Facts = dict[str, Any]


def known(name: str) -> dict[str, Facts]:
    """Return what is known of `name` by the kinds of thing it names: `environment`, `agent`, `protocol`, `paper`, `dataset`, `plugin`.

    A class that cannot be imported or built is told of by what is registered, with the reason under `problem`.

    Raises:
        UnknownName: it names nothing.
        NameClash: it names several things of one kind.
        BrokenPlugin: it can only belong to a plugin that is not ok.
    """
    found: dict[str, Facts] = {}
    refused: BrokenPlugin | None = None
    for kind, look in _LOOKS.items():
        try:
            facts = look(name)
        except UnknownName:
            continue
        except BrokenPlugin as error:
            refused = error
            continue
        if facts is not None:
            found[kind] = facts
    if not found:
        raise refused or UnknownName("name", name, _names())
    return found


def _environment(name: str) -> Facts:
    found = registry.find_environment(name)
    facts = {**dataclasses.asdict(found.spec), **_origin(found.plugin), "observation_space": None, "action_space": None}
    try:
        facts |= _of_class(environments.creator_of(found), ())
        task = environments.describe(found.spec.id, {})
        facts |= {"observation_space": str(task.observation_space), "action_space": str(task.action_space), "players": list(task.players)}
    except HubError as error:
        facts["problem"] = str(error)
    return facts


def _agent(name: str) -> Facts:
    found = registry.find_agent(name)
    facts = {**dataclasses.asdict(found.spec), **_origin(found.plugin)}
    try:
        kind = cast(type[Agent], load(found.spec.entry_point, found.spec.requires))
        facts |= _of_class(kind, tuple(RESERVED))
        facts |= {
            "needs": dataclasses.asdict(kind.needs),
            "default_train_steps": kind.default_train_steps,
            "demonstration": kind.demonstration,
        }
    except HubError as error:
        facts["problem"] = str(error)
    return facts


def _protocol(name: str) -> Facts | None:
    found = registry.find_protocol(name)
    return None if found is None else {**dataclasses.asdict(found.spec), **_origin(found.plugin)}


def _paper(name: str) -> Facts:
    found = registry.find_paper(name)
    return {**dataclasses.asdict(found.spec), **_origin(found.plugin)}


def _dataset(name: str) -> Facts:
    found = registry.find_dataset(name)
    return {**dataclasses.asdict(found.spec), **_origin(found.plugin)}


def _plugin(name: str) -> Facts:
    row = registry.find_plugin(name)
    facts = {key: row[key] for key in ("name", "distribution", "version", "value", "state", "reason")}
    for kind in KINDS:
        facts[kind] = [item["id" if kind == "environments" else "name"] for item in row[kind]]
    return facts


_LOOKS: dict[str, Callable[[str], Facts | None]] = {
    "plugin": _plugin,
    "dataset": _dataset,
    "paper": _paper,
    "protocol": _protocol,
    "agent": _agent,
    "environment": _environment,
}


def _origin(plugin: registry.Plugin) -> Facts:
    return {"plugin": plugin.name, "distribution": plugin.distribution, "version_of_distribution": plugin.version}


def _of_class(kind: Callable[..., Any], left_out: tuple[str, ...]) -> Facts:
    listed = [
        {"name": name, "type": _annotation(parameter), "default": None if parameter.default is parameter.empty else repr(parameter.default)}
        for name, parameter in parameters(kind)[0].items()
        if name not in left_out
    ]
    return {"parameters": listed, "doc": inspect.getdoc(kind) or ""}


def _annotation(parameter: inspect.Parameter) -> str:
    written = parameter.annotation
    if written is parameter.empty:
        return "Any"
    return written if isinstance(written, str) else inspect.formatannotation(written)


def _names() -> list[str]:
    named = [row["name"] for row in (*registry.agents(), *registry.protocols(), *registry.papers(), *registry.datasets(), *plugins())]
    ids = [row["id"] for row in registry.environments()]
    return [*named, *ids, *(command_line_name(env_id) for env_id in ids)]
