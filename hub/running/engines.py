"""Engines play the episodes of a job somewhere: in this process, or in several. All give the same episodes, bit for bit.

An engine rebuilds environment and agent from names and a saved checkpoint, so that what is evaluated never depends on what training left
in memory. It hands episodes over as they finish; whoever listens makes them durable.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hub.agent import Agent
from hub.checkpoints import load_agent
from hub.environments import describe
from hub.results.models import Episode
from hub.running.loop import Rules, Watcher, play
from hub.running.watchdog import Watchdog, reported_watchdog
from hub.running.worlds import World, open_world

BEAT_S = 0.25
"""At most this often is a listener told of steps."""

Start = tuple[int, int]
"""Index and seed of an episode to play."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What an engine plays; it can be sent to another process.

    Attributes:
        env: a name by which any process finds the environment.
        kwargs: its keyword arguments.
        agent: the agent's name, for messages.
        checkpoint: folder of the saved agent.
        rules: what is measured, and where episodes end.
        slots: episodes played side by side in each process.
        step_timeout: seconds after which a step or a call of the agent counts as hung.
        record: folder for recordings of the episodes; None records nothing.
    """

    env: str
    kwargs: Mapping[str, Any]
    agent: str
    checkpoint: Path
    rules: Rules
    slots: int
    step_timeout: float
    record: Path | None = None

    @property
    def title(self) -> str:
        """Names the pair, for messages."""
        return f"environment {self.env} or agent {self.agent}"


class Listener(Protocol):
    """Who an engine tells what happens."""

    def finished(self, episodes: Sequence[Episode], cpu_s: float) -> None:
        """Take over finished episodes; `cpu_s` is CPU time spent on them in other processes than this."""

    def stepped(self, steps: int) -> None:
        """Take note of environment steps taken since the last call."""

    def notice(self, text: str) -> None:
        """Tell the user something that is no error."""


class Engine(Protocol):
    """One way to play a job."""

    def play(self, job: Job, plan: Sequence[Start], listener: Listener) -> None:
        """Play all episodes of `plan`, in any order, and hand each to `listener` once.

        Raises:
            ProtocolViolation: environment or agent broke its contract or hangs. Episodes handed over before stay valid.
            HubError: the engine cannot go on.
        """


class InlineEngine:
    """Plays in this process. A hang ends the process: nothing else can stop C code that does not return."""

    def play(self, job: Job, plan: Sequence[Start], listener: Listener) -> None:
        """Play all episodes of `plan` in `job.slots` slots."""
        with reported_watchdog(job.step_timeout) as watchdog:
            play_job(job, plan, listener, watchdog)


def play_job(job: Job, plan: Iterable[Start], listener: Listener, watchdog: Watchdog) -> None:
    """Build environment and agent and play `plan` in this process."""
    agent = load_agent(job.checkpoint, describe(job.env, job.kwargs))
    play_agent(agent, job, plan, listener, watchdog)


def play_agent(agent: Agent, job: Job, plan: Iterable[Start], listener: Listener, watchdog: Watchdog) -> None:
    """Play `plan` with an agent that is built already; all episodes that end in one tick are handed over together."""
    pending: list[Episode] = []
    beat = _Beat(listener)

    def hand_over() -> None:
        if pending:
            ended = pending.copy()
            pending.clear()
            listener.finished(ended, 0.0)

    def on_step(live: int) -> None:
        watchdog.tick()
        beat.add(live)

    asked = _Asked(watchdog.begin(plan), hand_over)
    with _opened(job, agent) as (world, watcher), watchdog.watch(job.title):
        try:
            for episode in play(world, agent, asked, job.rules, on_step=on_step, watcher=watcher):
                watchdog.end(episode.index)
                pending.append(episode)
        finally:
            hand_over()
            beat.flush()


@contextlib.contextmanager
def _opened(job: Job, agent: Agent) -> Iterator[tuple[World, Watcher | None]]:
    if job.record is None:
        with contextlib.closing(open_world(job.env, job.kwargs, job.slots)) as world:
            yield world, None
        return
    from hub.running.recording import open_recorded  # nobody else pays for it

    with open_recorded(job.env, agent.task, job.slots, job.record, job.agent) as opened:
        yield opened


class _Asked:
    """A plan that calls back whenever it is asked for more: the loop asks when it has yielded all episodes that ended in a tick."""

    def __init__(self, plan: Iterator[Start], before: Callable[[], None]) -> None:
        self._plan, self._before = plan, before

    def __iter__(self) -> Iterator[Start]:
        return self

    def __next__(self) -> Start:
        self._before()
        return next(self._plan)


class _Beat:
    """Gathers steps so that a cheap environment is not slowed by telling of each."""

    def __init__(self, listener: Listener) -> None:
        self._listener, self._steps, self._last = listener, 0, time.monotonic()

    def add(self, steps: int) -> None:
        self._steps += steps
        now = time.monotonic()
        if now - self._last >= BEAT_S:
            self._last = now
            self.flush()

    def flush(self) -> None:
        steps, self._steps = self._steps, 0
        self._listener.stepped(steps)
