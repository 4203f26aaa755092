"""What the roles of one episode share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["A", "B", "C"]
"""A: as expected. B: the wrong page. C: nothing changed."""

ERROR_THRESHOLD = 2
"""Failures in a row after which the Manager is told that the Worker is stuck."""

SHOWN_MOVES = 5
"""Last moves that the Worker is shown."""


@dataclass(slots=True)
class Move:
    """One turn of the Worker.

    Attributes:
        action: the JSON object that it wrote; `"invalid"` where none could be read.
        description: what it said it does, and what should be seen afterwards.
        outcome: the Reflector's verdict; A until there is one, and where there is no Reflector.
        error: what went wrong, in words.
    """

    action: str
    description: str
    outcome: Outcome = "A"
    error: str = ""


@dataclass(slots=True)
class Memory:
    """The state of section 4b of the paper's framework.

    Attributes:
        goal: the user's instruction.
        plan: subgoals still to be reached, in order.
        completed: subgoals that the Manager holds for reached.
        moves: the Worker's turns.
        notes: what must be remembered from screens that are gone.
    """

    goal: str
    plan: str = ""
    completed: str = ""
    moves: list[Move] = field(default_factory=list)
    notes: str = ""

    @property
    def stuck(self) -> bool:
        """Whether the last `ERROR_THRESHOLD` moves all failed."""
        last = self.moves[-ERROR_THRESHOLD:]
        return len(last) == ERROR_THRESHOLD and all(move.outcome != "A" for move in last)

    @property
    def last_unread(self) -> bool:
        """Whether the last move was none, since it could not be read."""
        return bool(self.moves) and self.moves[-1].action == INVALID


INVALID = "invalid"
"""`Move.action` of a turn that could not be read."""
