"""What a name on the command line asks to be checked: an environment, an agent, or all that a plugin registers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hub.checking.opening import job_of
from hub.checking.subjects import Plan
from hub.errors import BrokenPlugin, HubError, ImpossiblePairing, UnknownName, UsageError, nearest

Kind = Literal["environment", "agent", "plugin"]
TRIAL_ENVIRONMENTS = ("CartPole-v1", "Pendulum-v1")
"""Gymnasium's own, which everybody has: where an agent is tried whose plugin brings no environment that suits it."""


@dataclass(frozen=True, slots=True)
class Target:
    """One subject to check: `job` opens it in its process."""

    kind: Literal["environment", "agent"]
    name: str
    job: dict[str, Any]


def targets(
    name: str, plan: Plan, *, kind: Kind | None = None, env: str | None = None, env_args: Sequence[str] = (), agent_args: Sequence[str] = ()
) -> list[Target]:
    """Return what `name` asks to be checked.

    Args:
        name: of an environment, agent or plugin; where it is several, they come first in this order.
        plan: how much to play.
        kind: takes only this kind.
        env: environment that an agent is checked on.
        env_args: `key=value` for the environment.
        agent_args: `key=value` for the agent.

    Raises:
        UnknownName: nothing has that name.
        UsageError: an argument that means nothing here.
        BrokenPlugin: the owning plugin is not ok.
    """
    from hub.registry import find_plugin

    chosen = kind or _kind_of(name)
    if agent_args and chosen != "agent":
        raise UsageError(f"--agent-arg means nothing for {chosen} {name!r}; it sets an agent's arguments")
    if env is not None and chosen == "environment":
        raise UsageError(f"--env means nothing for environment {name!r}; it says where an agent is checked")
    if chosen == "environment":
        return [_environment(name, plan, env_args)]
    if chosen == "agent":
        return [_agent(name, plan, env, env_args, agent_args)]
    row = find_plugin(name)
    if row["state"] != "ok":
        raise BrokenPlugin(f"plugin {name!r} is {row['state']}: {row['reason']} (`hub plugins --why {name}` shows more)")
    if env_args:
        raise UsageError("--env-arg means nothing for a plugin; name one of its environments")
    agents = [_agent(f"{name}/{one['name']}", plan, env, (), ()) for one in row["agents"]]
    return [_environment(one["id"], plan, ()) for one in row["environments"]] + agents


def _kind_of(name: str) -> Kind:
    """Return the first kind that knows `name`.

    Raises:
        UnknownName: none does; the message lists the nearest of all kinds.
    """
    from hub.naming import command_line_name
    from hub.registry import agents, environments, find_agent, find_environment, find_plugin

    finders: dict[Kind, Callable[[str], object]] = {"environment": find_environment, "agent": find_agent, "plugin": find_plugin}
    for kind, find in finders.items():
        with contextlib.suppress(UnknownName):
            find(name)
            return kind
    from hub import foreign
    from hub.plugins.rows import plugins

    known = [command_line_name(row["id"]) for row in environments()] + [row["name"] for row in (*agents(), *plugins())] + foreign.ids()
    near = nearest(name, known)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"no environment, agent or plugin is called {name!r}{hint}")


def _environment(name: str, plan: Plan, env_args: Sequence[str]) -> Target:
    from hub.registry import find_environment
    from hub.running.orders import environment_arguments

    found = find_environment(name)
    kwargs = environment_arguments(found, env_args)
    # the name as it was asked for: `module:id` tells the other process what to import
    return Target("environment", found.spec.id, job_of("hub.checking.opening:open_environment", plan, name=name, kwargs=kwargs))


def _agent(name: str, plan: Plan, env: str | None, env_args: Sequence[str], agent_args: Sequence[str]) -> Target:
    from hub.checkpoints import agent_class
    from hub.registry import find_agent, find_environment
    from hub.running.orders import environment_arguments, typed

    found = find_agent(name)
    config = typed(agent_args, agent_class(found), f"agent {found.spec.name}") if agent_args else {}
    where = env if env is not None else _suitable(found.spec.name, agent_class(found), found.plugin.name)
    kwargs = environment_arguments(find_environment(where), env_args)
    job = job_of("hub.checking.opening:open_agent", plan, name=name, config=config, env=where, kwargs=kwargs)
    return Target("agent", f"{found.spec.name} on {find_environment(where).spec.id}", job)


def _suitable(name: str, kind: Any, plugin: str) -> str:
    """Return the first environment that the agent can act in: its own plugin's, else one of Gymnasium's, else anybody's parallel one."""
    from hub.environments import describe

    for env in _candidates(plugin):
        try:
            kind.needs.check(name, describe(env, {}))
        except HubError:
            continue
        return env
    raise ImpossiblePairing(f"agent {name} suits none of {', '.join(_candidates(plugin))}; name an environment with --env")


def _candidates(plugin: str) -> Iterable[str]:
    from hub.registry import environments

    own = [row["id"] for row in environments() if row["plugin"] == plugin]
    games = [row["id"] for row in environments() if row["plugin"] != plugin and row["kind"] == "parallel"]  # Gymnasium has none
    return [*own, *TRIAL_ENVIRONMENTS, *games]
