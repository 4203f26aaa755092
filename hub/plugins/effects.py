"""Noticing what registering a plugin changes besides registering: one plugin must not change the world that all others live in.

The state of the process is noted before the plugin is imported, and that of numpy, Gymnasium and the like right after they are first imported.
Attributes that are added are let pass, since packages fill in their own lazily; attributes that are replaced or removed are not.
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

from hub.imports import after_import

_STANDARD: tuple[ModuleType, ...] = (builtins, json, locale, math, os, os.path, random, signal, socket, subprocess, threading, time)
_LATER = (
    "numpy",
    "numpy.random",
    "gymnasium",
    "gymnasium.core",
    "gymnasium.spaces",
    "gymnasium.vector",
    "gymnasium.envs.registration",
    "pettingzoo",
    "hub",
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
        self._modules: dict[str, tuple[ModuleType, dict[str, int]]] = {}
        self._kept: list[object] = []
        self._registry: dict[str, Any] = {}
        self._numpy: State = None
        for module in _STANDARD:
            self._note(module)
        for name in _LATER:
            after_import(name, self._note)
        after_import("numpy.random", self._note_numpy)
        after_import("gymnasium.envs", self._note_registry)
        self._before = {what: look() for what, look in _LOOKS.items()}
        self._sys = {name: id(getattr(sys, name)) for name in _OF_SYS}
        self._output = _output()

    def effects(self) -> list[str]:
        """Say what has changed since, one phrase for each change."""
        changed = [f"it changes {what}" for what, look in _LOOKS.items() if look() != self._before[what]]
        changed += [f"it replaces sys.{name}" for name, known in self._sys.items() if id(getattr(sys, name, None)) != known]
        if _output() != self._output:
            changed.append("it closes or redirects standard output")
        for name, (module, known) in self._modules.items():
            changed += [f"it patches {name}.{attribute}" for attribute in _patched(known, _attributes(module))]
        if self._numpy is not None and _numpy_state() != self._numpy:
            changed.append("it changes numpy's global random state, error handling or print options")
        return changed + self._registrations() + _left_running()

    def _note(self, module: ModuleType) -> None:
        attributes = _attributes(module)
        self._modules[module.__name__] = (module, {name: id(value) for name, value in attributes.items()})
        # an object that is gone may leave its identity to another
        self._kept.append(attributes)

    def _note_numpy(self, _: ModuleType) -> None:
        self._numpy = _numpy_state()

    def _note_registry(self, _: ModuleType) -> None:
        self._registry = dict(sys.modules["gymnasium.envs.registration"].registry)

    def _registrations(self) -> list[str]:
        if not self._registry:
            return []
        registry = sys.modules["gymnasium.envs.registration"].registry
        found = [f"it overrides Gymnasium's {env_id}" for env_id, spec in self._registry.items() if registry.get(env_id) is not spec]
        for env_id in registry.keys() - self._registry.keys():
            # packages that a plugin imports may register what is theirs; that is their business with Gymnasium
            if _package_of(registry[env_id]) == self._package and not env_id.startswith(f"{self._namespace}/"):
                found.append(f"it registers {env_id!r} with Gymnasium, outside its namespace '{self._namespace}/'")
        return found


def _attributes(module: ModuleType) -> dict[str, object]:
    """List a module's public attributes and those of the classes it defines."""
    package = module.__name__.partition(".")[0]
    found: dict[str, object] = {}
    for name, value in list(vars(module).items()):
        if isinstance(value, ModuleType) or (name.startswith("_") and name not in ("__import__", "__build_class__")):
            continue
        found[name] = value
        if isinstance(value, type) and value.__module__.partition(".")[0] == package and module is not builtins:
            found.update((f"{name}.{attribute}", member) for attribute, member in vars(value).items() if callable(member))
    return found


def _patched(known: dict[str, int], now: dict[str, object]) -> list[str]:
    return [name for name, identity in known.items() if id(now.get(name)) != identity and not (name not in now and "." in name)][:5]


def _package_of(spec: Any) -> str:
    point = spec.entry_point or spec.vector_entry_point
    module = point.partition(":")[0] if isinstance(point, str) else getattr(point, "__module__", "")
    return str(module).partition(".")[0]


def _numpy_state() -> State:
    numpy = sys.modules["numpy"]
    return repr((numpy.random.get_state()[1].tobytes(), numpy.random.get_state()[2:], numpy.geterr(), numpy.get_printoptions()))


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
    "environment variables": lambda: dict(os.environ),
    "signal handlers": lambda: [signal.getsignal(number) for number in sorted(signal.valid_signals())],
    "sys.path": lambda: list(sys.path),
    "the recursion limit": sys.getrecursionlimit,
    "the file creation mask": _umask,
}
