"""A native batched environment and single ones playing the same episodes side by side."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import Space
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import concatenate, create_empty_array

from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough
from hub.checking.verdicts import FaultError, one_line

ABANDONED = {7: 0, 11: -1}
"""Calls after which a slot drops its episode, so that masked resets happen while the neighbours play."""


@dataclass(frozen=True, slots=True)
class Call:
    """One `reset` or `step` of the batch, and where the single environments stand after the same.

    Attributes:
        number: counts the calls.
        method: `"reset"` or `"step"`.
        returned: what the batch returned.
        action: the stacked actions; None at a reset.
        singles: the single environment of each slot.
        rows: slots that this call moved.
    """

    number: int
    method: str
    returned: tuple[Any, ...]
    action: Any
    singles: list[Playthrough]
    rows: list[int]

    @property
    def where(self) -> str:
        """The place for reports."""
        return f"batch of {len(self.singles)}, call {self.number} ({self.method})"


def lockstep(subject: Subject, batch: VectorEnv[Any, Any, Any], calls: int) -> Iterator[Call]:
    """Play `calls` steps and the resets between them, as the evaluator does: a slot that is free takes the next episode at once.

    Raises:
        FaultError: the batch raised or returned something other than its tuple.
    """
    subject.require_playable()
    width = batch.num_envs
    with contextlib.ExitStack() as stack:
        envs = [stack.enter_context(subject.opened()) for _ in range(width)]
        seeds = [subject.plan.seed + slot for slot in range(width)]
        singles = [Playthrough(env, index=slot, seed=seed) for slot, (env, seed) in enumerate(zip(envs, seeds, strict=True))]
        yield Call(0, "reset", _call(batch, "reset", 2, 0, seed=list(seeds)), None, singles, list(range(width)))
        started, number = width, 0
        for step in range(1, calls + 1):
            actions = [single.actions.choose(single.observation, single.info) for single in singles]
            action = stacked(batch.single_action_space, [slot_action(batch, own) for own in actions])
            number += 1
            returned = _call(batch, "step", 5, number, action)
            for single, own in zip(singles, actions, strict=True):
                single.take(own)
            yield Call(number, "step", returned, action, singles, list(range(width)))
            free = {slot for slot, single in enumerate(singles) if single.over} | (
                {ABANDONED[step] % width} if step in ABANDONED else set()
            )
            if free:
                number += 1
                for slot in free:
                    seeds[slot] = subject.plan.seed + started
                    singles[slot] = Playthrough(envs[slot], index=started, seed=seeds[slot])
                    started += 1
                mask = np.isin(np.arange(width), list(free))
                returned = _call(batch, "reset", 2, number, seed=list(seeds), options={"reset_mask": mask})
                yield Call(number, "reset", returned, None, singles, sorted(free))


def slot_action(batch: Any, action: Any) -> Any:
    """Return what a slot of the batch is given for `action`: in a game its players' actions, stacked.

    Players out of the game get somebody else's action, which the batch has to ignore.
    """
    if not isinstance(action, dict) or not hasattr(batch, "players"):
        return action
    anybody = next(iter(action.values()))
    return np.stack([action.get(player, anybody) for player in batch.players])


def stacked(space: Space[Any], values: list[Any]) -> Any:
    """Stack values of `space` as Gymnasium's batched environments do."""
    empty: Any = create_empty_array(space, len(values))
    return concatenate(space, values, empty)


def _call(batch: VectorEnv[Any, Any, Any], method: str, size: int, number: int, *arguments: Any, **keywords: Any) -> tuple[Any, ...]:
    where = f"batch of {batch.num_envs}, call {number} ({method})"
    try:
        returned = getattr(batch, method)(*arguments, **keywords)
    except Exception as error:
        raise FaultError(f"{method} raised {one_line(error)}", where=where, right=f"{method} returns") from error
    if not isinstance(returned, tuple) or len(returned) != size:
        raise FaultError(f"{method} returned a {type(returned).__name__}", where=where, right=f"a tuple of {size}")
    return returned
