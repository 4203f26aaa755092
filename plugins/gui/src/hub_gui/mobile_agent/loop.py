"""One episode of the roles: Manager, Worker, the environment's step, Reflector, Notetaker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hub_baselines.language import Journal, Part
from PIL import Image as Pictures

from hub_gui.mobile_agent import prompts
from hub_gui.mobile_agent.actions import GUIDES, Size, carried_out
from hub_gui.mobile_agent.memory import INVALID, Memory, Move
from hub_gui.replies import action_of, parts
from hub_gui.surfaces import Surface, View

LONGEST_FINISH = 15
"""A plan of at least so many characters is one, even if it says that something is finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who takes part and what they see.

    Attributes:
        manager: whether somebody plans; without one there is no plan, and the Worker alone ends the episode.
        reflector: whether somebody judges moves; without one every move counts as a success.
        notetaker: whether somebody keeps notes.
        elements: whether prompts also list the screen's elements, pictures then being left in their size.
        picture: width and height that screenshots are resized to.
    """

    manager: bool = True
    reflector: bool = True
    notetaker: bool = True
    elements: bool = False
    picture: Size


class RolePlayer:
    """Plays one episode.

    What the screen shows after a move is only seen at the next call, so a call begins with the end of the move before:

        Reflector, and Notetaker after a success -> Manager -> Worker -> the action.

    A reply of the Worker without an action that can be read is a move with outcome C: the environment is given the action that does
    nothing, a step is consumed, nobody reflects on it, and the Manager is not asked before the next move, unless the Worker is stuck. What
    cannot be read of other roles changes nothing: the plan and the notes stay, the outcome is A. `unparsable` counts both.
    """

    def __init__(self, surface: Surface, journal: Journal, team: Team) -> None:
        self._surface, self._journal, self._team = surface, journal, team
        self.memory = Memory("")
        self._before: View | None = None
        self._unparsable = 0

    def act(self, observation: Mapping[str, Any]) -> str:
        """Return the next action."""
        view = self._surface.view(observation)
        self.memory.goal = view.goal
        if self._before is not None:
            self._look_back(self._before, view)
        asked = self.memory.stuck or not self.memory.last_unread
        if self._team.manager and asked and self._plan(view):
            return self._surface.done
        return self._work(view)

    def metrics(self) -> Mapping[str, float]:
        """Return how many replies could not be read, and how many moves failed as far as anybody judged."""
        return {"unparsable": float(self._unparsable), "failures": float(sum(move.outcome != "A" for move in self.memory.moves))}

    def _plan(self, view: View) -> bool:
        """Let the Manager make or update the plan; return whether it holds the goal for reached."""
        said = self._ask(prompts.MANAGER, prompts.for_manager(self._surface.kind, self.memory, self._screen(view)), "Completed", "Plan")
        plan = said["Plan"]
        if not plan:
            self._unparsable += 1
            return False
        if prompts.FINISHED.lower() in plan.lower() and len(plan) < LONGEST_FINISH:
            return True
        self.memory.plan, self.memory.completed = plan, said["Completed"] or self.memory.completed
        return False

    def _work(self, view: View) -> str:
        """Let the Worker choose an action, and write down its move."""
        picture = view.size if self._team.elements else self._team.picture
        asked = prompts.for_worker(self._surface.kind, self.memory, self._screen(view), GUIDES[self._surface.kind], picture)
        reply = self._journal.ask(prompts.WORKER, asked)
        description = _line(parts(reply, ("Thought", "Action", "Description"))["Description"])
        try:
            found = action_of(reply)
            action = carried_out(self._surface, found, view, picture)
        except ValueError as mistake:
            self._unparsable += 1
            self.memory.moves.append(Move(INVALID, description, "C", f"the action could not be read: {mistake}"))
            self._before = None
            return self._surface.nothing
        self.memory.moves.append(Move(json.dumps(found, ensure_ascii=False), description))
        self._before = view
        return action

    def _look_back(self, before: View, after: View) -> None:
        """Let the Reflector judge the last move, and the Notetaker take notes if it succeeded."""
        move, kind = self.memory.moves[-1], self._surface.kind
        if self._team.reflector:
            asked = prompts.for_reflector(kind, self.memory, self._screen(before), self._screen(after))
            said = self._ask(prompts.REFLECTOR, asked, "Outcome", "Error")
            match said["Outcome"][:1].upper():
                case "B" | "C" as outcome:
                    move.outcome, move.error = outcome, _line(said["Error"])
                case "A":
                    move.outcome = "A"
                case _:
                    self._unparsable += 1
        if self._team.notetaker and move.outcome == "A":
            notes = self._ask(prompts.NOTETAKER, prompts.for_notetaker(kind, self.memory, self._screen(after)), "Notes")["Notes"]
            self._unparsable += not notes
            self.memory.notes = notes or self.memory.notes

    def _ask(self, role: str, messages: Any, *labels: str) -> dict[str, str]:
        return parts(self._journal.ask(role, messages), ("Thought", *labels))

    def _screen(self, view: View) -> tuple[Part, ...]:
        """Return how a screen is shown."""
        shown: list[Part] = []
        if view.screenshot is not None:
            shown.append(view.screenshot if self._team.elements else _resized(view.screenshot, self._team.picture))
        if self._team.elements:
            shown.append("## Elements\n" + json.dumps(view.elements, ensure_ascii=False))
        return tuple(shown)


def _resized(screenshot: np.ndarray, size: Size) -> np.ndarray:
    return np.asarray(Pictures.fromarray(screenshot).resize(size, Pictures.Resampling.BICUBIC))


def _line(text: str) -> str:
    return " ".join(text.split())
