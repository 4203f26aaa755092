"""Scripts that solve the phone's tasks, and such that only look right, by the seed of the episode."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hub_envs.phonesim.episodes import begin
from hub_envs.phonesim.tasks.task import Moves, PhoneTask

_DONE = {"action_type": "status", "goal_status": "complete"}


class MovesScript:
    """The moves of a task as a `Script`; says that it is done when they are over."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._begun = False

    def act(self, observation: Mapping[str, Any]) -> str:
        """Return the next action as JSON text."""
        elements = json.loads(observation["elements"])
        try:
            action = self._moves.send(elements) if self._begun else next(self._moves)
        except StopIteration:
            action = _DONE
        self._begun = True
        return json.dumps(action)


class PhoneSolutions:
    """`Solutions` for an environment that plays `tasks`."""

    def __init__(self, tasks: Sequence[PhoneTask]) -> None:
        self._tasks = tasks

    def oracle(self, seed: int) -> MovesScript:
        """Return a script that earns 1 in the episode of `seed`."""
        episode = begin(self._tasks, seed)
        return MovesScript(episode.task.oracle(episode.params))

    def wrong(self, seed: int) -> Mapping[str, MovesScript]:
        """Return named scripts that earn less than 1 in the episode of `seed`."""
        episode = begin(self._tasks, seed)
        return {name: MovesScript(moves(episode.params)) for name, moves in episode.task.wrong.items()}
