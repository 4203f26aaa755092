"""Datasets made by hand."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space

import hub
from hub.datasets.provenance import Contents, Provenance, RecipeRecord, contents_of
from hub.results.models import EnvironmentRecord

BOX = spaces.Box(-np.inf, np.inf, (2,), np.float32)
COIN = spaces.Discrete(2)


def episode(length: int, seed: int | None = 0, *, truncated: bool = False, observations: Any = None, actions: Any = None) -> Any:
    """Return an episode that ends in its last step."""
    last = np.arange(length) == length - 1
    return hub.OfflineEpisode(
        observations=np.arange(2 * length + 2, dtype=np.float32).reshape(-1, 2) if observations is None else observations,
        actions=np.arange(length) % 2 if actions is None else actions,
        rewards=np.linspace(0, 1, length),
        terminations=last & (not truncated),
        truncations=last & truncated,
        seed=seed,
    )


def dataset(episodes: Any, *, name: str = "quarry/made-v0", observations: Any = BOX, actions: Any = COIN) -> hub.OfflineDataset:
    return hub.OfflineDataset(
        name=name,
        env_id="quarry/Pit-v0",
        env_kwargs={"part": "test"},
        observation_space=observations,
        action_space=actions,
        episodes=tuple(episodes),
    )


def provenance(contents: Contents) -> Provenance:
    return Provenance(
        command="hub data record quarry/made-v0",
        env=EnvironmentRecord(id="quarry/Pit-v0", kwargs={"part": "test"}, plugin="quarry", distribution="hub-quarry", version="1.0"),
        recipe=RecipeRecord(function="hub_quarry:made", plugin="quarry", distribution="hub-quarry", version="1.0"),
        versions={"python": "3"},
        contents=contents,
    )


def write(made: hub.OfflineDataset, *, replace: bool = False) -> None:
    """Keep a dataset as the recording commands do."""
    from hub.datasets import store

    store.write(made, provenance(contents_of(made.episodes)), hub.make("quarry/Pit-v0", part="test"), replace=replace)


def sampled(space: gym.Space[Any], count: int, seed: int) -> Any:
    """Return `count` stacked values of a space."""
    batch = batch_space(space, count)
    batch.seed(seed)
    return batch.sample()
