"""Playing whole episodes side by side and keeping all that is seen: offline data."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

import hub

Act = Callable[[NDArray[Any], NDArray[np.int64]], NDArray[np.int64]]
"""From the observations (n, ...) of the episodes still running, and their numbers (n,), to their actions (n,)."""


def play(env: str, env_kwargs: Mapping[str, Any], seeds: Sequence[int], act: Act) -> list[hub.OfflineEpisode]:
    """Play one episode for each of `seeds`, all at once, and return them in that order."""
    everyone = np.arange(len(seeds))
    running = np.ones(len(seeds), dtype=np.bool_)
    lengths = np.zeros(len(seeds), dtype=np.int64)
    steps = []
    with contextlib.closing(hub.make_vec(env, len(seeds), autoreset_mode=AutoresetMode.NEXT_STEP, **env_kwargs)) as environment:
        observations = [environment.reset(seed=list(seeds))[0]]  # type: ignore[arg-type]  # Gymnasium's annotation knows no lists
        while running.any():
            actions = np.zeros(len(seeds), dtype=np.int64)
            actions[running] = act(observations[-1][running], everyone[running])
            seen, *outcome, _ = environment.step(actions)
            observations.append(seen)
            steps.append((actions, *outcome))
            lengths += running
            # What ended begins anew, and is no longer looked at.
            running &= ~(outcome[1] | outcome[2])
    shown = np.stack(observations)
    columns = [np.stack(column) for column in zip(*steps, strict=True)]
    episodes = []
    for number, length in enumerate(lengths.tolist()):
        actions, rewards, terminations, truncations = (column[:length, number].copy() for column in columns)
        episodes.append(
            hub.OfflineEpisode(
                observations=shown[: length + 1, number].copy(),
                actions=actions,
                rewards=rewards,
                terminations=terminations,
                truncations=truncations,
                seed=seeds[number],
            )
        )
    return episodes
