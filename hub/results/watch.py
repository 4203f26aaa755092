"""Watching an episode: an agent's, or a recorded one from its receipt, frame by frame on a screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hub.agent import Agent, Task
from hub.environments import describe, make
from hub.errors import UsageError
from hub.registry import find_environment
from hub.results.models import Episode, Result
from hub.results.page import find_episode
from hub.results.replay import RecordedActions, differing_streams, replay_rules
from hub.results.screens import open_screen
from hub.running.frames import MODE, frame_of, render_modes
from hub.running.loop import Rules, play
from hub.running.worlds import ParallelWorld, SingleWorld, World

FRAMES_PER_SECOND = 30.0
"""For environments whose metadata states none."""


def watch_recorded(result: Result, index: int, out: str | None) -> list[str]:
    """Replay episode `index` of `result`, which may be one of its generalisation, on a screen (see `open_screen`).

    Returns:
        the streams in which the replay differs from the receipt; empty when they agree.

    Raises:
        UsageError: there is no such episode, or it carries no actions.
        DamagedFile: the recorded actions do not fit the environment or the episode.
    """
    kwargs, recorded = find_episode(result, index)
    if recorded.actions is None:
        raise UsageError(f"episode {index} was recorded without its actions, so it cannot be replayed")
    rules = replay_rules(result, [recorded])
    task = describe(result.env.id, kwargs)
    played = _watch(task, lambda world: RecordedActions(task, world.actions.space, [recorded]), recorded.seed, rules, out)
    return differing_streams(recorded, played, find_environment(result.env.id).spec)


def watch_agent(task: Task, agent: Agent, seed: int, rules: Rules, out: str | None) -> Episode:
    """Let `agent` play the episode of `seed` on a screen (see `open_screen`) and return it."""
    return _watch(task, lambda world: agent, seed, rules, out)


def _watch(task: Task, agent_for: Callable[[World], Agent], seed: int, rules: Rules, out: str | None) -> Episode:
    _require_frames(task)
    environment = make(task.env_id, **task.env_kwargs, render_mode=MODE)
    world = (ParallelWorld if task.players else SingleWorld)(task.env_id, [environment])
    speed = float(environment.metadata.get("render_fps") or FRAMES_PER_SECOND)
    try:
        with open_screen(out, speed, f"hub watch: {task.env_id}") as screen:
            agent = Filmed(agent_for(world), lambda: screen.show(frame_of(task.env_id, environment.render)))
            (episode,) = play(world, agent, [(0, seed)], rules)
            agent.show()
    finally:
        world.close()
    return episode


def _require_frames(task: Task) -> None:
    modes = render_modes(task.env_id, task.env_kwargs)
    if MODE not in modes:
        offers = f"its render modes are {', '.join(modes)}" if modes else "it has no render modes"
        raise UsageError(f"{task.env_id} cannot be watched: it gives no frames ({MODE}); {offers}")


class Filmed(Agent):
    """An agent before whose every action a frame is shown."""

    def __init__(self, agent: Agent, show: Callable[[], None]) -> None:
        super().__init__(agent.task, seed=agent.seed)
        self._agent = agent
        self.show = show

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Hand on to the agent."""
        self._agent.begin(slots, seeds)

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Show a frame, then hand on to the agent."""
        self.show()
        return self._agent.act(observations, slots)

    def episode_metrics(self, slot: int) -> Mapping[str, float]:
        """Hand on to the agent."""
        return self._agent.episode_metrics(slot)

    def transcript(self, slot: int) -> Sequence[Mapping[str, Any]]:
        """Hand on to the agent."""
        return self._agent.transcript(slot)
