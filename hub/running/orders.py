"""What was asked for, resolved: names found, arguments typed, the pairing checked. Nothing runs before this has passed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hub.agent import Agent, Task
from hub.arguments import check_arguments, default_arguments, jsonable, parse_arguments
from hub.checkpoints import agent_class, full_name, read_checkpoint, require_agent
from hub.environments import creator_of, describe
from hub.errors import BrokenPlugin, ImpossiblePairing, UsageError
from hub.naming import folded
from hub.registry import Found, find_agent, find_environment, find_protocol, protocols
from hub.results.generalisation import training_kwargs
from hub.results.models import AgentRecord, ProtocolRecord
from hub.running.configuration import Configuration, agent_record, environment_record
from hub.running.versions import versions_of
from hub.specs import AgentSpec, EnvironmentSpec, ProtocolSpec

Given = Mapping[str, Any] | Sequence[str]
"""Arguments as Python values, or as `key=value` texts."""

Seeds = Literal["fixed", "committed"]


STANDARD = "standard"
"""The protocol that every environment has: 100 episodes, judged by return."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run that can be started.

    Attributes:
        configuration: what determines its result.
        env: the environment's name as it was asked for; other processes find it by this.
        task: what the agent is told.
        training_task: what it trains on: the same under the protocol's arguments for training.
        weights: checkpoint to evaluate; None to build and train the agent.
        folder: where the run leaves its files.
    """

    configuration: Configuration
    env: str
    task: Task
    training_task: Task
    weights: Path | None
    folder: Path


def order_run(
    *,
    agent: str,
    env: str,
    episodes: int | None = None,
    seed: int = 0,
    train_steps: int | None = None,
    eval_seeds: Seeds = "fixed",
    protocol: str | None = None,
    env_args: Given = (),
    agent_args: Given = (),
    out: str | Path | None = None,
) -> Order:
    """Resolve a run that builds an agent, trains it and evaluates it.

    Raises:
        UsageError: a name, value or pairing that cannot be; the message says what would be right.
        BrokenPlugin: what was asked for belongs to a broken plugin.
    """
    found_env, found_agent = find_environment(env), find_agent(agent)
    judged = choose_protocol(found_env, protocol)
    applied = protocol_of(judged, episodes, eval_seeds)
    kwargs = environment_arguments(found_env, env_args, judged)
    cls = agent_class(found_agent)
    given = typed(agent_args, cls, f"agent {found_agent.spec.name}")
    config = _sorted_json({**default_arguments(cls), **given}, f"agent {found_agent.spec.name}")
    task, training_task = tasks_of(env, kwargs, applied)
    cls.needs.check(found_agent.spec.name, task)
    steps = budget(cls, found_agent, judged, train_steps)
    record = agent_record(found_agent, config, _natural("seed", seed), steps)
    configuration = _configuration(found_env, found_agent, kwargs, record, applied)
    return Order(
        configuration=configuration, env=env, task=task, training_task=training_task, weights=None, folder=folder_of(configuration, out)
    )


def order_evaluation(
    *,
    weights: str | Path,
    agent: str | None = None,
    env: str | None = None,
    episodes: int | None = None,
    eval_seeds: Seeds = "fixed",
    protocol: str | None = None,
    env_args: Given = (),
    agent_args: Given = (),
    out: str | Path | None = None,
) -> Order:
    """Resolve an evaluation of a saved agent, on the environment it was trained on unless `env` names another. Raises as `order_run`."""
    folder = Path(weights)
    checkpoint = read_checkpoint(folder)
    saved = checkpoint.agent
    found_agent = find_agent(full_name(saved))
    cls = agent_class(found_agent)
    require_agent(checkpoint, folder, agent, _sorted_json(typed(agent_args, cls, f"agent {saved.name}"), f"agent {saved.name}"))
    found_env = find_environment(env or checkpoint.env.id)
    judged = choose_protocol(found_env, protocol)
    kwargs = environment_arguments(found_env, env_args, judged)
    if found_env.spec.id == checkpoint.env.id and protocol is None:
        kwargs = _sorted_json({**checkpoint.env.kwargs, **environment_arguments(found_env, env_args)}, found_env.spec.id)
    applied = protocol_of(judged, episodes, eval_seeds)
    task, training_task = tasks_of(env or checkpoint.env.id, kwargs, applied)
    cls.needs.check(saved.name, task)
    record = saved.model_copy(update={"distribution": found_agent.plugin.distribution, "version": found_agent.plugin.version})
    configuration = _configuration(found_env, found_agent, kwargs, record, applied, parent=_parent(folder))
    return Order(
        configuration=configuration,
        env=env or checkpoint.env.id,
        task=task,
        training_task=training_task,
        weights=folder,
        folder=folder_of(configuration, out),
    )


def protocols_for(found: Found[EnvironmentSpec]) -> list[str]:
    """Return the names of an environment's protocols."""
    return [*(row["name"] for row in protocols() if row["env"] == found.spec.id), STANDARD]


def choose_protocol(found: Found[EnvironmentSpec], name: str | None = None) -> ProtocolSpec:
    """Return the protocol called `name`; without a name the environment's first registered one, or `STANDARD` where there is none.

    Raises:
        UsageError: no protocol of that environment has that name; the message lists those there are.
    """
    if name is None and (registered := find_protocol(found.spec.id)) is not None:
        return registered.spec
    if name in (None, STANDARD):
        return ProtocolSpec(name=STANDARD, env=found.spec.id)
    there = protocols_for(found)
    if name.rpartition("/")[2] not in there:
        raise UsageError(f"{found.spec.id} has no protocol {name!r}; it has {', '.join(there)}")
    chosen = find_protocol(name)
    assert chosen is not None
    return chosen.spec


def protocol_of(spec: ProtocolSpec, episodes: int | None, seeds: Seeds) -> ProtocolRecord:
    """Return a protocol as it is applied here."""
    return ProtocolRecord(
        name=spec.name,
        version=spec.version,
        episodes=spec.episodes if episodes is None else _natural("episodes", episodes, least=1),
        seeds=seeds,
        metric=spec.metric,
        metrics=dict(spec.metrics),
        beside=list(spec.beside),
        higher_is_better=spec.higher_is_better,
        max_steps=spec.max_steps,
        max_seconds=spec.max_seconds,
        training_kwargs=dict(sorted(spec.training_kwargs.items())),
    )


def tasks_of(env: str, kwargs: Mapping[str, Any], protocol: ProtocolRecord) -> tuple[Task, Task]:
    """Describe an environment as it is evaluated and as it is trained on; raises as `describe` does.

    Raises:
        BrokenPlugin: the protocol trains in other spaces than it evaluates in.
    """
    task, trained = describe(env, kwargs), training_kwargs(kwargs, protocol)
    if trained == dict(kwargs):
        return task, task
    training_task = describe(env, trained)
    for space in ("observation_space", "action_space"):
        evaluated, other = getattr(task, space), getattr(training_task, space)
        if evaluated != other:
            raise BrokenPlugin(
                f"protocol {protocol.name} lets agents train with {protocol.training_kwargs}, where the {space.replace('_', ' ')} of"
                f" {task.env_id} is {other}, and evaluates them where it is {evaluated}; its authors should hear of it"
            )
    return task, training_task


def budget(cls: type[Agent], agent: Found[AgentSpec], protocol: ProtocolSpec, asked: int | None) -> int:
    """Return the environment steps to train for: those asked for, else the agent's default, within the protocol's limit.

    Raises:
        UsageError: more than the protocol allows, or any for an agent that does not learn.
    """
    limit = protocol.train_steps
    if asked is None:
        return cls.default_train_steps if limit is None else min(cls.default_train_steps, limit)
    _natural("train-steps", asked)
    if asked and cls.learn is Agent.learn:
        raise ImpossiblePairing(f"agent {agent.spec.name} does not learn; leave out --train-steps {asked}")
    if limit is not None and asked > limit:
        raise UsageError(f"--train-steps {asked} is more than protocol {protocol.name} allows: give at most {limit}")
    return asked


def environment_arguments(found: Found[EnvironmentSpec], given: Given, protocol: ProtocolSpec | None = None) -> dict[str, Any]:
    """Return the environment's keyword arguments: those of the protocol's first task, if there is one, and over them those given."""
    spec = found.spec
    task = {} if protocol is None else dict(protocol.tasks[0])
    what = f"environment {spec.id}"
    if not given:
        return _sorted_json(task, what)
    known = dict(spec.kwargs) | ({"max_episode_steps": spec.max_episode_steps} if spec.kind == "gymnasium" else {})
    return _sorted_json({**task, **typed(given, creator_of(found), what, defaults=known, reserved={})}, what)


def typed(
    given: Given, target: Any, what: str, *, defaults: Mapping[str, Any] | None = None, reserved: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return arguments checked against the signature of `target`, whether they came as texts or as values."""
    options: dict[str, Any] = {"defaults": defaults} | ({} if reserved is None else {"reserved": reserved})
    if isinstance(given, Mapping):
        return check_arguments(given, target, what, **options)
    return parse_arguments(given, target, what, **options)


def folder_of(configuration: Configuration, out: str | Path | None) -> Path:
    """Return where a run leaves its files: `out`, or a folder named after its configuration, so that the same command finds it again."""
    if out is not None:
        return Path(out)
    return Path("runs") / folded(configuration.env.id) / f"{configuration.agent.name}-{configuration.digest[:10]}"


def _configuration(
    env: Found[EnvironmentSpec],
    agent: Found[AgentSpec],
    kwargs: dict[str, Any],
    record: AgentRecord,
    protocol: ProtocolRecord,
    *,
    parent: str | None = None,
) -> Configuration:
    requirements = [each for found in (env, agent) for each in (found.plugin.distribution, found.spec.requires) if each]
    return Configuration(
        env=environment_record(env, kwargs), agent=record, protocol=protocol, versions=versions_of(requirements), parent=parent
    )


def _sorted_json(values: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return values as JSON holds them, keys sorted: the order of typing must not show in a result."""
    try:
        found: dict[str, Any] = jsonable(dict(values))
    except ValueError as error:
        raise UsageError(f"the arguments of {what} cannot be recorded in a result: {error}; give plain values") from error
    return found


def _natural(option: str, number: int, least: int = 0) -> int:
    if number < least:
        raise UsageError(f"{option} must be at least {least}, not {number}")
    return number


def _parent(checkpoint: Path) -> str | None:
    """Return the digest of the result that was written beside the checkpoint, if there is one."""
    result = checkpoint.parent / "result.json"
    return hashlib.sha256(result.read_bytes()).hexdigest() if result.is_file() else None
