"""The agent under check: how to build it, and the episodes it plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from hub.agent import Agent, Task
from hub.checking.subjects import Plan
from hub.checking.verdicts import FaultError, NotApplicableError
from hub.errors import HubError, ProtocolViolation
from hub.results.models import Episode
from hub.running.loop import Rules, play
from hub.running.worlds import World, open_world


@dataclass
class AgentSubject:
    """An agent as the checks see it.

    Attributes:
        name: as it was asked for.
        build: builds it, untrained, for `task` with a construction seed.
        task: what it is told of the environment.
        env: name of the environment it plays.
        env_kwargs: the environment's keyword arguments.
        plan: how much to play; an agent's episodes are cut at `plan.short` steps.
        job: as for an environment's subject.
    """

    name: str
    build: Callable[[int], Agent]
    task: Task
    env: str
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    job: dict[str, Any] | None = None

    @property
    def seeds(self) -> list[int]:
        """Seeds of the episodes."""
        return [self.plan.seed + index for index in range(max(self.plan.episodes, 3))]

    def play(self, agent: Agent, seeds: Sequence[int], slots: int) -> list[Episode]:
        """Let `agent` play one episode a seed in `slots` slots and return them in the order of `seeds`.

        Raises:
            FaultError: the agent broke its contract.
        """
        with self.opened_world(slots) as world:
            rules = Rules(max_steps=self.plan.short)
            try:
                played = list(play(world, agent, enumerate(seeds), rules))
            except ProtocolViolation as violation:
                raise FaultError(
                    str(violation), where="play", right="the agent keeps to the action space and raises nothing"
                ) from violation
        return sorted(played, key=lambda episode: episode.index)

    @contextmanager
    def opened_world(self, slots: int) -> Iterator[World]:
        """Open the environment in `slots` slots."""
        world = open_world(self.env, self.env_kwargs, slots)
        try:
            yield world
        finally:
            world.close()

    def play_alone(self) -> list[Episode]:
        """Play the episodes one after the other on a fresh agent, and raise what it raises."""
        if isinstance(self._alone, BaseException):
            raise self._alone
        return self._alone

    @property
    def reference(self) -> list[Episode]:
        """The episodes that other checks compare with.

        Raises:
            NotApplicableError: the agent does not play; `plays_within_action_space` says why.
        """
        if isinstance(self._alone, BaseException):
            raise NotApplicableError("the agent does not play: see plays-within-action-space")
        return self._alone

    def digests(self) -> list[str]:
        """Return one digest an episode, for other processes to compare."""
        return [episode.digests.actions for episode in self.reference]

    @cached_property
    def _alone(self) -> list[Episode] | BaseException:
        try:
            return self.play(self.build(self.plan.seed), self.seeds, slots=1)
        except (FaultError, HubError) as error:
            return error


def require_same(expected: Sequence[Episode], got: Sequence[Episode], what: str, right: str) -> None:
    """Raise `FaultError`, naming episode and seed, unless the same actions were taken."""
    for one, other in zip(expected, got, strict=True):
        if one.digests.actions != other.digests.actions:
            where = f"episode {other.index}, seed {other.seed}, {first_other_action(one, other)}"
            raise FaultError(what, where=where, right=right)


def first_other_action(one: Episode, other: Episode) -> str:
    """Say how far two episodes agree."""
    return f"lengths {one.length} and {other.length}" if one.length != other.length else "actions"


class Onlooker(Agent):
    """Passes everything on to another agent, which a check can look at on the way."""

    def __init__(self, agent: Agent) -> None:
        super().__init__(agent.task, seed=agent.seed)
        self.agent = agent

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Begin in the other agent."""
        self.agent.begin(slots, seeds)

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Let the other agent act."""
        return self.agent.act(observations, slots)

    def episode_metrics(self, slot: int) -> Mapping[str, float]:
        """Return the other agent's numbers."""
        return self.agent.episode_metrics(slot)
