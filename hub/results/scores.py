"""Scores of a result's episodes under its own protocol."""

from __future__ import annotations

import numpy as np

from hub.errors import DamagedFile
from hub.results.bootstrap import Floats
from hub.results.models import Episode, ProtocolRecord, Result


def episode_score(episode: Episode, metric: str) -> float:
    """Return the episode's value of `metric`: its return, or one of its metrics.

    Raises:
        DamagedFile: the episode has no such metric.
    """
    if metric == "return":
        return episode.return_
    if metric not in episode.metrics:
        raise DamagedFile(f"episode {episode.index} has no metric {metric!r}, by which its protocol judges")
    return episode.metrics[metric]


def episode_scores(result: Result) -> Floats:
    """Return the score of each episode, (episodes,), in the order of the document."""
    return episode_values(result, result.protocol.metric)


def episode_values(result: Result, metric: str) -> Floats:
    """Return each episode's value of `metric`, (episodes,), in the order of the document; raises as `episode_score` does."""
    return np.array([episode_score(episode, metric) for episode in result.episodes], dtype=np.float64)


def direction(protocol: ProtocolRecord) -> float:
    """Return 1 where higher scores are better, else -1."""
    return 1.0 if protocol.higher_is_better else -1.0
