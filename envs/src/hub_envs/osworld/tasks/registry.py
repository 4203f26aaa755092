"""All tasks of this package, and their instances."""

from __future__ import annotations

import difflib
import hashlib
import random
from pathlib import Path
from typing import Any

from hub_envs.osworld.tasks import browsing, drawing, editing, files, infeasible, several, sheets, terminal, writing
from hub_envs.osworld.tasks.kind import OwnTask

_FAMILIES = (sheets, writing, browsing, editing, terminal, files, drawing, several, infeasible)

TASKS: dict[str, OwnTask] = {kind.name: kind() for family in _FAMILIES for kind in family.TASKS}
"""All tasks by name."""

NAMES = tuple(TASKS)
"""Their names."""


_PROGRAMS = {"chrome": "chromium", "libreoffice_calc": "libreoffice", "libreoffice_writer": "libreoffice"}


def pick(seed: int) -> str:
    """Return the name of the task that an episode of no named task plays."""
    return NAMES[int(hashlib.sha256(str(seed).encode()).hexdigest(), 16) % len(NAMES)]


def programs(name: str | None) -> set[str]:
    """Return the programs that a task needs, or that all do, by their names in `hub_envs.osworld.doctor`."""
    apps = {app for task in (TASKS.values() if name is None else [TASKS[name]]) for app in task.apps}
    return {_PROGRAMS.get(app, app) for app in apps}


def parameters(name: str, seed: int) -> dict[str, Any]:
    """Return the parameters of an instance. The generator is seeded as AndroidWorld seeds a task's first instance."""
    digest = hashlib.sha256(f"{seed}_{name}_0".encode()).hexdigest()
    return dict(TASKS[name].draw(random.Random(int(digest, 16) % 2**32)))


def instance(name: str, seed: int) -> dict[str, Any]:
    """Return an instance as OSWorld's JSON, local files named relative to it; its parameters stand beside OSWorld's keys.

    Raises:
        ValueError: there is no such task.
    """
    if name not in TASKS:
        raise ValueError(unknown(name))
    task, drawn = TASKS[name], parameters(name, seed)
    return {
        "id": name,
        "snapshot": task.apps[0],
        "source": f"hub_envs.osworld.tasks, seed {seed}",
        "trajectory": "",
        "related_apps": list(task.apps),
        "proxy": False,
        "parameters": drawn,
        **task.describe(drawn),
    }


def write(name: str, seed: int, folder: Path) -> dict[str, Any]:
    """Return an instance, and write the local files that it names to `folder`.

    Raises:
        ValueError: there is no such task.
    """
    made = instance(name, seed)
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in TASKS[name].files(made["parameters"]).items():
        (folder / file).write_bytes(content)
    return made


def unknown(name: str) -> str:
    """Return what to say of a task that does not exist."""
    near = difflib.get_close_matches(name, NAMES, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"no task {name!r}; {hint}there are {', '.join(NAMES)}, and files in OSWorld's format by their paths"
