"""Opening subjects by name, in this process or in another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gymnasium.vector import AutoresetMode

from hub.checking.subjects import Plan, Subject
from hub.loading import load


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


def job_of(opener: str, plan: Plan, **arguments: Any) -> dict[str, Any]:
    """Return the JSON by which `open_job` builds the same subject anywhere: `opener` is `"module:function"`, called with plan and arguments."""
    return {"opener": opener, "arguments": arguments, "plan": {"seed": plan.seed, "episodes": plan.episodes, "steps": plan.steps}}


def open_job(job: Mapping[str, Any]) -> Any:
    """Return the subject that `job` describes."""
    opener: Any = load(job["opener"])
    return opener(Plan(**job["plan"]), **job["arguments"])
