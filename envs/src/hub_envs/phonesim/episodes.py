"""What an episode on a phone is: its task, drawn from its seed, and how it is scored."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub_envs.androidworld.suite import instance_seed
from hub_envs.phonesim.tasks import TASKS
from hub_envs.phonesim.tasks.task import Elements, PhoneTask, Store

LEVELS = ("easy", "medium", "hard")
ELEMENTS_LENGTH = 20_000
"""Most characters of the elements' JSON text."""


@dataclass(slots=True)
class Episode:
    """One instance of a task under way.

    Attributes:
        task: what kind it is.
        params: what was drawn for it.
        before: the store at its beginning.
        steps: taken so far.
        answer: the last one given.
        elements: on the screen now.
        text: the elements as an observation shows them.
    """

    task: PhoneTask
    params: Mapping[str, Any]
    before: Store = field(default_factory=dict)
    steps: int = 0
    answer: str | None = None
    elements: Elements = field(default_factory=list)
    text: str = "[]"

    def show(self, elements: Elements) -> None:
        """Take in what is on the screen now; elements at the end that the text has no room for are left out."""
        self.elements, self.text = fitting(elements)

    def score(self, after: Store) -> float:
        """Return the score in [0, 1] of the store as it is in the end."""
        return float(self.task.check(self.params, self.before, after, self.answer))


def fitting(elements: Elements) -> tuple[Elements, str]:
    """Return the elements from the front whose JSON text is at most `ELEMENTS_LENGTH` characters long, all ASCII, and that text."""
    kept = list(elements)
    while len(text := json.dumps(kept, separators=(",", ":"))) > ELEMENTS_LENGTH:
        del kept[-1]
    return kept, text


def chosen(task: str | None, level: str | None) -> tuple[PhoneTask, ...]:
    """Return the tasks that an environment plays, in the catalogue's order.

    Raises:
        ValueError: there is no such task or level, or both are given.
    """
    if task is not None and level is not None:
        raise ValueError("give task or level, not both")
    if task is not None:
        if task not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}, and is {task!r}")
        return (TASKS[task],)
    if level is not None and level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}, and is {level!r}")
    return tuple(each for each in TASKS.values() if level in (None, each.level))


def begin(tasks: Sequence[PhoneTask], seed: int) -> Episode:
    """Return the episode of a seed: seeds s, s + 1, ... take the tasks in turn, and draw parameters by AndroidWorld's formula."""
    task = tasks[seed % len(tasks)]
    return Episode(task, task.draw(random.Random(instance_seed(seed, task.name))))
