"""Opening subjects by name, in this process or in another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gymnasium.vector import AutoresetMode

from hub.checking.subjects import Plan, Subject
from hub.loading import load

if TYPE_CHECKING:
    from hub.agent import Agent
    from hub.checking.agents import AgentSubject


def open_environment(plan: Plan, *, name: str, kwargs: Mapping[str, Any]) -> Subject:
    """Return the registered environment `name`, built with `kwargs`, as a subject.

    Raises:
        UnknownEnvironment, NameClash, BrokenPlugin: see `hub.registry.find_environment`.
    """
    from hub.environments import build, build_native, is_native
    from hub.registry import find_environment

    found = find_environment(name)

    def make(**overrides: Any) -> Any:
        return build(found, {**kwargs, **overrides})

    def make_batch(width: int) -> Any:
        return build_native(found, width, AutoresetMode.DISABLED, kwargs)

    job = job_of("hub.checking.opening:open_environment", plan, name=name, kwargs=dict(kwargs))
    return Subject(name=found.spec.id, make=make, plan=plan, spec=found.spec, make_batch=make_batch if is_native(found) else None, job=job)


def open_agent(plan: Plan, *, name: str, config: Mapping[str, Any], env: str, kwargs: Mapping[str, Any]) -> AgentSubject:
    """Return the registered agent `name` with its settings `config`, playing the environment `env`, as a subject.

    Raises:
        UnknownAgent, UnknownEnvironment, BrokenPlugin, MissingExtra: see `hub.registry` and `hub.environments.make`.
        ImpossiblePairing: the agent cannot act there.
    """
    from hub.checking.agents import AgentSubject
    from hub.checkpoints import agent_class
    from hub.environments import describe
    from hub.registry import find_agent

    found = find_agent(name)
    kind = agent_class(found)
    task = describe(env, kwargs)
    kind.needs.check(found.spec.name, task)

    def build(seed: int) -> Agent:
        return kind(task, seed=seed, **config)

    job = job_of("hub.checking.opening:open_agent", plan, name=name, config=dict(config), env=env, kwargs=dict(kwargs))
    return AgentSubject(name=found.spec.name, build=build, task=task, env=env, env_kwargs=kwargs, plan=plan, job=job)


def job_of(opener: str, plan: Plan, **arguments: Any) -> dict[str, Any]:
    """Return the JSON by which `open_job` builds the same subject in any process.

    Args:
        opener: `"module:function"`, called with the plan and the arguments.
        plan: how much to play.
        arguments: JSON values.
    """
    return {"opener": opener, "arguments": arguments, "plan": {"seed": plan.seed, "episodes": plan.episodes, "steps": plan.steps}}


def open_job(job: Mapping[str, Any]) -> Any:
    """Return the subject that `job` describes."""
    opener: Any = load(job["opener"])
    return opener(Plan(**job["plan"]), **job["arguments"])
