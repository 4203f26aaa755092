"""Evaluating an agent object that somebody built in Python: in this process, in memory, without files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from hub.agent import Agent
from hub.checkpoints import weights_file
from hub.installed import distributions_by_package
from hub.registry import find_environment
from hub.results.models import AgentRecord, Episode, ProtocolRecord, Result
from hub.running.configuration import Configuration, environment_record
from hub.running.engines import Job, play_agent
from hub.running.session import parts_of, result_of, rules_of
from hub.running.settings import Settings
from hub.running.versions import versions_of
from hub.running.watchdog import reported_watchdog


def evaluate_object(agent: Agent, env: str, kwargs: dict[str, Any], protocol: ProtocolRecord, settings: Settings) -> Result:
    """Evaluate `agent` and return the result, in which it goes by its class's name."""
    found, record = find_environment(env), _record_of(agent)
    versions = versions_of([found.plugin.distribution, record.distribution])
    configuration = Configuration(env=environment_record(found, kwargs), agent=record, protocol=protocol, versions=versions)
    gathered = _Gathered()
    for part_kwargs, plan in parts_of(configuration, record):
        job = Job(
            env=env,
            kwargs=part_kwargs,
            agent=record.name,
            checkpoint=Path(),
            rules=rules_of(protocol),
            slots=settings.slots_for(len(plan), found.spec.slots),
            step_timeout=settings.step_timeout,
        )
        with reported_watchdog(settings.step_timeout) as watchdog:
            play_agent(agent, job, plan, gathered, watchdog)
    return result_of(configuration, record, gathered.episodes)


class _Gathered:
    """A listener that keeps episodes in memory."""

    def __init__(self) -> None:
        self.episodes: list[Episode] = []

    def finished(self, episodes: Sequence[Episode], cpu_s: float) -> None:
        self.episodes += episodes

    def stepped(self, steps: int) -> None:
        """Show nothing."""

    def notice(self, text: str) -> None:
        """Show nothing."""


def _record_of(agent: Agent) -> AgentRecord:
    """Describe an agent that hub did not build: its class, the package that brings it, the digest of its weights."""
    package = type(agent).__module__.partition(".")[0]
    brought_by = [] if package == "__main__" else distributions_by_package().get(package, [])  # a script is no package's
    weights = weights_file(agent)
    return AgentRecord(
        name=type(agent).__qualname__,
        seed=agent.seed,
        plugin=package,
        distribution=brought_by[0] if brought_by else package,
        version=metadata.version(brought_by[0]) if brought_by else "0",
        weights_sha256=hashlib.sha256(weights).hexdigest() if weights else None,
        demonstration=agent.demonstration,
    )
