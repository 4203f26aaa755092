"""Solutions of this package's tasks, by the seed of an episode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub_envs.osworld.tasks.kind import Plan, answer
from hub_envs.osworld.tasks.registry import TASKS, parameters, pick


class PlayedPlan:
    """A plan as a script: it answers what is seen, and DONE when the plan is at its end."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._begun = False

    def act(self, observation: Mapping[str, Any]) -> str:
        """Return the next action."""
        try:
            if self._begun:
                return self._plan.send(observation)
            self._begun = True
            return next(self._plan)
        except StopIteration:
            return "DONE"


class Scripts:
    """Solutions of tasks for the episodes of `DesktopEnv`, in the action space `pyautogui`.

    Args:
        task: the task's name; None where each episode's seed picks one.
    """

    def __init__(self, task: str | None) -> None:
        self._task = task

    def oracle(self, seed: int) -> PlayedPlan:
        """Return the script that solves the episode reset with `seed`."""
        name = self._task or pick(seed)
        return PlayedPlan(TASKS[name].oracle(parameters(name, seed)))

    def wrong(self, seed: int) -> dict[str, PlayedPlan]:
        """Return scripts that nearly solve it, by what is wrong with them; the first does nothing at all."""
        name = self._task or pick(seed)
        plans = {"nothing": answer("DONE"), **TASKS[name].wrong(parameters(name, seed))}
        return {fault: PlayedPlan(plan) for fault, plan in plans.items()}
