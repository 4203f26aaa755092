"""T3A: an agent of text that reasons, acts, and sums up what came of it.

Rawles et al., "AndroidWorld: A Dynamic Benchmarking Environment for Autonomous Agents", ICLR 2025, arXiv 2405.14573, section 4 and
appendix; after ReAct (Yao et al., ICLR 2023) and Reflexion (Shinn et al., NeurIPS 2023). A step:

1. **act**: goal, summaries of the steps before, numbered elements -> `Reason: ...`, `Action: {...}`.
2. The environment's step.
3. **summarise**: reason, action, elements before and after -> one sentence for the history. Asked for when the next screen is there, so the
   last step has none.

A reply without an action that can be read consumes a step in which nothing is done, as in the reference; the history says so.

Departures: prompts are our own words, without the reference's hints for single apps; desktops have the same loop with OSWorld's actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hub_baselines.language import Journal, LanguageAgent, Message, Part, Player

import hub
from hub.errors import ImpossiblePairing
from hub_gui.replies import action_of, parts
from hub_gui.surfaces import Surface, View, surface_for

_TASK = """\
You operate a {kind} for a user, one action at a time, until the user's goal is reached. A goal may be a question: answer it before you end.
The actions are JSON objects:
{guide}
If the last actions changed nothing, try another way. End as soon as the goal is reached, or once you know that it cannot be reached."""

_ACT = """\
The user's goal: {goal}

What has happened so far:
{history}

The screen now:"""

_ACT_END = """\
Reply with two lines and nothing else:
Reason: why the next action brings the goal nearer
Action: the JSON object"""

_SUMMARISE = """\
You check, step by step, how a {kind} is operated for a user.
The user's goal: {goal}
The last step's reason: {reason}
The last step's action: {action}

The screen before:"""

_SUMMARISE_MIDDLE = "The screen after:"

_SUMMARISE_END = """\
Say in one line of at most fifty words what the action was meant to do, whether the screen shows that it did, and what of the screen must be
remembered for later steps. Later steps see your line and not these screens."""


@dataclass(frozen=True, slots=True)
class _Step:
    view: View
    reason: str
    action: str


@dataclass
class ReasoningPlayer:
    """One episode of the loop above.

    Attributes:
        surface: the kind of screen.
        journal: who is asked.
        history: a line a step.
        unparsable: replies without an action that could be read.
    """

    surface: Surface
    journal: Journal
    history: list[str] = field(default_factory=list)
    unparsable: int = 0
    last: _Step | None = None

    def act(self, observation: Mapping[str, Any]) -> str:
        """Sum up the step before, then return the next action."""
        view = self.surface.view(observation)
        if self.last is not None:
            self.history.append(self._summary(self.last, view))
        reply = self.journal.ask("act", self._question(view))
        reason = " ".join(parts(reply, ("Reason", "Action"))["Reason"].split())
        try:
            action = self.surface.action(action_of(reply), view)
        except ValueError as mistake:
            self.unparsable += 1
            self.last = None
            self.history.append(f"Nothing was done, since the reply could not be read: {mistake}.")
            return self.surface.nothing
        self.last = _Step(view, reason, action)
        return action

    def metrics(self) -> Mapping[str, float]:
        """Return how many replies could not be read."""
        return {"unparsable": float(self.unparsable)}

    def shown_to_act(self, view: View) -> tuple[Part, ...]:
        """Return how a view is shown for the next action."""
        return self.shown(view)

    def shown(self, view: View) -> tuple[Part, ...]:
        """Return how a view is shown for a summary."""
        return (f"Elements by index:\n{view.listing}",)

    def _question(self, view: View) -> list[Message]:
        history = "\n".join(f"{number}. {line}" for number, line in enumerate(self.history, 1)) or "Nothing yet."
        rules = _TASK.format(kind=self.surface.kind, guide=self.surface.guide)
        return [
            Message("system", (rules,)),
            Message("user", (_ACT.format(goal=view.goal, history=history), *self.shown_to_act(view), _ACT_END)),
        ]

    def _summary(self, step: _Step, after: View) -> str:
        asked = _SUMMARISE.format(kind=self.surface.kind, goal=after.goal, reason=step.reason or "(none)", action=step.action)
        shown = (asked, *self.shown(step.view), _SUMMARISE_MIDDLE, *self.shown(after), _SUMMARISE_END)
        said = " ".join(self.journal.ask("summarise", [Message("user", shown)]).split())
        return f"{step.action}: {said or '(no summary)'}"


class T3A(LanguageAgent):
    """Reads numbered elements, writes thought and action, keeps summaries; `LanguageAgent` has the settings."""

    name: ClassVar[str] = "t3a"
    roles: ClassVar[tuple[str, ...]] = ("act", "summarise")

    def __init__(self, task: hub.Task, *, seed: int = 0, **settings: Any) -> None:
        self.surface = surface_for(self.name, task)
        if not self.surface.lists:
            raise ImpossiblePairing(
                f"{self.name} cannot act in {task.env_id} as it is made: it reads elements; on a desktop say --env-arg"
                " accessibility_tree=true, and where screens come without elements take mobile-agent-v3"
            )
        super().__init__(task, seed=seed, **settings)

    def player(self, journal: Journal, seed: int) -> Player:
        """Return the player of a new episode."""
        return ReasoningPlayer(self.surface, journal)
