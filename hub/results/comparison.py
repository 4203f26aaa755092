"""Comparing results: each side's statistics, chances of improvement for each pair, paired differences where two met the same episodes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hub.errors import UsageError
from hub.results.bootstrap import Floats
from hub.results.files import read_result
from hub.results.models import Result, Summary
from hub.results.scores import direction, episode_scores
from hub.results.statistics import Interval, mean_interval, probability_of_improvement, summarise


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared: a result under the name it is shown by, with its scores (episodes,)."""

    label: str
    result: Result
    scores: Floats
    summary: Summary


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides against each other.

    Attributes:
        first: label of the one.
        second: label of the other.
        improvement: chance that an episode of the first scores better than one of the second, ties counting half.
        paired: how many episodes both played from the same seed.
        difference: mean of first minus second over those episodes (common random numbers), in the metric's unit; None without any.
    """

    first: str
    second: str
    improvement: Interval
    paired: int
    difference: Interval | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sides, pairs and what the reader must be warned of."""

    metric: str
    higher_is_better: bool
    sides: list[Side]
    pairs: list[Pair]
    warnings: list[str]


def compare(paths: Sequence[str]) -> Comparison:
    """Compare the results at `paths` (files or run folders).

    Raises:
        UsageError: no such file, or results that cannot be compared: different environments, environment arguments or
            metrics; the message says which differ.
        DamagedFile: a result cannot be read.
    """
    results = [read_result(path) for path in paths]
    for path, result in zip(paths, results, strict=True):
        _refuse_incomparable(paths[0], results[0], path, result)
    sides = [_side(label, result) for label, result in zip(_labels(paths, results), results, strict=True)]
    return Comparison(
        metric=results[0].protocol.metric,
        higher_is_better=results[0].protocol.higher_is_better,
        sides=sides,
        pairs=[_pair(first, second) for first, second in itertools.combinations(sides, 2)],
        warnings=_warnings(sides),
    )


def _side(label: str, result: Result) -> Side:
    scores = episode_scores(result)
    return Side(label, result, scores, summarise(scores, result.protocol.metric))


def _refuse_incomparable(first_path: str, first: Result, path: str, result: Result) -> None:
    aspects = {
        "environments": (first.env.id, result.env.id),
        "environment arguments": (first.env.kwargs, result.env.kwargs),
        "metrics": (first.protocol.metric, result.protocol.metric),
        "directions (higher_is_better)": (first.protocol.higher_is_better, result.protocol.higher_is_better),
    }
    for aspect, (ours, theirs) in aspects.items():
        if ours != theirs:
            raise UsageError(
                f"{first_path} and {path} cannot be compared: their {aspect} differ ({json.dumps(ours)} and {json.dumps(theirs)});"
                f" compare results that agree in them"
            )


def _labels(paths: Sequence[str], results: Sequence[Result]) -> list[str]:
    """Return the agents' names, with the run's folder or file where two share one."""
    names = [result.agent.label for result in results]
    labels = []
    for index, (name, path) in enumerate(zip(names, paths, strict=True)):
        file = Path(path).resolve()
        place = file.parent.name if file.name == "result.json" else file.stem
        label = name if names.count(name) == 1 else f"{name} ({place})"
        labels.append(label if label not in labels else f"{label} #{index + 1}")
    return labels


def _pair(first: Side, second: Side) -> Pair:
    sign = direction(first.result.protocol)
    difference = _paired_difference(first, second)
    return Pair(
        first=first.label,
        second=second.label,
        improvement=probability_of_improvement(sign * first.scores, sign * second.scores),
        paired=len(difference),
        difference=mean_interval(difference) if len(difference) else None,
    )


def _paired_difference(first: Side, second: Side) -> Floats:
    ours = {episode.seed: score for episode, score in zip(first.result.episodes, first.scores, strict=True)}
    theirs = {episode.seed: score for episode, score in zip(second.result.episodes, second.scores, strict=True)}
    return np.array([ours[seed] - theirs[seed] for seed in ours if seed in theirs], dtype=np.float64)


def _warnings(sides: Sequence[Side]) -> list[str]:
    first, found = sides[0], []
    for side in sides[1:]:
        ours, theirs = _conditions(first.result), _conditions(side.result)
        differing = [f"{key} ({ours[key]} and {theirs[key]})" for key in ours if ours[key] != theirs[key]]
        if differing:
            found.append(f"{first.label} and {side.label} were not judged alike: they differ in {', '.join(differing)}")
    return found


def _conditions(result: Result) -> dict[str, str]:
    """Return what may differ between results that can be compared, but should not."""
    protocol = result.protocol
    return {
        "environment package": f"{result.env.distribution} {result.env.version}",
        "protocol": f"{protocol.name} v{protocol.version}",
        "episodes": str(len(result.episodes)),
        "kind of seeds": protocol.seeds,
        "step limit": str(protocol.max_steps),
        "time limit": str(protocol.max_seconds),
        "arguments for training": json.dumps(protocol.training_kwargs),
    }
