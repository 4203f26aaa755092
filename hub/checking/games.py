"""Checks that a native batch of games computes, player by player, what the parallel environment computes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from hub.checking.batches import WIDTHS, same_info
from hub.checking.leaves import leaves
from hub.checking.lockstep import Call, lockstep
from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough
from hub.checking.verdicts import FaultError

FLAGS = (("rewards", 1), ("terminated", 2), ("truncated", 3))
"""Infos of a batch of games, and where the parallel environment's step returns the same."""


def game_batch_spaces_agree(subject: Subject) -> None:
    """A batch of games says its width, reset mode and players, and its spaces are theirs, stacked by player and then by game."""
    with subject.opened_batch(3) as batch, subject.opened() as env:
        players = list(env.possible_agents)
        facts = [
            ("num_envs", batch.num_envs, 3),
            ("metadata['autoreset_mode']", batch.metadata.get("autoreset_mode"), AutoresetMode.DISABLED),
            ("players", list(getattr(batch, "players", ())), players),
            ("state_space", getattr(batch, "state_space", None), getattr(env, "state_space", None)),
        ]
        for name in ("observation_space", "action_space"):
            slot = batch_space(getattr(env, name)(players[0]), len(players))
            facts += [(f"single_{name}", getattr(batch, f"single_{name}"), slot), (name, getattr(batch, name), batch_space(slot, 3))]
    for name, got, right in facts:
        if got != right:
            raise FaultError(f"{name} is {got}", where="batch of 3", right=str(right))


def game_batch_equals_parallel(subject: Subject) -> None:
    """Every game of a batch is bit for bit the parallel environment's, for each player: at several widths, whatever its neighbours."""
    for width in WIDTHS:
        with subject.opened_batch(width) as batch:
            for call in lockstep(subject, batch, subject.plan.steps if width == 2 else subject.plan.short):
                for slot, single in enumerate(call.singles):
                    _compare_game(call, batch, slot, single)


def _compare_game(call: Call, batch: Any, slot: int, single: Playthrough) -> None:
    """Raise `FaultError` where the batch's slot stands elsewhere than the parallel environment, or was told something else."""
    players = list(single.env.possible_agents)
    where = f"{call.where}, slot {slot}"
    _require([player in single.env.agents for player in players], _row(batch.in_game, slot, where, "in_game"), f"{where}, in_game")
    acted = single.action if single.transcript.length else single.env.agents  # a reset of other slots leaves this one's step as it was
    for place, player in enumerate(players):
        _compare_observation(call.returned[0], (slot, place), single.observation.get(player) if player in acted else None, where, player)
    if getattr(batch, "state_space", None) is not None:
        state = np.asarray(single.env.state(), np.float32)
        _require(state.tolist(), _row(batch.state(), slot, where, "state()"), f"{where}, state()")
    if call.method == "step":
        _compare_step(call, slot, single, where)


def _compare_step(call: Call, slot: int, single: Playthrough, where: str) -> None:
    players, infos = list(single.env.possible_agents), call.returned[4]
    expected: dict[str, list[Any]] = {"acted": [player in single.action for player in players]}
    for name, position in FLAGS:
        expected[name] = [single.returned[position][player] if player in single.action else 0 for player in players]
    for name, right in expected.items():
        _require(right, _row(infos.get(name), slot, where, f"info[{name!r}]"), f"{where}, info[{name!r}]")
    gained = float(call.returned[1][slot])
    if not math.isclose(gained, math.fsum(expected["rewards"]), rel_tol=1e-9, abs_tol=1e-12):
        raise FaultError(f"the reward is {gained!r}", where=where, right=f"{math.fsum(expected['rewards'])!r}, the sum over players")
    truncated = single.over and any(expected["truncated"])
    _require([single.over and not truncated, truncated], [bool(call.returned[2][slot]), bool(call.returned[3][slot])], f"{where}, ends")
    for place, player in enumerate(players):
        for key, right in single.info.get(player, {}).items() if player in single.action else ():
            mask = infos.get(f"_{key}")
            got = infos[key][slot][place] if mask is not None and mask[slot] else None
            if not same_info(right, got):
                raise FaultError(f"info is {got!r}", where=f"{where}, info[{key!r}] of {player}", right=f"{right!r}, as {player} is told")


def _compare_observation(observations: Any, place: tuple[int, int], right: Any, where: str, player: str) -> None:
    """Compare what the batch shows a player with what the parallel environment does: `right`, None for who is out of the game."""
    expected = None if right is None else dict(leaves(right, "observation"))
    for path, stacked in leaves(observations, "observation"):
        own = np.asarray(stacked[place])
        wanted = np.zeros_like(own) if expected is None else np.asarray(expected.get(path))
        if (own.dtype, own.shape, own.tobytes()) != (wanted.dtype, wanted.shape, wanted.tobytes()):
            right_words = "zeros, as for every player out of the game" if expected is None else "the same bits"
            raise FaultError(
                f"{player} is shown something else than in the parallel environment", where=f"{where}, {path}", right=right_words
            )


def _row(values: Any, slot: int, where: str, name: str) -> list[Any]:
    """Return one slot's row of an array that a batch gives, as a list."""
    if not isinstance(values, np.ndarray) or values.ndim < 2:
        raise FaultError(
            f"{name} is a {type(values).__name__} of shape {np.shape(values)}", where=where, right="an array with a row a slot"
        )
    row: list[Any] = values[slot].tolist()
    return row


def _require(right: list[Any], got: list[Any], where: str) -> None:
    if got != right:
        raise FaultError(f"it is {got}", where=where, right=f"{right}, as in the parallel environment")
