"""What a task on the phone consists of."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Params = Mapping[str, Any]
"""What was drawn for one instance of a task: JSON values."""

Store = Mapping[str, Any]
"""The apps' own store as the phone gives it: app -> its data, JSON values."""

Elements = list[dict[str, Any]]
"""What is on the screen, in AndroidWorld's form; an element's place in the list is its `index`."""

Moves = Generator[dict[str, Any], Elements, None]
"""Yields JSON actions; what is sent back are the elements on the screen after each."""

Level = Literal["easy", "medium", "hard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneTask:
    """A family of instances, one for every draw of its parameters.

    Attributes:
        name: e.g. `ContactsAdd`.
        level: how hard it is.
        complexity: the step budget is `int(10 * complexity)`, as in AndroidWorld.
        apps: names of the apps that it takes.
        draw: parameters of an instance, all randomness from the given generator.
        goal: what the agent is told.
        state: the store when the episode begins.
        check: score in [0, 1] from parameters, the store at the beginning and at the end, and the text the agent answered, if it did.
        oracle: moves that solve it.
        wrong: named moves that look plausible and score less than 1.
    """

    name: str
    level: Level
    complexity: float
    apps: tuple[str, ...]
    draw: Callable[[random.Random], dict[str, Any]]
    goal: Callable[[Params], str]
    state: Callable[[Params], dict[str, Any]]
    check: Callable[[Params, Store, Store, str | None], float]
    oracle: Callable[[Params], Moves]
    wrong: Mapping[str, Callable[[Params], Moves]] = field(default_factory=dict)

    @property
    def budget(self) -> int:
        """Steps an agent may take."""
        return int(10 * self.complexity)
