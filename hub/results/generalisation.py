"""The generalisation gap: how much better an agent is where it trained than where it is evaluated.

A protocol that holds levels back evaluates under some environment arguments and lets agents train under others. Every run then plays its
seeds twice, first under the evaluated arguments, then under those of training; an agent that never trained shows how alike the two are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hub.results.bootstrap import Floats
from hub.results.models import Episode, Generalisation, ProtocolRecord, Result
from hub.results.scores import direction, episode_score
from hub.results.statistics import mean_interval, summarise


def training_kwargs(kwargs: Mapping[str, Any], protocol: ProtocolRecord) -> dict[str, Any]:
    """Return the environment's arguments while an agent trains: those it is evaluated under, and the protocol's for training over them."""
    return dict(sorted({**kwargs, **protocol.training_kwargs}.items()))


def generalise(kwargs: dict[str, Any], protocol: ProtocolRecord, held_out: Sequence[Episode], trained: Sequence[Episode]) -> Generalisation:
    """Return the part of a result that tells the gap.

    Args:
        kwargs: the environment's arguments while an agent trains.
        protocol: under which both were played.
        held_out: the result's own episodes.
        trained: the episodes from the same seeds under `kwargs`, in the same order.

    Raises:
        HubError: the scores allow no statistics.
    """
    gap = mean_interval(_gaps(protocol, held_out, trained))
    return Generalisation(
        kwargs=kwargs,
        episodes=list(trained),
        summary=summarise([episode_score(episode, protocol.metric) for episode in trained], protocol.metric),
        gap=gap.estimate,
        ci_low=gap.low,
        ci_high=gap.high,
        confidence=gap.confidence,
    )


def episode_gaps(result: Result) -> Floats | None:
    """Return how much better each seed's episode was under training's arguments, (episodes,); None for a result without such episodes."""
    return None if result.generalisation is None else _gaps(result.protocol, result.episodes, result.generalisation.episodes)


def _gaps(protocol: ProtocolRecord, held_out: Sequence[Episode], trained: Sequence[Episode]) -> Floats:
    pairs = [[episode_score(episode, protocol.metric) for episode in each] for each in zip(trained, held_out, strict=True)]
    there, here = np.array(pairs, dtype=np.float64).T
    gaps: Floats = direction(protocol) * (there - here)
    return gaps
