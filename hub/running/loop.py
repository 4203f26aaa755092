"""Lock-step evaluation: one seed an episode, a free slot takes the next episode, one batched `act` a tick over the slots that play.

What an episode contains depends only on its seed, the agent and the environment: not on how many slots there are, which slot it fell into,
or what was played beside it. Sums are taken per episode in order of time, in float64.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from hub.agent import Agent
from hub.errors import HubError, ProtocolViolation
from hub.results.models import Episode
from hub.running.receipts import Recorder
from hub.running.tallies import Combination, tallies_for
from hub.running.worlds.base import FaultError, Tick, World, raised
from hub.running.worlds.layouts import place, take
from hub.running.worlds.leaves import Column, MisfitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How episodes are judged.

    Attributes:
        metrics: numbers read from `info[key]` at every step, and how an episode combines them; in a parallel environment over each
            player's own steps in the game, then averaged over players.
        max_steps: steps after which an episode is truncated, on top of the environment's own limit.
        max_seconds: wall-clock limit of an episode, from its first observation on; it is truncated by the first step that ends later.
        timed_out: in a replay, the steps after which the clock had ended an episode, by the episode's index.
        record_actions: whether episodes carry their action log; without it nobody can verify them.
    """

    metrics: Mapping[str, Combination] = field(default_factory=dict)
    max_steps: int | None = None
    max_seconds: float | None = None
    timed_out: Mapping[int, int] = field(default_factory=dict)
    record_actions: bool = True


class Watcher(Protocol):
    """Who looks on while episodes are played, and changes nothing: the arrays it is shown stay the loop's."""

    def began(self, slots: Sequence[int], episodes: Sequence[tuple[int, int]], observations: Sequence[Column]) -> None:
        """Take in the first observations of new episodes (index, seed), one row a slot."""

    def stepped(self, slots: np.ndarray, actions: Sequence[Column], tick: Tick) -> None:
        """Take in one step of `slots`."""

    def ended(self, slot: int, episode: Episode, transcript: list[dict[str, Any]]) -> None:
        """Take in the end of the episode in `slot`, and what the agent says of it."""


def play(
    world: World,
    agent: Agent,
    plan: Iterable[tuple[int, int]],
    rules: Rules,
    on_step: Callable[[int], None] | None = None,
    *,
    watcher: Watcher | None = None,
) -> Iterator[Episode]:
    """Play the episodes of `plan` and yield each as it ends; `chain` is left empty.

    Args:
        world: where; stays open, its slots are free again when the last episode has ended.
        agent: who.
        plan: index and seed of each episode.
        rules: how episodes are judged.
        on_step: called once a tick with the number of slots that played.
        watcher: looks on; only then is the agent asked for its transcripts.

    Raises:
        ProtocolViolation: the environment or the agent broke its contract (an exception, a NaN or infinite reward, an observation or action
            outside its space, an info that lacks a metric); the message names it, the episode, its seed and the step.
        HubError: raised by the agent itself, handed on as it is.
    """
    game = _Game(world, agent, rules, watcher)
    queue = iter(plan)
    game.start(np.arange(world.slots), queue)
    while game.live.size:
        count = game.live.size
        ended = game.tick()
        if on_step is not None:
            on_step(count)
        if ended.size:
            for slot, terminated in ended:
                yield game.finish(int(slot), bool(terminated))
            game.start(ended[:, 0], queue)


_NONE = np.zeros((0, 2), np.intp)


class _Game:
    """The slots' running episodes."""

    def __init__(self, world: World, agent: Agent, rules: Rules, watcher: Watcher | None) -> None:
        self._world, self._agent, self._rules, self._watcher = world, agent, rules, watcher
        self._recorder = Recorder(world.observations, world.actions, world.slots, world.players, record_actions=rules.record_actions)
        self.live = np.zeros(0, np.intp)
        """Slots that play, ascending."""
        self._observations: list[Column] = []
        self._episodes: list[tuple[int, int]] = [(0, 0)] * world.slots
        self._lengths = np.zeros(world.slots, np.int64)
        self._returns = np.zeros(world.slots, np.float64)
        self._tallies = tallies_for(world, rules.metrics)
        self._player_returns: list[dict[str, float]] = [{} for _ in range(world.slots)]
        self._timed = rules.max_seconds is not None or bool(rules.timed_out)
        self._began = np.zeros(world.slots, np.float64)
        self._timed_out = np.zeros(world.slots, np.bool_)

    def start(self, free: np.ndarray, queue: Iterator[tuple[int, int]]) -> None:
        """Let free slots take the next episodes; slots that find none stop playing."""
        starting = list(zip(free.tolist(), itertools.islice(queue, len(free)), strict=False))
        slots = [slot for slot, _ in starting]
        if not starting:
            self._retire(free)
            return
        for slot, episode in starting:
            self._episodes[slot] = episode
            self._player_returns[slot] = {}
        self._lengths[slots] = 0
        self._returns[slots] = 0.0
        self._tallies.begin(slots)
        seeds = [seed for _, (_, seed) in starting]
        try:
            observations = self._world.reset(slots, seeds)
        except FaultError as fault:
            raise self._violation(fault, np.array(slots), 0) from fault.__cause__
        self._recorder.begin(slots, observations)
        if self._watcher is not None:
            self._watcher.began(slots, [episode for _, episode in starting], observations)
        self._began[slots] = time.monotonic()
        self._begin_agent(slots, seeds)
        if self.live.size == 0:
            self.live, self._observations = np.array(slots, np.intp), observations
            return
        self._retire(free[len(slots) :])
        place(self._observations, np.searchsorted(self.live, slots), observations)

    def tick(self) -> np.ndarray:
        """Let all live slots act and step once; return the slots whose episodes ended and whether each terminated, (n, 2)."""
        actions = self._act()
        self._recorder.acted(self.live, actions)
        try:
            tick = self._world.step(actions, self.live)
            self._count(tick)
        except FaultError as fault:
            raise self._violation(fault, self.live, 1) from fault.__cause__
        self._recorder.stepped(self.live, tick)
        if self._watcher is not None:
            self._watcher.stepped(self.live, actions, tick)
        self._observations = tick.observations
        over = tick.terminated | tick.truncated
        if not np.count_nonzero(over):
            return _NONE
        return np.stack([self.live[over], tick.terminated[over]], axis=1)

    def finish(self, slot: int, terminated: bool) -> Episode:
        """Return the record of the episode that ended in `slot`."""
        index, seed = self._episodes[slot]
        length = int(self._lengths[slot])
        digests, actions = self._recorder.finish(slot)
        total, metrics = float(self._returns[slot]), self._tallies.combined(slot, length)
        if not all(map(math.isfinite, (total, *metrics.values()))):
            raise self._violation(
                FaultError(0, "the sum of its rewards or metrics is no finite number; they are too large"), np.array([slot]), 0
            )
        episode = Episode(  # type: ignore[call-arg]  # mypy knows the field by its alias only
            index=index,
            seed=seed,
            return_=total,
            length=length,
            terminated=terminated,
            timed_out=bool(self._timed_out[slot]),
            metrics=metrics,
            agent_metrics=self._agent_metrics(slot),
            returns=self._player_returns[slot],
            actions=actions,
            digests=digests,
        )
        if self._watcher is not None:
            self._watcher.ended(slot, episode, self._transcript(slot))
        return episode

    def _act(self) -> list[Column]:
        try:
            actions = self._agent.act(self._world.observations.join(self._observations), self.live)
        except HubError:
            raise
        except Exception as error:
            raise self._violation(FaultError(0, raised("act", error), by="agent"), self.live, 1) from error
        try:
            return self._world.actions.accept(actions, len(self.live))
        except MisfitError as misfit:
            raise self._violation(FaultError(misfit.row, f"action{misfit.reason}", by="agent"), self.live, 1) from None

    def _count(self, tick: Tick) -> None:
        live: Any = self.live if self.live.size < self._world.slots else slice(None)
        self._tallies.add(tick, self.live)
        self._lengths += 1  # of idle slots too: they start from zero
        self._returns[live] += tick.rewards
        if self._rules.max_steps is not None:
            tick.truncated = tick.truncated | (self._lengths[live] >= self._rules.max_steps)
        if self._timed:
            self._look_at_the_clock(tick)
        for slot, players in zip(self.live.tolist(), tick.players or (), strict=False):
            returns = self._player_returns[slot]
            for player, (reward, _, _) in players.items():
                returns[player] = returns.get(player, 0.0) + reward

    def _look_at_the_clock(self, tick: Tick) -> None:
        """Truncate the episodes whose time is up, in a replay those whose time was up then."""
        if self._rules.max_seconds is not None:
            up = time.monotonic() - self._began[self.live] >= self._rules.max_seconds
        else:
            ends = [self._rules.timed_out.get(self._episodes[slot][0]) for slot in self.live.tolist()]
            up = np.array([end is not None and length >= end for end, length in zip(ends, self._lengths[self.live], strict=True)])
        self._timed_out[self.live] = up & ~(tick.terminated | tick.truncated)
        tick.truncated = tick.truncated | up

    def _retire(self, slots: np.ndarray) -> None:
        if not slots.size:
            return
        staying = np.flatnonzero(~np.isin(self.live, slots))
        self.live = self.live[staying]
        self._observations = take(self._observations, staying)

    def _begin_agent(self, slots: list[int], seeds: list[int]) -> None:
        try:
            self._agent.begin(slots, seeds)
        except HubError:
            raise
        except Exception as error:
            raise self._violation(FaultError(0, raised("begin", error), by="agent"), np.array(slots), 0) from error

    def _agent_metrics(self, slot: int) -> dict[str, float]:
        try:
            metrics = {str(key): float(value) for key, value in self._agent.episode_metrics(slot).items()}
        except HubError:
            raise
        except Exception as error:
            raise self._violation(FaultError(0, raised("episode_metrics", error), by="agent"), np.array([slot]), 0) from error
        for key, value in metrics.items():
            if not math.isfinite(value):
                raise self._violation(
                    FaultError(0, f"episode_metrics[{key!r}] is {value}; it must be a finite number", by="agent"), np.array([slot]), 0
                )
        return metrics

    def _transcript(self, slot: int) -> list[dict[str, Any]]:
        try:
            entries = [dict(entry) for entry in self._agent.transcript(slot)]
            said: list[dict[str, Any]] = json.loads(json.dumps(entries, allow_nan=False))
        except HubError:
            raise
        except Exception as error:
            raise self._violation(FaultError(0, raised("transcript", error), by="agent"), np.array([slot]), 0) from error
        for entry in said:
            if type(entry.get("step")) is not int:
                reason = f"transcript has an entry whose step is {entry.get('step')!r}; it must be the index of the action that it led to"
                raise self._violation(FaultError(0, reason, by="agent"), np.array([slot]), 0)
        return said

    def _violation(self, fault: FaultError, slots: np.ndarray, ahead: int) -> ProtocolViolation:
        """Say who broke the contract where; `ahead` is 1 while the step in question is not counted yet."""
        slot = int(slots[fault.row])
        index, seed = self._episodes[slot]
        who = f"environment {self._world.name}" if fault.by == "environment" else f"agent {type(self._agent).__name__}"
        return ProtocolViolation(f"{who}, episode {index} (seed {seed}), step {int(self._lengths[slot]) + ahead}: {fault.reason}")
