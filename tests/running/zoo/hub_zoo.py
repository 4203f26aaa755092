"""A plugin for tests: two of PettingZoo's own parallel environments and an agent for several players."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

import hub


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register them by PettingZoo's factory functions."""
    pursuit = {"max_cycles": 15, "n_pursuers": 3, "n_evaders": 2}
    return [
        hub.EnvironmentSpec(
            id="zoo/Pursuit-v0", entry_point="pettingzoo.sisl.pursuit.pursuit:parallel_env", kind="parallel", kwargs=pursuit
        ),
        hub.EnvironmentSpec(
            id="zoo/Rps-v0", entry_point="pettingzoo.classic.rps.rps:parallel_env", kind="parallel", kwargs={"max_cycles": 9}
        ),
    ]


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register the agent."""
    return [hub.AgentSpec(name="everybody", entry_point="hub_zoo:Everybody")]


class Everybody(hub.Agent):
    """Gives each player a `Discrete` action that depends on the episode's seed, the step and the player alone."""

    needs: ClassVar[hub.Needs] = hub.Needs(players="many")

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self.at: dict[int, int] = {}

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start counting at the seed."""
        self.at |= dict(zip(slots, seeds, strict=True))

    def act(self, observations: Any, slots: np.ndarray) -> list[dict[str, int]]:
        """Choose for every player in the game."""
        rows = []
        for players, slot in zip(observations, slots.tolist(), strict=True):
            self.at[slot] += 1
            rows.append(
                {player: hash_of(self.at[slot], place) % int(self.task.action_space[player].n) for place, player in enumerate(players)}
            )
        return rows


def hash_of(*numbers: int) -> int:
    """Mix some numbers into one."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
