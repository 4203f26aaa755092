"""OSWorld's rules for the score of an episode."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hub_envs.osworld.client import DesktopError
from hub_envs.osworld.context import Context
from hub_envs.osworld.evaluators import Evaluators
from hub_envs.osworld.setup import prepare
from hub_envs.osworld.task import Check, Task


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an episode earned.

    Attributes:
        score: in [0, 1].
        trouble: why a metric could not judge, which counts as 0; empty otherwise.
        seconds: that it took.
    """

    score: float
    trouble: str
    seconds: float


def evaluate(task: Task, context: Context, evaluators: Evaluators, *, failed: bool) -> Verdict:
    """Judge the desktop as it stands.

    `postconfig` is carried out first. A task that cannot be done scores 1 if the last action was FAIL, else 0; in any other, FAIL scores 0.
    A result that is not there scores 0. Several metrics: `and` is 0 at the first 0, else their mean; `or` is the best.

    Args:
        task: what was to be done.
        context: the episode's desktop and folders.
        evaluators: whose getters and metrics judge.
        failed: whether the last action was FAIL.

    Raises:
        DesktopError: the desktop does not answer.
    """
    start = time.monotonic()
    troubles: list[str] = []
    score = _score(task, context, evaluators, failed, troubles)
    return Verdict(score, "; ".join(troubles), time.monotonic() - start)


def _score(task: Task, context: Context, evaluators: Evaluators, failed: bool, troubles: list[str]) -> float:
    if failed or not task.feasible:
        return float(failed and not task.feasible)
    prepare(context, task.postconfig)
    scores = []
    for check in task.checks:
        score = _judge(check, context, evaluators, troubles)
        if task.conj == "and" and score == 0.0:
            return 0.0
        if task.conj == "or" and score == 1.0:
            return 1.0
        scores.append(score)
    return sum(scores) / len(scores) if task.conj == "and" else max(scores)


def _judge(check: Check, context: Context, evaluators: Evaluators, troubles: list[str]) -> float:
    """Return one metric's score, held to [0, 1]."""
    try:
        given = []
        for part in (check.result, check.expected):
            if part is not None:
                value = evaluators.getters[part["type"]](context, part)
                if value is None and part is check.result:
                    return 0.0
                given.append(value)
        return min(max(float(evaluators.metrics[check.func](*given, **check.options)), 0.0), 1.0)
    except DesktopError:
        raise
    except FileNotFoundError:
        return 0.0
    except Exception as trouble:  # the agent may leave files that no reader expects
        troubles.append(f"{check.func}: {trouble!r}")
        return 0.0
