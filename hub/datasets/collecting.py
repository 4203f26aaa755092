"""Playing an agent's episodes and keeping what it saw: the evaluator's own loop, in a world that remembers."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hub.agent import Agent
from hub.datasets.episodes import OfflineEpisode
from hub.registry import find_environment
from hub.running.loop import Rules, play
from hub.running.progress import Progress
from hub.running.settings import Settings
from hub.running.watchdog import reported_watchdog
from hub.running.worlds import Tick, World, open_world
from hub.running.worlds.layouts import Layout, take
from hub.running.worlds.leaves import Column


def collect(
    env: str,
    kwargs: Mapping[str, Any],
    agent: Agent,
    seeds: Sequence[int],
    *,
    max_steps: int | None,
    settings: Settings,
    progress: Progress,
) -> list[OfflineEpisode]:
    """Play one episode for each of `seeds` and return them in that order; they depend on nothing but seeds, agent and environment.

    Args:
        env: name of a single-agent environment with observations and actions of array spaces.
        kwargs: its keyword arguments.
        agent: who plays.
        seeds: of the episodes.
        max_steps: steps after which an episode is truncated, on top of the environment's own limit.
        settings: slots, and the seconds after which a step counts as hung.
        progress: is told of episodes and steps.

    Raises:
        ProtocolViolation: environment or agent broke its contract, or hangs.
        HubError: raised by the agent itself.
    """
    episodes: dict[int, OfflineEpisode] = {}
    rules = Rules(max_steps=max_steps, record_actions=False)
    progress.begin("record", len(seeds), "episodes")
    slots = settings.slots_for(len(seeds), find_environment(env).spec.slots)
    with (
        reported_watchdog(settings.step_timeout) as watchdog,
        contextlib.closing(RecordingWorld(open_world(env, kwargs, slots))) as world,
        watchdog.watch(f"environment {env} or agent {type(agent).__name__}"),
    ):

        def on_step(live: int) -> None:
            watchdog.tick()
            progress.steps(live)

        for played in play(world, agent, watchdog.begin(enumerate(seeds)), rules, on_step):
            watchdog.end(played.index)
            episodes[played.index] = world.taken(played.index)
            progress.advance_to(len(episodes))
    return [episodes[index] for index in range(len(seeds))]


@dataclass(slots=True)
class _Trace:
    """What one episode consisted of so far: its first observation, and for each step a batch and the episode's row in it."""

    seed: int
    first: list[Column]
    steps: list[tuple[Sequence[Column], Tick, int]] = field(default_factory=list)


class RecordingWorld(World):
    """Plays in another world and remembers its episodes, numbered from 0 in the order in which they begin.

    Args:
        world: a single-agent one whose spaces are array spaces; closed with this one.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world.name, world.slots, world.observations.space, world.actions.space)
        self._world = world
        self._begun = 0
        self._traces: dict[int, _Trace] = {}
        self._playing: dict[int, _Trace] = {}

    def reset(self, slots: Sequence[int], seeds: Sequence[int]) -> list[Column]:
        """Start new episodes in `slots`."""
        observations = self._world.reset(slots, seeds)
        for row, (slot, seed) in enumerate(zip(slots, seeds, strict=True)):
            trace = _Trace(seed, take(observations, np.array([row])))
            self._traces[self._begun] = self._playing[slot] = trace
            self._begun += 1
        return observations

    def step(self, actions: Sequence[Column], slots: np.ndarray) -> Tick:
        """Step exactly `slots`."""
        tick = self._world.step(actions, slots)
        for row, slot in enumerate(slots.tolist()):
            self._playing[slot].steps.append((actions, tick, row))
        return tick

    def info_numbers(self, infos: Any, key: str, slots: np.ndarray) -> np.ndarray:
        """Return the numbers that the world gives."""
        return self._world.info_numbers(infos, key, slots)

    def close(self) -> None:
        """Close the world."""
        self._world.close()

    def taken(self, index: int) -> OfflineEpisode:
        """Return episode `index`, which has just ended, and forget it.

        It must be asked for before its slot is reset: the loop reuses the arrays of a tick, and marks in them where it cut an episode off.
        """
        trace = self._traces.pop(index)
        seen = [(trace.first, 0), *((tick.observations, row) for _, tick, row in trace.steps)]
        done = [(actions, row) for actions, _, row in trace.steps]
        return OfflineEpisode(
            observations=_stacked(self.observations, seen),
            actions=_stacked(self.actions, done),
            rewards=np.array([tick.rewards[row] for _, tick, row in trace.steps], np.float64),
            terminations=np.array([tick.terminated[row] for _, tick, row in trace.steps], np.bool_),
            truncations=np.array([tick.truncated[row] for _, tick, row in trace.steps], np.bool_),
            seed=trace.seed,
        )


def _stacked(layout: Layout, rows: Sequence[tuple[Sequence[Column], int]]) -> Any:
    """Return the given rows of batches, one column a leaf each, as stacked values of the layout's space."""
    return layout.join(
        [np.array([columns[position][row] for columns, row in rows], leaf.dtype) for position, leaf in enumerate(layout.leaves)]
    )
