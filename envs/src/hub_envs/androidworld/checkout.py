"""The checkout of google-research/android_world that the Python in use can import, if there is one: its tasks and their instances.

android_world is on no package index. Nothing here needs a device. Its modules draw from Python's global
generator, when they are imported too; that is undone, so that nobody else's draws depend on it.

Tested with a package of the same interfaces, and by hand with the checkout at d9c569f7: all 116 goals of suite 30 are `create_suite`'s.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

GET = (
    "git clone https://github.com/google-research/android_world && cd android_world && pip install -r requirements.txt"
    " && python setup.py install"
)
"""What to type to get it."""

FAMILIES = ("android_world", "android", "information_retrieval", "miniwob", "miniwob_subset")
"""Families of tasks that the checkout knows: the suite of 116, its two parts, and MiniWoB++ in an app."""


class CheckoutError(Exception):
    """The checkout, or something it needs, cannot be imported; the message says what."""


def module(name: str) -> Any:
    """Import a module of the checkout, e.g. `registry` or `env.json_action`.

    Raises:
        CheckoutError: it cannot be imported.
    """
    try:
        with own_random():
            return import_module(f"android_world.{name}")
    except ModuleNotFoundError as error:
        if error.name == "android_world":
            raise CheckoutError("no android_world checkout can be imported") from error
        raise CheckoutError(f"the android_world checkout needs {error.name}, which is not installed") from error
    except ImportError as error:
        raise CheckoutError(f"the android_world checkout cannot be imported: {error}") from error


def task_types(family: str = "android_world") -> Mapping[str, Any]:
    """Return the task classes of a family by name; raises as `module` does."""
    found: Mapping[str, Any] = module("registry").TaskRegistry().get_registry(family)
    return found


def instances(family: str, task: str, seed: int, number: int, device: Any = None) -> list[Any]:
    """Return the first `number` instances of a task in the suite of `seed`, as the checkout's own `create_suite` draws them.

    Raises:
        CheckoutError: as for `module`.
        ValueError: the family has no such task.
    """
    types = task_types(family)
    if task not in types:
        raise ValueError(f"AndroidWorld's family {family} has no task {task!r}")
    with own_random():
        suite = module("suite_utils").create_suite({task: types[task]}, n_task_combinations=number, seed=seed, env=device)
    drawn: list[Any] = suite[task]
    return drawn


def goals(task: str, seed: int, number: int) -> list[str]:
    """Return the goals of the first `number` instances of one of the 116 tasks; raises as `instances` does."""
    return [instance.goal for instance in instances("android_world", task, seed, number)]


@contextmanager
def own_random() -> Iterator[None]:
    """Put Python's global generator back as it was."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
