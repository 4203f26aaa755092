"""Ranking agents with uncertainty: which differences the episodes support, and which they do not.

**Score.** A run's score on a task is the mean of the protocol's metric over its episodes, normalised where the board allows it: 0 is what
the first null agent scored on that task, 100 the task's upper bound. An agent's score is the IQM of these over all its runs and tasks.

**Interval.** Tasks are strata. A draw redraws, within each task, the agent's runs and the evaluation episodes, and takes the score of what
was drawn. Runs that were evaluated on the same seeds share the drawn episodes, so the difference between two agents is a paired one
wherever they met the same episodes, and an unpaired one elsewhere. With a single run on each task the interval covers the chance in the
episodes, not the chance in training.

**Tie groups.** Agents are sorted by score. The best one not yet placed leads a group, which takes in the agents that follow as long as the
95 % interval of the difference to the leader includes 0; the first agent whose interval excludes 0 leads the next group. All of a group
share its rank: one more than the number of agents in the groups above.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hub.leaderboards.models import BoardDocument, BoardTask
from hub.results.bootstrap import Floats, draw_indices, stream
from hub.results.generalisation import episode_gaps
from hub.results.models import Result
from hub.results.scores import direction, episode_scores, episode_values
from hub.results.statistics import Interval, iqm, mean

DRAWS = 2000
Measure = Callable[[Result], Floats]
"""What is averaged: a number for each episode of a result."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One agent in one configuration, from one source, with its runs on each task (by the task's name)."""

    label: str
    source: str
    runs: Mapping[str, Sequence[Result]]

    @property
    def results(self) -> list[Result]:
        """All runs, in the tasks' order."""
        return [result for results in self.runs.values() for result in results]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in the ranking.

    Attributes:
        entry: who.
        rank: 1 is best; shared within a tie group.
        score: IQM over runs and tasks with its interval; normalised when the ranking is.
        mean: mean over tasks of the protocol's metric, as measured.
        normalised_mean: mean over tasks of the normalised score; None when the board defines none.
        gap: mean over tasks of the generalisation gap, in the metric's unit, with an interval drawn as the score's; None unless all its
            results have one.
        beside: the same of everything that the protocol shows beside the score, by its name.
    """

    entry: Entry
    rank: int
    score: Interval
    mean: float
    normalised_mean: float | None
    gap: Interval | None
    beside: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class Scale:
    """How the scores of one task are normalised: `zero` becomes 0 and `full` becomes 100."""

    zero: float
    full: float

    def __call__(self, scores: Floats) -> Floats:
        """Return the normalised scores."""
        return 100.0 * (scores - self.zero) / (self.full - self.zero)


def scales(document: BoardDocument, entries: Sequence[Entry]) -> dict[str, Scale] | None:
    """Return each task's scale, or None where a task has no upper bound, no result of the first null agent, or no room between the two."""
    null = next((entry for entry in entries if document.null_agents[:1] == [entry.label]), None)
    if null is None:
        return None
    found = {}
    for task in document.tasks:
        runs = null.runs.get(task.name)
        if task.upper_bound is None or not runs:
            return None
        zero = mean([float(episode_scores(run).mean()) for run in runs])
        if zero == task.upper_bound:
            return None
        found[task.name] = Scale(zero, task.upper_bound)
    return found


def rank(document: BoardDocument, entries: Sequence[Entry]) -> list[Ranked]:
    """Rank the entries that played every task, best first, in tie groups."""
    complete = [entry for entry in entries if all(entry.runs.get(task.name) for task in document.tasks)]
    by_task = scales(document, entries)
    sign = direction(document.protocol) if by_task is None else 1.0
    points = {entry.label: iqm(_run_means(document, entry, by_task)) for entry in complete}
    drawn = {entry.label: _draws(document, entry, by_task) for entry in complete}
    order = sorted(complete, key=lambda entry: (-sign * points[entry.label], entry.label))
    ranks = _tie_ranks([drawn[entry.label] for entry in order])
    return [
        Ranked(
            entry=entry,
            rank=place,
            score=Interval.of(points[entry.label], drawn[entry.label]),
            mean=_task_mean(document, entry, None),
            normalised_mean=None if by_task is None else _task_mean(document, entry, by_task),
            gap=_gap(document, entry),
            beside={name: _mean_of(document, entry, functools.partial(episode_values, metric=name)) for name in document.protocol.beside},
        )
        for entry, place in zip(order, ranks, strict=True)
    ]


def _tie_ranks(drawn: Sequence[Floats]) -> list[int]:
    """Return the rank of each of the agents, given the draws of their scores, best agent first."""
    ranks: list[int] = []
    leader = 0
    for place, draws in enumerate(drawn):
        difference = draws - drawn[leader]
        if Interval.of(float(difference.mean()), difference).excludes(0.0):
            leader = place
        ranks.append(leader + 1)
    return ranks


def _run_means(document: BoardDocument, entry: Entry, by_task: Mapping[str, Scale] | None) -> Floats:
    return np.concatenate([_scaled(_scores(entry, task).mean(axis=1), task, by_task) for task in document.tasks])


def _task_mean(document: BoardDocument, entry: Entry, by_task: Mapping[str, Scale] | None) -> float:
    return mean([float(_scaled(_scores(entry, task).mean(axis=1), task, by_task).mean()) for task in document.tasks])


def _gap(document: BoardDocument, entry: Entry) -> Interval | None:
    """Return the entry's mean gap over tasks, unless a result has none."""
    if any(result.generalisation is None for result in entry.results):
        return None
    return _mean_of(document, entry, episode_gaps)


def _mean_of(document: BoardDocument, entry: Entry, measure: Measure) -> Interval:
    """Return the mean over tasks of what `measure` says of the entry's episodes, with an interval drawn as the score's."""
    estimate = mean([float(_scores(entry, task, measure).mean()) for task in document.tasks])
    drawn = np.mean([_drawn_means(entry, task, measure).mean(axis=1) for task in document.tasks], axis=0)
    return Interval.of(estimate, drawn)


def _scores(entry: Entry, task: BoardTask, measure: Measure = episode_scores) -> Floats:
    """Return the scores (runs, episodes) of an entry on a task, or what else `measure` says of each episode."""
    return np.stack([measure(run) for run in entry.runs[task.name]])


def _scaled(scores: Floats, task: BoardTask, by_task: Mapping[str, Scale] | None) -> Floats:
    return scores if by_task is None else by_task[task.name](scores)


def _draws(document: BoardDocument, entry: Entry, by_task: Mapping[str, Scale] | None) -> Floats:
    """Return the agent's score in each bootstrap draw, (draws,)."""
    columns = np.concatenate([_scaled(_drawn_means(entry, task), task, by_task) for task in document.tasks], axis=1)
    columns.sort(axis=1)
    cut = columns.shape[1] // 4
    middle: Floats = columns[:, cut : columns.shape[1] - cut].mean(axis=1)
    return middle


def _drawn_means(entry: Entry, task: BoardTask, measure: Measure = episode_scores) -> Floats:
    """Return the mean score (or other measure) of each redrawn run over the redrawn episodes, (draws, runs)."""
    scores = _scores(entry, task, measure)
    runs, episodes = scores.shape
    means = np.empty((DRAWS, runs))
    for column, run in enumerate(entry.runs[task.name]):
        shared = stream(task.name.encode(), repr([episode.seed for episode in run.episodes]).encode())
        means[:, column] = scores[column][draw_indices(shared, episodes, (DRAWS, episodes))].mean(axis=1)
    own = stream(task.name.encode(), entry.label.encode(), b"runs")
    return np.take_along_axis(means, draw_indices(own, runs, (DRAWS, runs)), axis=1)
