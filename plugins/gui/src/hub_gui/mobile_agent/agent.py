"""Mobile-Agent-v3: a Manager, a Worker, a Reflector and a Notetaker, all played by one model.

Ye et al., "Mobile-Agent-v3: Fundamental Agents for GUI Automation", arXiv 2508.15144 v2, section 4; released agents for AndroidWorld and
OSWorld. A step:

1. **Manager**: screen and memory -> plan. It hears of errors when the last two moves failed; else it is skipped after a move that could not
   be read. A plan that only says "Finished" ends the episode.
2. **Worker**: plan, notes, the last five moves with their outcomes -> an action and what it should lead to.
3. The environment's step.
4. **Reflector**: screens before and after -> outcome A (as expected), B (wrong page) or C (no change), and the error.
5. **Notetaker**, after a success: what later screens will need.

Departures: prompts are our own words and leave out the released code's hints for single AndroidWorld tasks; no knowledge is retrieved
before the start; on phones `type` may name its field (`hub_gui.mobile_agent.actions`). Steps 4 and 5 happen at the beginning of the next
call, so the last move of an episode is not judged. An answer is judged like any move, and the episode goes on; the released agent for
AndroidWorld ends with its first answer.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hub_baselines.language import Journal, LanguageAgent, Player
from hub_baselines.settings import require_positive

import hub
from hub.errors import ImpossiblePairing
from hub_gui.mobile_agent import prompts
from hub_gui.mobile_agent.actions import Size
from hub_gui.mobile_agent.loop import RolePlayer, Team
from hub_gui.surfaces import surface_for
from hub_gui.surfaces.desktop import Desktop

_PICTURES: dict[str, Size] = {"phone": (1092, 2408), "desktop": (1932, 1092)}


class MobileAgentV3(LanguageAgent):
    """Four roles over one model; `LanguageAgent` has the settings of the model.

    Args:
        task: the task.
        seed: not used.
        reflector: whether moves are judged; without it every one counts as a success.
        manager: whether there is a plan; without it the Worker alone ends the episode.
        notetaker: whether notes are kept.
        elements: whether prompts list the screen's elements beside or instead of the picture, which the paper's do not.
        image_size: width and height that screenshots are resized to and that the model's coordinates are in; by default as in the released
            agents, 1092 x 2408 for phones and 1932 x 1092 for desktops. With `elements` pictures keep their size.
        settings: see `LanguageAgent`.
    """

    name: ClassVar[str] = "mobile-agent-v3"
    roles: ClassVar[tuple[str, ...]] = (prompts.MANAGER, prompts.WORKER, prompts.REFLECTOR, prompts.NOTETAKER)

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        reflector: bool = True,
        manager: bool = True,
        notetaker: bool = True,
        elements: bool = False,
        image_size: tuple[int, int] | None = None,
        **settings: Any,
    ) -> None:
        self._surface = surface_for(self.name, task)
        if self._surface.kind not in _PICTURES:
            raise ImpossiblePairing(f"{self.name} cannot act in {task.env_id}: it points at pixels; t3a and m3a act on a page's elements")
        if isinstance(self._surface, Desktop) and self._surface.action_space != "pyautogui":
            raise ImpossiblePairing(f"{self.name} acts on desktops by Python code: say --env-arg action_space=pyautogui")
        if not elements and not self._surface.sees:
            raise ImpossiblePairing(f"{self.name} needs screenshots: say --env-arg screenshot=true, or --agent-arg elements=true")
        if elements and not self._surface.lists:
            raise ImpossiblePairing(f"{task.env_id} lists no elements: say --agent-arg elements=false")
        width, height = image_size or _PICTURES[self._surface.kind]
        require_positive(self.name, image_size=min(width, height))
        self._team = Team(manager=manager, reflector=reflector, notetaker=notetaker, elements=elements, picture=(width, height))
        super().__init__(task, seed=seed, **settings)

    def player(self, journal: Journal, seed: int) -> Player:
        """Return the player of a new episode."""
        return RolePlayer(self._surface, journal, self._team)
