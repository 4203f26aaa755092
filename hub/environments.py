"""Building environments by name: `hub.make`, `hub.make_vec`, and what an agent is told about them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import gymnasium as gym
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import DependencyNotInstalled
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv

from hub.agent import Task
from hub.arguments import parameters
from hub.errors import BrokenPlugin, HubError, MissingExtra, UsageError, nearest
from hub.loading import load, one_line
from hub.registry import Found, find_environment
from hub.specs import EnvironmentSpec

_GYMNASIUM_TAKES = ("max_episode_steps", "render_mode")
"""Arguments that `gymnasium.make` reads or hands on whatever the environment's own signature."""


def make(name: str, /, **kwargs: Any) -> Any:
    """Build one environment: a `gymnasium.Env`, or a PettingZoo `ParallelEnv` where it is registered with `kind="parallel"`.

    Args:
        name: `cormab-matching`, `cormab/Matching-v0`, or any id that Gymnasium knows.
        kwargs: keyword arguments of the environment, over those it is registered with; `max_episode_steps` sets another time limit.

    Raises:
        UnknownEnvironment: nothing has that name.
        UsageError: the environment takes no such argument, or refuses its value.
        MissingExtra: a package that the environment needs is not installed.
        BrokenPlugin: it cannot be imported or built.
    """
    return build(find_environment(name), kwargs)


def make_vec(name: str, num_envs: int, /, *, autoreset_mode: AutoresetMode | str | None = None, **kwargs: Any) -> VectorEnv[Any, Any, Any]:
    """Build a batched environment: natively batched where a plugin registers one, else `num_envs` single ones stepped in turn.

    Of a parallel environment it is the native batch, whose slots are whole games (`EnvironmentSpec.vector_entry_point` describes it).

    Args:
        name: as for `make`.
        num_envs: number of slots.
        autoreset_mode: when a slot whose episode has ended restarts; None leaves Gymnasium's default, the next step.
        kwargs: as for `make`.

    Raises:
        UsageError: `num_envs` is below 1, or the environment is a parallel one without native batch; and all that `make` raises.
    """
    if num_envs < 1:
        raise UsageError(f"num_envs must be at least 1, not {num_envs}")
    found = find_environment(name)
    if is_native(found):
        return build_native(found, num_envs, autoreset_mode, kwargs)
    if found.spec.kind == "parallel":
        raise UsageError(
            f"{found.spec.id} is a parallel environment of several players, and no batched form of it is registered"
            f" (vector_entry_point); `hub.make` builds one at a time"
        )
    mode = AutoresetMode.NEXT_STEP if autoreset_mode is None else autoreset_mode
    return SyncVectorEnv([lambda: build(found, kwargs)] * num_envs, autoreset_mode=mode)


def describe(name: str, kwargs: Mapping[str, Any] = MappingProxyType({})) -> Task:
    """Build the environment once and return what an agent is told about it; raises as `make` does."""
    found = find_environment(name)
    spec = found.spec
    environment = build(found, kwargs)
    try:
        if spec.kind == "parallel":
            players = tuple(environment.possible_agents)
            return Task(
                env_id=spec.id,
                env_kwargs=dict(kwargs),
                observation_space=spaces.Dict({player: environment.observation_space(player) for player in players}),
                action_space=spaces.Dict({player: environment.action_space(player) for player in players}),
                players=players,
                state_space=getattr(environment, "state_space", None),
                max_episode_steps=spec.max_episode_steps,
            )
        return Task(
            env_id=spec.id,
            env_kwargs=dict(kwargs),
            observation_space=environment.observation_space,
            action_space=environment.action_space,
            max_episode_steps=environment.spec.max_episode_steps if environment.spec else spec.max_episode_steps,
            model=environment.unwrapped.model if spec.model else None,
            model_tag=spec.model,
        )
    finally:
        environment.close()


def creator_of(found: Found[EnvironmentSpec]) -> Any:
    """Return the class or function that builds an environment; raises as `hub.loading.load`."""
    if found.plugin.name == "gymnasium":
        creator = gym.registry[found.spec.id].entry_point
        if callable(creator):  # no name may lead to it: BrowserGym's are functions within a function
            return creator
    return load(found.spec.entry_point, found.spec.requires)


def is_native(found: Found[EnvironmentSpec]) -> bool:
    """Whether a plugin registers a batched form, and so promises what `EnvironmentSpec.vector_entry_point` asks; Gymnasium's own do not."""
    return found.spec.vector_entry_point is not None and found.plugin.name != "gymnasium"


def build(found: Found[EnvironmentSpec], kwargs: Mapping[str, Any]) -> Any:
    """Build one environment that `find_environment` found; raises as `make` does."""
    spec = found.spec
    if found.plugin.name == "gymnasium":
        spec_or_id: EnvSpec | str = spec.id
        creator = None
    else:
        creator = load(spec.entry_point, spec.requires)
        _check_names(spec, creator, kwargs)
        if spec.kind == "parallel":
            return _called(spec, kwargs, lambda: creator(**{**spec.kwargs, **kwargs}))  # type: ignore[operator]
        spec_or_id = _gymnasium_spec(spec)
    return _called(spec, kwargs, lambda: gym.make(spec_or_id, disable_env_checker=True, **kwargs))


def build_unlimited(found: Found[EnvironmentSpec], kwargs: Mapping[str, Any]) -> tuple[gym.Env[Any, Any], int | None]:
    """Build one environment without the wrappers that only count steps and check the order of calls, and return its time limit with it.

    For callers that keep both themselves: each of those wrappers costs a tenth of a step of a cheap environment. Environments registered
    with wrappers of their own get all of them, and None, because the time limit belongs inside. Raises as `make` does.
    """
    spec = gym.spec(found.spec.id) if found.plugin.name == "gymnasium" else _gymnasium_spec(found.spec)
    if spec.additional_wrappers:
        return build(found, kwargs), None
    if found.plugin.name != "gymnasium":
        _check_names(found.spec, load(found.spec.entry_point, found.spec.requires), kwargs)
    options = {**kwargs}
    limit = options.pop("max_episode_steps", None)
    plain = dataclasses.replace(spec, order_enforce=False)
    environment = _called(found.spec, kwargs, lambda: gym.make(plain, max_episode_steps=-1, disable_env_checker=True, **options))
    if limit is not None and limit != -1:
        return environment, _positive(found.spec, limit)
    return environment, spec.max_episode_steps if limit is None else None


def build_native(
    found: Found[EnvironmentSpec], num_envs: int, autoreset_mode: AutoresetMode | str | None, kwargs: Mapping[str, Any]
) -> VectorEnv[Any, Any, Any]:
    """Build the batched environment that a plugin registers; raises as `make` does."""
    spec = found.spec
    _check_names(spec, load(spec.entry_point, spec.requires), kwargs)
    load(str(spec.vector_entry_point), spec.requires)
    given = dict(kwargs) if autoreset_mode is None else {**kwargs, "autoreset_mode": autoreset_mode}
    built: VectorEnv[Any, Any, Any] = _called(spec, kwargs, lambda: gym.make_vec(_gymnasium_spec(spec), num_envs=num_envs, **given))
    return built


def _positive(spec: EnvironmentSpec, limit: Any) -> int:
    if not isinstance(limit, int) or limit < 1:
        raise UsageError(f"max_episode_steps of {spec.id} must be a whole number of at least 1, not {limit!r}")
    return limit


def _gymnasium_spec(spec: EnvironmentSpec) -> EnvSpec:
    return EnvSpec(
        id=spec.id,
        entry_point=spec.entry_point,
        vector_entry_point=spec.vector_entry_point,
        kwargs=dict(spec.kwargs),
        max_episode_steps=spec.max_episode_steps,
        nondeterministic=not spec.deterministic,
    )


def _check_names(spec: EnvironmentSpec, creator: Any, kwargs: Mapping[str, Any]) -> None:
    """Refuse an argument that the environment does not take, before anything is built."""
    named, open_ended = parameters(creator)
    known = [*named, *(_GYMNASIUM_TAKES if spec.kind == "gymnasium" else ())]
    for key in kwargs:
        if key not in known and not open_ended:
            near = nearest(key, named)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(f"{spec.id} has no argument {key!r}{hint} (it takes {', '.join(named) or 'none'})")
    lacking = [key for key, parameter in named.items() if parameter.default is parameter.empty and key not in {**spec.kwargs, **kwargs}]
    if lacking:
        raise UsageError(f"{spec.id} needs the argument {lacking[0]!r}, on the command line --env-arg {lacking[0]}=...")


def _called(spec: EnvironmentSpec, kwargs: Mapping[str, Any], call: Any) -> Any:
    """Return `call()`, its exceptions turned into errors that say whose fault it is."""
    try:
        return call()
    except HubError:
        raise
    except DependencyNotInstalled as error:  # a package, a program or a device; the environment's own words say which, and how to get it
        raise MissingExtra(f"{spec.id} cannot be built here: {' '.join(str(error).split())}") from error
    except ModuleNotFoundError as error:
        raise MissingExtra(f"{spec.id} needs a package that is not installed: {one_line(error)}") from error
    except Exception as error:
        text = f"{type(error).__name__}: {one_line(error)}"
        if kwargs:
            given = ", ".join(f"{key}={value!r}" for key, value in kwargs.items())
            raise UsageError(f"{spec.id} cannot be built with {given[:200]}: {text}") from error
        raise BrokenPlugin(f"{spec.id} cannot be built: {text}; the authors of {spec.entry_point} should hear of it") from error
