"""Replaying recorded episodes without their agent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from hub.agent import Agent, Task
from hub.errors import DamagedFile
from hub.registry import find_environment
from hub.results.models import Episode, Result
from hub.running.loop import Rules, play
from hub.running.receipts import decode_actions
from hub.running.worlds import open_world
from hub.running.worlds.layouts import Layout
from hub.specs import EnvironmentSpec

SLOTS = 8
"""Episodes replayed side by side: enough to spread the cost of a tick, few enough for environments that are heavy to hold."""


def replay(result: Result, name: str, kwargs: Mapping[str, Any], episodes: Sequence[Episode]) -> Iterator[tuple[Episode, Episode]]:
    """Yield each of `episodes` as it was recorded and as it is replayed, as they end.

    Args:
        result: the document they are from: its metrics and step limit hold.
        name: by which its environment is found here.
        kwargs: the arguments it was built with.
        episodes: what to replay; each must carry its actions.

    Raises:
        DamagedFile: the recorded actions do not fit the environment or the episode; the message names the episode.
        ProtocolViolation: the environment, given the recorded actions, breaks its contract.
        HubError: the environment cannot be built.
    """
    rules = replay_rules(result, episodes)
    slots = min(find_environment(name).spec.slots or SLOTS, len(episodes))
    with contextlib.closing(open_world(name, kwargs, slots)) as world:
        space = world.actions.space
        task = Task(env_id=world.name, observation_space=world.observations.space, action_space=space, players=world.players)
        plan = ((position, episode.seed) for position, episode in enumerate(episodes))
        for played in play(world, RecordedActions(task, space, episodes), plan, rules):
            yield episodes[played.index], played


def differing_streams(recorded: Episode, played: Episode, spec: EnvironmentSpec) -> list[str]:
    """Return the streams in which a replay differs from its receipt; not what is seen, where that is the machine's business."""
    left_out = {"observations"} if spec.deterministic == "outcomes" else set()
    ours, theirs = played.digests.model_dump(), recorded.digests.model_dump()
    return [stream for stream in ours if stream not in left_out and ours[stream] != theirs[stream]]


def replay_rules(result: Result, episodes: Sequence[Episode]) -> Rules:
    """Return the rules under which `episodes` are replayed, numbered from 0; where the clock ended one, it ends again."""
    timed_out = {position: episode.length for position, episode in enumerate(episodes) if episode.timed_out}
    protocol = result.protocol
    return Rules(metrics=protocol.metrics, max_steps=protocol.max_steps, timed_out=timed_out, record_actions=False)


class RecordedActions(Agent):
    """Plays the recorded actions of `episodes`, taken in order as slots begin, whatever it sees."""

    def __init__(self, task: Task, space: gym.Space[Any], episodes: Iterable[Episode]) -> None:
        super().__init__(task)
        self._layout = Layout(space)
        self._queue = iter(episodes)
        self._playing: dict[int, tuple[Episode, list[Iterator[Any]]]] = {}

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Take up the next recorded episodes."""
        for slot in slots:
            episode = next(self._queue)
            if episode.actions is None:
                raise DamagedFile(f"episode {episode.index} was recorded without its actions")
            try:
                columns = decode_actions(self._layout.space, episode.actions, episode.length)
            except DamagedFile as error:
                raise DamagedFile(f"episode {episode.index}: {error}") from error
            self._playing[slot] = episode, [iter(column) for column in columns]

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Return each slot's next recorded action."""
        playing = [self._playing[slot] for slot in slots.tolist()]
        columns = []
        for position, leaf in enumerate(self._layout.leaves):
            values = [next(leaves[position], _OVER) for _, leaves in playing]
            if any(value is _OVER for value in values):
                episode = next(episode for (episode, _), value in zip(playing, values, strict=True) if value is _OVER)
                raise DamagedFile(f"episode {episode.index}: it goes on after its {episode.length} recorded actions")
            columns.append(np.array(values) if leaf.fixed else values)
        return self._layout.join(columns)


_OVER = object()
