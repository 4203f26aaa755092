"""What determines a run's result, and nothing else: a run is taken up again only under the same configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from hub.registry import Found
from hub.results.generalisation import training_kwargs
from hub.results.models import AgentRecord, EnvironmentRecord, ProtocolRecord, Record
from hub.specs import AgentSpec, EnvironmentSpec


class Configuration(Record):
    """Environment, agent, protocol and versions of a run.

    `agent.train_steps` is the budget asked for and `agent.weights_sha256` is null unless the run evaluates given weights: both become facts
    only when training has ended.
    """

    format: Literal["hub/configuration/1"] = "hub/configuration/1"
    env: EnvironmentRecord
    agent: AgentRecord
    protocol: ProtocolRecord
    versions: dict[str, str]
    parent: str | None = None

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The environment arguments that episodes are played under: those evaluated, then those of training where they differ."""
        evaluated, trained = self.env.kwargs, training_kwargs(self.env.kwargs, self.protocol)
        return [evaluated] if trained == evaluated else [evaluated, trained]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def canonical(self) -> str:
        """Return the one JSON text of this configuration, with sorted keys."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def environment_record(found: Found[EnvironmentSpec], kwargs: Mapping[str, Any]) -> EnvironmentRecord:
    """Return the record of an environment that is built with `kwargs`."""
    plugin = found.plugin
    return EnvironmentRecord(
        id=found.spec.id, kwargs=dict(kwargs), plugin=plugin.name, distribution=plugin.distribution, version=plugin.version
    )


def agent_record(found: Found[AgentSpec], config: Mapping[str, Any], seed: int, train_steps: int) -> AgentRecord:
    """Return the record of an agent that is built with `config` and `seed`; what it tells once it is built is left open."""
    plugin = found.plugin
    return AgentRecord(
        name=found.spec.name,
        config=dict(config),
        seed=seed,
        plugin=plugin.name,
        distribution=plugin.distribution,
        version=plugin.version,
        train_steps=train_steps,
    )


def differences(there: Configuration, here: Configuration) -> list[str]:
    """Return one phrase for each value in which two configurations differ, e.g. `protocol.episodes is 50 there and 100 here`."""
    old, new = _flat(there.model_dump(mode="json")), _flat(here.model_dump(mode="json"))
    return [
        f"{key} is {_show(old, key)} there and {_show(new, key)} here"
        for key in dict.fromkeys([*old, *new])
        if _show(old, key) != _show(new, key)
    ]


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            flat |= _flat(inner, f"{prefix}{key}.")
        elif inner != {}:
            flat[prefix + key] = inner
    return flat


def _show(flat: dict[str, Any], key: str) -> str:
    return json.dumps(flat[key], ensure_ascii=False) if key in flat else "absent"
