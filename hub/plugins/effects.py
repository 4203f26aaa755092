"""Noticing what registering a plugin changes besides registering: one plugin must not change the world that all others live in.

The state of the process is noted before the plugin is imported; numpy and Gymnasium are imported by then, so that they are noted as they
are for everybody and what they do themselves is not held against a plugin. Attributes that are added are let pass, since packages fill in
their own lazily; attributes that are replaced or removed are not.
"""

from __future__ import annotations

import builtins
import json
import locale
import math
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import gymnasium
import numpy as np
import numpy.random
from gymnasium.envs.registration import EnvSpec, registry

import hub

for _name in ("hookimpl", "EnvironmentSpec", "AgentSpec", "ProtocolSpec", "PaperSpec", "DatasetSpec"):
    getattr(hub, _name)  # hub hands its names on when they are first used; from now on they are watched

_WATCHED: tuple[ModuleType, ...] = (
    *(builtins, json, locale, math, os, os.path, random, signal, socket, subprocess, threading, time),
    *(np, np.linalg, numpy.random, gymnasium, gymnasium.core, gymnasium.spaces, gymnasium.vector, gymnasium.envs.registration, hub),
)
_OF_SYS = (
    "stdin",
    "stdout",
    "stderr",
    "excepthook",
    "displayhook",
    "exit",
    "setrecursionlimit",
    "settrace",
    "setprofile",
    "modules",
    "path",
    "meta_path",
)

State = Any


class Watch:
    """What the process looked like before a plugin was imported.

    Args:
        namespace: the only namespace in which the plugin may add ids to Gymnasium's registry.
        package: the plugin's import package.
    """

    def __init__(self, namespace: str, package: str) -> None:
        self._namespace, self._package = namespace, package
        # the objects are kept, not only their identities, which an object that is gone may leave to another
        self._modules = [(module, _attributes(module)) for module in _WATCHED]
        self._registry = dict(registry)
        self._before = {what: look() for what, look in _LOOKS.items()}
        self._environment = dict(os.environ)
        self._sys = {name: getattr(sys, name) for name in _OF_SYS}
        self._output = _output()

    def effects(self) -> list[str]:
        """Say what has changed since, one phrase for each change."""
        changed = [f"it changes {what}" for what, look in _LOOKS.items() if look() != self._before[what]]
        changed += [f"it changes the environment variable {name}" for name in _differing(self._environment, dict(os.environ))]
        changed += [f"it replaces sys.{name}" for name, known in self._sys.items() if getattr(sys, name, None) is not known]
        if _output() != self._output:
            changed.append("it closes or redirects standard output")
        for module, known in self._modules:
            changed += [f"it patches {module.__name__}.{attribute}" for attribute in _patched(known, _attributes(module))]
        return changed + self._registrations() + _left_running()

    def _registrations(self) -> list[str]:
        found = [f"it overrides Gymnasium's {env_id}" for env_id, spec in self._registry.items() if registry.get(env_id) is not spec]
        for env_id in registry.keys() - self._registry.keys():
            # packages that a plugin imports may register what is theirs; that is their business with Gymnasium
            if _package_of(registry[env_id]) == self._package and not env_id.startswith(f"{self._namespace}/"):
                found.append(f"it registers {env_id!r} with Gymnasium, outside its namespace '{self._namespace}/'")
        return found


def _attributes(module: ModuleType) -> dict[str, object]:
    """List a module's public functions and classes, and the methods of the classes it defines."""
    package = module.__name__.partition(".")[0]
    found: dict[str, object] = {}
    for name, value in list(vars(module).items()):
        if not callable(value) or (name.startswith("_") and name not in ("__import__", "__build_class__")):
            continue
        found[name] = value
        if isinstance(value, type) and value.__module__.partition(".")[0] == package and module is not builtins:
            found.update((f"{name}.{attribute}", member) for attribute, member in vars(value).items() if callable(member))
    return found


def _patched(known: dict[str, object], now: dict[str, object]) -> list[str]:
    return [name for name, value in known.items() if now.get(name) is not value][:5]


def _differing(known: dict[str, str], now: dict[str, str]) -> list[str]:
    return sorted(name for name in known.keys() | now.keys() if known.get(name) != now.get(name))


def _package_of(spec: EnvSpec) -> str:
    point = spec.entry_point or spec.vector_entry_point
    module = point.partition(":")[0] if isinstance(point, str) else getattr(point, "__module__", "")
    return str(module).partition(".")[0]


def _numpy_random() -> State:
    name, keys, *rest = np.random.get_state()
    return (name, np.asarray(keys).tobytes(), rest)


def _output() -> State:
    try:
        status = os.fstat(1)
        return (sys.stdout.closed, status.st_dev, status.st_ino)
    except (OSError, AttributeError):
        return None


def _left_running() -> list[str]:
    threads = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    found = [f"it leaves threads running: {', '.join(threads[:3])}"] if threads else []
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        found.append("it leaves child processes running")
    except ChildProcessError:
        pass
    return found


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_LOOKS: dict[str, Callable[[], State]] = {
    "the working directory": os.getcwd,
    "the locale": lambda: locale.setlocale(locale.LC_ALL),
    "Python's global random state": random.getstate,
    "numpy's global random state": _numpy_random,
    "numpy's handling of floating-point errors": np.geterr,
    "numpy's print options": np.get_printoptions,
    "signal handlers": lambda: [signal.getsignal(number) for number in sorted(signal.valid_signals())],
    "sys.path": lambda: list(sys.path),
    "the recursion limit": sys.getrecursionlimit,
    "the file creation mask": _umask,
}
