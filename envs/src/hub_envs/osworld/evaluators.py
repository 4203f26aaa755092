"""Who judges: this package's metrics and getters, or those of OSWorld's own package where it can be imported."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from hub_envs.osworld.context import Context
from hub_envs.osworld.getters import GETTERS
from hub_envs.osworld.metrics import METRICS, Metric
from hub_envs.osworld.setup import SETUPS
from hub_envs.osworld.task import INFEASIBLE, Known, Part

Getter = Callable[[Context, Part], Any]


@dataclass(frozen=True, slots=True)
class Evaluators:
    """Getters and metrics by name.

    Attributes:
        name: whose they are, for `info["evaluator"]`.
        getters: by the `type` that tasks name them with.
        metrics: by the `func` that tasks name them with.
    """

    name: str
    getters: Mapping[str, Getter]
    metrics: Mapping[str, Metric]

    @property
    def known(self) -> Known:
        """What tasks may name."""
        return Known(setups=SETUPS, getters=self.getters, metrics=self.metrics)


OURS = Evaluators("hub_envs", GETTERS, METRICS)
"""This package's, which judge its own tasks on every machine."""


@cache
def for_foreign_tasks() -> Evaluators:
    """Return OSWorld's own getters and metrics where `desktop_env` can be imported, else this package's.

    What OSWorld lacks is this package's still. OSWorld's modules import a great deal; where something of it is missing, its import fails
    and this package judges, which `info["evaluator"]` tells.
    """
    if importlib.util.find_spec("desktop_env") is None:
        return OURS
    try:
        getters = importlib.import_module("desktop_env.evaluators.getters")
        metrics = importlib.import_module("desktop_env.evaluators.metrics")
    except ImportError as missing:
        return Evaluators(f"hub_envs (desktop_env cannot be imported: {missing})", GETTERS, METRICS)
    theirs = {name.removeprefix("get_"): _adapted(getter) for name, getter in vars(getters).items() if name.startswith("get_")}
    theirs |= {name: _local_first(theirs.get(name, GETTERS[name]), GETTERS[name]) for name in ("cloud_file",)}
    measures = {name: metric for name, metric in vars(metrics).items() if callable(metric) and not name.startswith("_")}
    measures.pop(INFEASIBLE, None)
    return Evaluators(f"desktop_env {_version()}", {**GETTERS, **theirs}, {**METRICS, **measures})


def _version() -> str:
    try:
        return version("desktop-env")
    except PackageNotFoundError:
        return "of no release"


def _adapted(getter: Callable[[Any, Any], Any]) -> Getter:
    """Return OSWorld's getter, which asks an environment, as one that asks a context."""
    return lambda context, config: getter(_environment(context), dict(config))


def _local_first(theirs: Getter, ours: Getter) -> Getter:
    """Return a getter of files that leaves those beside the task to this package: OSWorld's knows addresses only."""

    def get(context: Context, config: Part) -> Any:
        paths: Collection[str] = config["path"] if isinstance(config["path"], list) else [config["path"]]
        return (theirs if all("://" in path for path in paths) else ours)(context, config)

    return get


def _environment(context: Context) -> SimpleNamespace:
    """Return what OSWorld's getters read of its `DesktopEnv`."""
    controllers = importlib.import_module("desktop_env.controllers.python")
    address = urlsplit(context.desktop.url)
    controller = controllers.PythonController(vm_ip=address.hostname, server_port=address.port)
    return SimpleNamespace(
        vm_ip=address.hostname,
        server_port=address.port,
        chromium_port=urlsplit(context.chromium_url).port,
        vlc_port=8080,
        cache_dir=str(context.cache),
        controller=controller,
        vm_platform="Linux",
        vm_screen_size={"width": context.screen[0], "height": context.screen[1]},
        client_password=context.password,
        current_use_proxy=False,
    )
