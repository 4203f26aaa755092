"""Checks that a native batched environment computes, slot by slot, what the single one computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space, iterate

from hub.checking.actions import Actions
from hub.checking.leaves import fingerprints, first_difference, leaves
from hub.checking.lockstep import Call, lockstep, slot_action, stacked
from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough
from hub.checking.verdicts import FaultError, NotApplicableError, one_line

WIDTHS = (1, 2, 7)


def batch_spaces_agree(subject: Subject) -> None:
    """A batch says its width and reset mode, and its spaces are the single environment's, stacked."""
    with subject.opened_batch(3) as batch, subject.opened() as env:
        facts = [
            ("num_envs", batch.num_envs, 3),
            ("metadata['autoreset_mode']", batch.metadata.get("autoreset_mode"), AutoresetMode.DISABLED),
        ]
        for name in ("observation_space", "action_space"):
            single = getattr(env, name)
            facts += [(f"single_{name}", getattr(batch, f"single_{name}"), single), (name, getattr(batch, name), batch_space(single, 3))]
    for name, got, right in facts:
        if got != right:
            raise FaultError(f"{name} is {got}", where="batch of 3", right=str(right))


def batch_equals_single(subject: Subject) -> None:
    """Every episode of a batch is bit for bit the single environment's: at several widths, whatever its slot and neighbours."""
    for width in WIDTHS:
        with subject.opened_batch(width) as batch:
            for call in lockstep(subject, batch, subject.plan.steps if width == 2 else subject.plan.short):
                _compare_observations(call, batch.single_observation_space)
                if call.method == "step":
                    _compare_outcomes(call)


def batch_infos_agree(subject: Subject) -> None:
    """A batch gives the single environment's infos in Gymnasium's batched form: `info[key][slot]`, with `info["_key"]` as mask."""
    with subject.opened_batch(3) as batch:
        for call in lockstep(subject, batch, subject.plan.short):
            for slot in call.rows:
                for path, expected, got in _infos(call.singles[slot].info, call.returned[-1], slot):
                    if not same_info(expected, got):
                        raise FaultError(
                            f"info is {got!r}",
                            where=f"{call.where}, slot {slot}, {path}",
                            right=f"{expected!r}, as the single environment gives",
                        )


def batch_values_stay(subject: Subject) -> None:
    """What a batch returned earlier does not change when it goes on, and it leaves its actions alone."""
    kept: list[tuple[str, str, Any, dict[str, bytes]]] = []
    with subject.opened_batch(3) as batch:
        for call in lockstep(subject, batch, subject.plan.short):
            names = ("observation", "info") if call.method == "reset" else ("observation", "reward", "terminated", "truncated", "info")
            for name, value in zip(names, call.returned, strict=True):
                kept.append((call.where, name, value, fingerprints(value, name)))
            if call.action is not None:
                again = stacked(batch.single_action_space, [slot_action(batch, single.action) for single in call.singles])
                key = first_difference(fingerprints(again, "action"), fingerprints(call.action, "action"))
                if key is not None:
                    raise FaultError("step changed the actions it was given", where=f"{call.where}, {key}", right="clip and scale a copy")
    for where, name, value, before in kept:
        key = first_difference(before, fingerprints(value, name))
        if key is not None:
            raise FaultError(f"the {name} returned here changed later", where=f"{where}, {key}", right="new arrays at every call")


def batch_resets_only_masked(subject: Subject) -> None:
    """A masked reset leaves the rows of the other slots' observations as they were."""
    seed = subject.plan.seed
    with subject.opened_batch(3) as batch:
        first, _ = batch.reset(seed=[seed, seed + 1, seed + 2])
        before = [fingerprints(row, "observation") for row in iterate(batch.observation_space, first)]
        again, _ = batch.reset(seed=[seed + 3, seed, seed + 5], options={"reset_mask": np.array([False, True, False])})
        for slot, row in enumerate(iterate(batch.observation_space, again)):
            key = first_difference(before[0 if slot == 1 else slot], fingerprints(row, "observation"))
            if key is not None:
                right = "the episode of its seed" if slot == 1 else "its observation as it was: the mask leaves it out"
                raise FaultError(
                    f"after reset_mask=[False, True, False] slot {slot} shows another observation", where=f"batch of 3, {key}", right=right
                )


def batch_never_restarts(subject: Subject) -> None:
    """With automatic resets off, a slot that ended starts no new episode by itself: it stays ended or refuses to be stepped."""
    subject.require_playable()
    seed = subject.plan.seed
    with subject.opened_batch(2) as batch, subject.opened() as env:
        single = Playthrough(env, seed=seed)
        single.finish(subject.plan.steps)
        if not single.over:
            raise NotApplicableError(f"no episode ended within {subject.plan.steps} steps")
        actions = Actions(env, seed)
        observation, _ = batch.reset(seed=[seed, seed])
        for step in range(1, single.transcript.length + 3):
            row = next(iter(iterate(batch.observation_space, observation)))
            action = actions.choose(row, {})
            try:
                observation, _, terminated, truncated, _ = batch.step(stacked(batch.single_action_space, [action, action]))
            except Exception as error:
                if step > single.transcript.length:
                    return
                raise FaultError(f"step raised {one_line(error)}", where=f"batch of 2, step {step}", right="step returns") from error
    if not (terminated | truncated).all() and _stays_over(single):
        raise FaultError(
            "slots went on by themselves after their episodes had ended",
            where=f"batch of 2, step {step}",
            right="they stay ended until they are reset",
        )


def _stays_over(single: Playthrough) -> bool:
    """Whether the single environment calls its episode over, or raises, when it is stepped beyond the end."""
    try:
        single.step()
    except FaultError:
        return True
    return single.over


def _compare_observations(call: Call, space: Any) -> None:
    expected = dict(leaves(stacked(space, [single.observation for single in call.singles]), "observation"))
    got = dict(leaves(call.returned[0], "observation"))
    for path, right in expected.items():
        own = got.get(path)
        if not isinstance(right, np.ndarray):
            agree = fingerprints(right, "") == fingerprints(own, "")
        else:
            agree = isinstance(own, np.ndarray) and (own.dtype, own.shape, own.tobytes()) == (right.dtype, right.shape, right.tobytes())
        if not agree:
            raise FaultError(
                "the batch observes something else than the single environment",
                where=f"{call.where}, {_slot(right, own)}{path}",
                right="the same bits",
            )


def _slot(right: Any, got: Any) -> str:
    if not isinstance(right, np.ndarray) or not isinstance(got, np.ndarray):
        return ""
    if (right.dtype, right.shape) != (got.dtype, got.shape):
        return f"{got.dtype} {got.shape} instead of {right.dtype} {right.shape}, "
    return next(
        (f"slot {slot}, " for slot, (one, other) in enumerate(zip(right, got, strict=True)) if one.tobytes() != other.tobytes()), ""
    )


def _compare_outcomes(call: Call) -> None:
    for name, got, position in (("reward", call.returned[1], 1), ("terminated", call.returned[2], 2), ("truncated", call.returned[3], 3)):
        if not isinstance(got, np.ndarray) or got.shape != (len(call.singles),):
            raise FaultError(
                f"{name} is a {type(got).__name__} of shape {np.shape(got)}",
                where=call.where,
                right=f"an array of shape ({len(call.singles)},)",
            )
        for slot, single in enumerate(call.singles):
            right = single.returned[position]
            if float(got[slot]) != float(right):
                raise FaultError(
                    f"{name} is {got[slot]!r}",
                    where=f"{call.where}, slot {slot}, {name}",
                    right=f"{right!r}, as the single environment gives",
                )


def _infos(single: Mapping[str, Any], batch: Mapping[str, Any], slot: int, path: str = "info") -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, expected, got) for every info of one slot; `got` is None where the batch gives none."""
    for key, value in single.items():
        where = f"{path}[{key!r}]"
        mask = batch.get(f"_{key}")
        if key not in batch or mask is None or not mask[slot]:
            yield where, value, None
        elif isinstance(value, Mapping):
            yield from _infos(value, batch[key], slot, where)
        else:
            yield where, value, batch[key][slot]


def same_info(expected: Any, got: Any) -> bool:
    """Whether a batch gives one slot the info that the single environment gives; `got` is None where it gives none."""
    if got is None:
        return expected is None
    if isinstance(expected, np.ndarray | np.generic | int | float | bool):
        return np.array_equal(np.asarray(expected), np.asarray(got), equal_nan=np.asarray(expected).dtype.kind == "f")
    return bool(expected == got)
