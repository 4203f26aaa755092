"""The role loop of Mobile-Agent-v3 with scripted roles, for ablations without a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from hub_baselines.episodes import episode_seed
from hub_baselines.language import Client, Message, ScriptedClient
from hub_baselines.settings import require_shares
from hub_envs.solutions import TAG

import hub
from hub.errors import ImpossiblePairing
from hub_gui.mobile_agent import prompts
from hub_gui.mobile_agent.agent import MobileAgentV3
from hub_gui.mobile_agent.scripted.prompt import Prompt
from hub_gui.mobile_agent.scripted.roles import manager, notetaker, reflector
from hub_gui.mobile_agent.scripted.worker import ScriptedWorker

DEMONSTRATION = "its roles are scripted from the environment's own solutions: it shows what their order is worth, not what a model can do"


class MobileAgentV3Scripted(MobileAgentV3):
    """`MobileAgentV3` over scripts instead of a model, on phones that know their solutions; see `hub_gui.mobile_agent.scripted`.

    Args:
        task: the task.
        seed: not used; slips are drawn from the episode's seed.
        corruption: probability that a press lands elsewhere, or that typing loses a character.
        reflector: whether moves are judged.
        manager: whether the Worker is told to begin again when it is stuck.
        notetaker: whether notes are kept.
    """

    name: ClassVar[str] = "mobile-agent-v3-scripted"
    needs: ClassVar[hub.Needs] = hub.Needs(observations=("Dict",), actions=("Text",), model=TAG)

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        corruption: float = 0.3,
        reflector: bool = True,
        manager: bool = True,
        notetaker: bool = True,
    ) -> None:
        self.needs.check(self.name, task)
        require_shares(self.name, corruption=corruption)
        self._corruption = corruption
        super().__init__(task, seed=seed, reflector=reflector, manager=manager, notetaker=notetaker, elements=True)
        if self._surface.kind != "phone":
            raise ImpossiblePairing(
                f"{self.name} cannot act in {task.env_id}: its worker knows a phone's actions only; it fits phonesim/..."
            )

    def open_client(self) -> Client:
        """Return what stands for the model; each episode has one of its own."""
        return self.client_of(0)

    def client_of(self, seed: int) -> Client:
        """Return the scripted roles of the episode seeded `seed`."""
        generator = np.random.default_rng(episode_seed(seed))
        worker = ScriptedWorker(lambda: self.task.model.oracle(seed), generator, self._corruption)
        roles = {prompts.MANAGER: manager, prompts.WORKER: worker.answer, prompts.REFLECTOR: reflector, prompts.NOTETAKER: notetaker}

        def answer(messages: Sequence[Message]) -> str:
            return roles[prompts.role_of(messages)](Prompt(messages[-1].text))

        return ScriptedClient(answer, demonstration=DEMONSTRATION)
