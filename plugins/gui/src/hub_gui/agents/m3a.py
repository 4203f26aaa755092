"""M3A: T3A's loop with eyes, on screens whose elements are boxed and numbered.

Rawles et al., "AndroidWorld", ICLR 2025, arXiv 2405.14573. Where T3A sees a list of elements, M3A sees the screenshot, the same with marks,
and the list; and for the summary the marked screens before and after with their lists. Departures as in `hub_gui.agents.t3a`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hub_baselines.language import Journal, Part, Player

import hub
from hub.errors import ImpossiblePairing
from hub_gui.agents.t3a import T3A, ReasoningPlayer
from hub_gui.marks import marked
from hub_gui.surfaces import View


class SeeingPlayer(ReasoningPlayer):
    """One episode of the loop with eyes."""

    def shown_to_act(self, view: View) -> tuple[Part, ...]:
        """Return the plain screen, then what `shown` returns."""
        assert view.screenshot is not None
        return (view.screenshot, *self.shown(view))

    def shown(self, view: View) -> tuple[Part, ...]:
        """Return the marked screen and the list."""
        assert view.screenshot is not None
        return ("Each element boxed and numbered with its index:", marked(view, view.screenshot), *super().shown(view))


class M3A(T3A):
    """Sees screenshots, marks and elements, writes thought and action, keeps summaries; `LanguageAgent` has the settings."""

    name: ClassVar[str] = "m3a"

    def __init__(self, task: hub.Task, *, seed: int = 0, **settings: Any) -> None:
        super().__init__(task, seed=seed, **settings)
        if not self.surface.sees:
            raise ImpossiblePairing(
                f"{self.name} cannot act in {task.env_id} as it is made: it needs screenshots; say --env-arg screenshot=true, or take t3a"
            )

    def player(self, journal: Journal, seed: int) -> Player:
        """Return the player of a new episode."""
        return SeeingPlayer(self.surface, journal)
