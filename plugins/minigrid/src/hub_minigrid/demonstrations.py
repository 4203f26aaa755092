"""Demonstrations: the first episodes of a recorded dataset, as imitation wants them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import hub
from hub.errors import UsageError
from hub_minigrid.episodes import Episode
from hub_minigrid.rapid import Transitions


def demonstrations(task: hub.Task, dataset: str, trajectories: int | None) -> list[Episode]:
    """Return the first `trajectories` episodes of a dataset on this machine; all of them for None.

    They may come from another environment than the task's, as long as its spaces are the same.

    Raises:
        UsageError: the dataset is not there, has fewer episodes, or was recorded with other spaces.
        DamagedFile: it cannot be read.
    """
    loaded = hub.load_dataset(dataset)
    pairs = ((loaded.observation_space, task.observation_space, "observations"), (loaded.action_space, task.action_space, "actions"))
    for theirs, ours, word in pairs:
        if theirs != ours:
            raise UsageError(f"{dataset} does not fit {task.env_id}: its {word} are {theirs}, those of the environment {ours}")
    if trajectories is not None and trajectories > len(loaded.episodes):
        raise UsageError(f"{dataset} has {len(loaded.episodes)} trajectories, not {trajectories}; ask for fewer or record more")
    return [
        Episode(episode.observations[:-1], np.asarray(episode.actions, dtype=np.int64), episode.return_)
        for episode in loaded.episodes[:trajectories]
    ]


def transitions_of(episodes: Sequence[Episode]) -> Transitions:
    """Return the transitions of all episodes, one after the other."""
    return Transitions(
        np.concatenate([episode.observations for episode in episodes]), np.concatenate([episode.actions for episode in episodes])
    )


def missing_demonstrations(agent: str) -> UsageError:
    """Return the error of an agent that was given no demonstrations."""
    return UsageError(f"agent {agent} needs demonstrations: give --agent-arg demos=DATASET; `hub list datasets` shows which there are")
