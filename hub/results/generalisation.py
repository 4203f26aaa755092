"""The generalisation gap: how much better an agent is where it trained than where it is evaluated.

A protocol that holds levels back evaluates under some environment arguments and lets agents train under others. Every run then plays its
seeds twice, first under the evaluated arguments, then under those of training; an agent that never trained shows how alike the two are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from hub.results.bootstrap import Floats
from hub.results.models import Episode, Generalisation, ProtocolRecord, Result
from hub.results.scores import direction, episode_score
from hub.results.statistics import Interval, mean_interval, summarise


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


def episode_gaps(result: Result) -> Floats:
    """Return how much better each seed's episode was where the agent trained, (episodes,); the result must have a generalisation."""
    assert result.generalisation is not None
    return _gaps(result.protocol, result.episodes, result.generalisation.episodes)


def gap_of(result: Result) -> Interval | None:
    """Return the gap with its interval; None for a result without one."""
    found = result.generalisation
    return None if found is None else Interval(found.gap, found.ci_low, found.ci_high, found.confidence)


def explain_gap(results: Iterable[Result]) -> str | None:
    """Say what the gaps of `results` are, for the foot of a table; None when none has one."""
    for result in results:
        if result.generalisation is not None:
            arguments = ", ".join(f"{key}={value}" for key, value in result.protocol.training_kwargs.items())
            return f"gap: how much better where agents train ({arguments}) than here, from the same seeds, with its 95 % interval"
    return None


def _gaps(protocol: ProtocolRecord, held_out: Sequence[Episode], trained: Sequence[Episode]) -> Floats:
    pairs = [[episode_score(episode, protocol.metric) for episode in each] for each in zip(trained, held_out, strict=True)]
    there, here = np.array(pairs, dtype=np.float64).T
    gaps: Floats = direction(protocol) * (there - here)
    return gaps
