"""How the registered datasets are made: optimal plans, learners of a certain quality, and the authors' own files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from hub_envs.minigrid import level_of
from numpy.typing import NDArray

import hub
from hub.errors import HubError
from hub_minigrid.authors import read_buffer
from hub_minigrid.il_ppo import ILPPO
from hub_minigrid.planner import plan
from hub_minigrid.playing import play

Progress = Callable[[int, int], None]
"""Called with the episodes done and their number."""

_BATCH = 100
_PATIENCE = 100
"""Attempts for each episode wanted, after which a policy is taken to be unable to succeed."""


def optimal(env: str, env_kwargs: Mapping[str, Any], progress: Progress, *, episodes: int) -> list[hub.OfflineEpisode]:
    """Return shortest solutions of the set's first levels, one each, as the environment itself shows and pays them."""
    plans = []
    for done, number in enumerate(_levels(env, env_kwargs, range(episodes))):
        progress(done, episodes)
        plans.append(plan(level_of(env, number)))
    moves = [iter(actions) for actions in plans]

    def follow(observations: NDArray[Any], running: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([next(moves[episode]) for episode in running.tolist()], dtype=np.int64)

    played = play(env, env_kwargs, range(episodes), follow)
    for episode, actions in zip(played, plans, strict=True):
        if episode.length != len(actions) or not episode.terminations[-1]:
            raise RuntimeError(f"the plan of {len(actions)} steps for the level of seed {episode.seed} does not solve it")
    progress(episodes, episodes)
    return played


def policy(
    env: str,
    env_kwargs: Mapping[str, Any],
    progress: Progress,
    *,
    threshold: float,
    episodes: int,
    levels: int,
    train_steps: int,
    settings: Mapping[str, Any],
    seed: int = 0,
) -> list[hub.OfflineEpisode]:
    """Return successful episodes of a learner at the moment when the mean return of its last 100 episodes first exceeded `threshold`.

    The authors stored RAPID's buffer at that moment, which holds its best episodes; here the policy of that moment plays until it has
    succeeded often enough, attempt after attempt on the set's first levels in turn. Failures are left out.

    Args:
        env: where.
        env_kwargs: its arguments.
        progress: is told of episodes.
        threshold: the quality of the learner.
        episodes: successes to return.
        levels: how many of the set's levels they are spread over: their diversity.
        train_steps: most steps the learner may take.
        settings: of the learner, `hub_minigrid.il_ppo.ILPPO`.
        seed: of its training.

    Raises:
        HubError: the learner does not get that good, or its policy does not succeed on these levels.
    """
    task = hub.describe(env, env_kwargs)
    agent = ILPPO(task, seed=seed, **settings)
    progress(0, episodes)
    if not agent.learn_until(hub.Training(task, steps=train_steps, seed=seed), threshold):
        raise HubError(f"a learner with {dict(settings)} did not exceed a mean return of {threshold} within {train_steps:,} steps of {env}")
    successes: list[hub.OfflineEpisode] = []
    for first in range(0, episodes * _PATIENCE, _BATCH):
        attempts = range(first, first + _BATCH)
        agent.begin(range(len(attempts)), attempts)
        played = play(env, env_kwargs, [attempt % levels for attempt in attempts], agent.act)
        successes += [episode for episode in played if episode.return_ > 0]
        progress(min(len(successes), episodes), episodes)
        if len(successes) >= episodes:
            return successes[:episodes]
    raise HubError(f"a policy of quality {threshold} succeeded only {len(successes)} times in {episodes * _PATIENCE} attempts at {env}")


def authors(env: str, env_kwargs: Mapping[str, Any], progress: Progress, *, file: str) -> list[hub.OfflineEpisode]:
    """Return the episodes of one of the authors' files that come with this package."""
    with as_file(files("hub_minigrid") / "authors_demos" / file) as path:
        episodes = read_buffer(path)
    progress(len(episodes), len(episodes))
    return episodes


def _levels(env: str, env_kwargs: Mapping[str, Any], seeds: Sequence[int]) -> list[int]:
    """Return the numbers of the levels that episodes of these seeds play."""
    with contextlib.closing(hub.make_vec(env, len(seeds), **env_kwargs)) as environment:
        numbers: list[int] = environment.reset(seed=list(seeds))[1]["level"].tolist()  # type: ignore[arg-type]  # as in `play`
    return numbers
