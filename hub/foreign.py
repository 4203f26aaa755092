"""Environments that no plugin registers, yet Gymnasium knows: its own, and those of packages that register when they are imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hub.errors import MissingExtra, NameClash, UsageError
from hub.installed import distributions_by_package
from hub.loading import load
from hub.naming import matching, split_version
from hub.specs import EnvironmentSpec

if TYPE_CHECKING:
    from gymnasium.envs.registration import EnvSpec

REGISTERED_BY = {
    "ALE/": "ale_py",
    "BabyAI-": "minigrid",
    "MiniGrid-": "minigrid",
    "miniwob/": "miniwob",
    "browsergym/openended": "browsergym.core",
    **{
        f"browsergym/{benchmark}.": f"browsergym.{benchmark}"
        for benchmark in ("assistantbench", "miniwob", "visualwebarena", "webarena", "webarenalite", "workarena")
    },
}
"""Modules that must be imported before Gymnasium knows the ids that begin so; each is a pip package of its own, named alike."""

NAMED_BY = dict.fromkeys(
    (
        *("exit", "highway", "highway-fast", "intersection", "intersection-multi-agent", "lane-keeping", "merge", "merge-generic"),
        *("parking", "parking-ActionRepeat", "parking-parked", "racetrack", "racetrack-large", "racetrack-oval"),
        *("roundabout", "roundabout-generic", "two-way", "u-turn"),
    ),
    "highway_env",
)
"""The same for ids that have these names and a version; many a plugin's command-line name begins like one of them."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How an environment plays, as `EnvironmentSpec` has it, where Gymnasium's registry is silent or wrong."""

    deterministic: bool | Literal["outcomes"] = True
    slots: int | None = None
    summary: str = ""


MANNERS = {
    "miniwob/": _Manner(False, 1, "the reward falls with the seconds that pass; success is a reward above 0"),
    "browsergym/": _Manner("outcomes", 4, "a page in Chromium; success is a reward of 1"),
}
"""By how ids begin. MiniWoB++'s clock goes on while other slots are stepped, so it has one; BrowserGym starts two browsers for each."""


def ids() -> list[str]:
    """Return every id that Gymnasium knows now."""
    import gymnasium

    return list(gymnasium.registry)


def registered_by(name: str) -> str | None:
    """Return the module that registers an id spelled like `name`; None where that is not known."""
    base, version = split_version(name)
    if version is not None and base in NAMED_BY:
        return NAMED_BY[base]
    return next((module for beginning, module in REGISTERED_BY.items() if name.startswith(beginning)), None)


def find(name: str) -> EnvironmentSpec | None:
    """Describe the environment that Gymnasium knows by `name`: an id, `module:id`, or an id's command-line name.

    Raises:
        NameClash: several ids have that command-line name.
        MissingExtra: the module named before the colon is not installed.
        BrokenPlugin: importing that module raises.
    """
    import gymnasium

    module, colon, bare = name.rpartition(":")
    if not colon:
        module = registered_by(name) or ""
    if module:
        _import(module, name)
    meant = matching(bare, gymnasium.registry)
    if len(meant) > 1:
        raise NameClash(f"environment {name!r} is ambiguous: it may be {' or '.join(meant)}; write the id")
    return _described(gymnasium.registry[meant[0]]) if meant else None


def _import(module: str, name: str) -> None:
    package = module if module in REGISTERED_BY.values() else module.partition(".")[0]
    requirement = _requirement(package)
    if not _is_installed(package):
        raise MissingExtra(f"environment {name} is registered by {package!r}, which is not installed: pip install {requirement}")
    load(f"{module}:__name__", requirement)


def _is_installed(module: str) -> bool:
    import importlib.util

    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # what the module would be part of is not there
        return False


def distribution_of(spec: EnvironmentSpec) -> tuple[str, str]:
    """Return name and version of the pip package that an environment's class is part of."""
    from importlib import metadata

    package = spec.entry_point.partition(":")[0].partition(".")[0]
    named = [package] if package == "gymnasium" else distributions_by_package().get(package, [])
    if not named:
        return package, "0"
    own = _requirement(registered_by(spec.id) or package)  # several distributions share the package browsergym
    chosen = own if own in named else named[0]
    return chosen, metadata.version(chosen)


def _requirement(module: str) -> str:
    return module.replace("_", "-").replace(".", "-")


def _described(spec: EnvSpec) -> EnvironmentSpec:
    if spec.entry_point is None:
        raise UsageError(f"environment {spec.id!r} has only a vector entry point; hub needs one for a single environment too")
    manner = next((manner for beginning, manner in MANNERS.items() if spec.id.startswith(beginning)), None) or _Manner()
    return EnvironmentSpec(
        id=spec.id,
        entry_point=_named(spec.entry_point),
        vector_entry_point=None if spec.vector_entry_point is None else _named(spec.vector_entry_point),
        kwargs=dict(spec.kwargs),
        max_episode_steps=spec.max_episode_steps,
        deterministic=not spec.nondeterministic and manner.deterministic,
        slots=manner.slots,
        summary=manner.summary,
    )


def _named(entry_point: object) -> str:
    if isinstance(entry_point, str):
        return entry_point
    return f"{getattr(entry_point, '__module__', '?')}:{getattr(entry_point, '__qualname__', '?')}"
