"""Receipts: what lets others replay an episode without its agent, and proves that what they see is what was recorded.

Each episode leaves three digests, of its actions, its observations (the first included) and its outcomes (rewards, terminations,
truncations). A stream's digest is the BLAKE2b-128 of the digests of its leaves, each a BLAKE2b-128 over the leaf's header (path, dtype,
shape) and the canonical bytes of all its values in order of time. Cheap environments are never hashed step by step: steps gather in a
buffer per slot and are hashed a stretch at a time, which gives the same digest however the stretches fall. Large values are never gathered.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from hub.errors import DamagedFile
from hub.results.models import ActionLog, Digests, Episode
from hub.running.canonical import array_bytes, array_elements, header, value_bytes
from hub.running.worlds.base import Tick
from hub.running.worlds.layouts import Layout
from hub.running.worlds.leaves import Column, Leaf, Players

DIGEST_BYTES = 16
_STRETCH_BYTES = 2**20
_STRETCH_STEPS = 1024
_LARGE_BYTES = 2**16
"""Values of at least so many bytes, screens above all, are hashed as they come."""
_LARGEST_LOG_BYTES = 2**30


class Stream:
    """Digests of what happens in numbered slots, one episode after the other in each.

    Args:
        layout: of the values.
        slots: how many slots.
        keep: also keep the values of the running episodes, for `Kept`.
    """

    def __init__(self, layout: Layout, slots: int, *, keep: bool = False) -> None:
        self._layout = layout
        self._fresh = [_hasher(header(leaf)) for leaf in layout.leaves]
        self._hashers: list[list[Any]] = [[] for _ in range(slots)]
        self._start = [-1] * slots  # where the slot's unhashed stretch begins; -1 for a slot without an episode
        self._now = 0
        gathered = [leaf.fixed and _bytes(leaf) < _LARGE_BYTES for leaf in layout.leaves]
        self._steps = _stretch_steps(sum(_bytes(leaf) for leaf, small in zip(layout.leaves, gathered, strict=True) if small))
        self._buffers = [
            np.empty((slots, self._steps, *leaf.shape), leaf.dtype) if small else None
            for leaf, small in zip(layout.leaves, gathered, strict=True)
        ]
        self._keep = keep
        self._kept: list[list[list[Any]]] = [[] for _ in range(slots)]

    def begin(self, slot: int) -> None:
        """Start an episode in `slot`."""
        self._hashers[slot] = [hasher.copy() for hasher in self._fresh]
        self._start[slot] = self._now
        self._kept[slot] = [[] for _ in self._fresh]

    def add_one(self, slot: int, columns: Sequence[Column], row: int) -> None:
        """Add one value of an episode that has just begun: the given row of the columns."""
        for leaf, hasher, column in zip(self._layout.leaves, self._hashers[slot], columns, strict=True):
            hasher.update(array_elements(column[row]) if leaf.fixed else value_bytes(leaf.space, column[row]))

    def add(self, slots: np.ndarray, columns: Sequence[Column]) -> None:
        """Add one value to each of `slots`: its row of the columns."""
        everywhere = slots if len(slots) < len(self._start) else slice(None)
        for position, (buffer, column) in enumerate(zip(self._buffers, columns, strict=True)):
            if buffer is not None:
                buffer[everywhere, self._now] = column
            elif self._layout.leaves[position].fixed:
                self._add_large(position, slots, column)
            else:
                self._add_free(position, slots, column)
        self._now += 1
        if self._now == self._steps:
            for slot, start in enumerate(self._start):
                if start >= 0:
                    self._hash_stretch(slot)
                    self._start[slot] = 0
            self._now = 0

    def finish(self, slot: int) -> str:
        """End the slot's episode and return its digest in hexadecimal digits."""
        self._hash_stretch(slot)
        self._start[slot] = -1
        return _hasher(*(hasher.digest() for hasher in self._hashers[slot])).hexdigest()

    def kept(self, slot: int) -> list[list[Any]]:
        """Return what was kept of the slot's last episode: for each leaf pieces of canonical bytes if it is fixed, else its values."""
        return self._kept[slot]

    def _add_large(self, position: int, slots: np.ndarray, column: np.ndarray) -> None:
        """Hash values at once that are so large that gathering them would only copy them."""
        for slot, value in zip(slots.tolist(), column, strict=True):
            self._hashers[slot][position].update(array_elements(value))
            if self._keep:
                self._kept[slot][position].append(array_bytes(value))

    def _add_free(self, position: int, slots: np.ndarray, column: Sequence[Any]) -> None:
        space = self._layout.leaves[position].space
        for slot, value in zip(slots.tolist(), column, strict=True):
            self._hashers[slot][position].update(value_bytes(space, value))
            if self._keep:
                self._kept[slot][position].append(copy.deepcopy(value))

    def _hash_stretch(self, slot: int) -> None:
        start = self._start[slot]
        if start == self._now:
            return
        for position, buffer in enumerate(self._buffers):
            if buffer is not None:
                stretch = array_elements(buffer[slot, start : self._now])
                self._hashers[slot][position].update(stretch)
                if self._keep:
                    self._kept[slot][position].append(stretch.tobytes())


class Recorder:
    """Receipts of the episodes that run in a world's slots.

    Args:
        observations: layout of observations.
        actions: layout of actions.
        slots: how many slots.
        players: names of the players of a parallel environment.
        record_actions: whether to keep the action log too.
    """

    def __init__(
        self, observations: Layout, actions: Layout, slots: int, players: Sequence[str] = (), *, record_actions: bool = True
    ) -> None:
        self._observations = Stream(observations, slots)
        self._actions = Stream(actions, slots, keep=record_actions)
        self._outcomes = Stream(_outcomes(players), slots)
        self._action_layout = actions
        self._record_actions = record_actions

    def begin(self, slots: Sequence[int], observations: Sequence[Column]) -> None:
        """Start episodes in `slots` with their first observations, one row a slot."""
        for row, slot in enumerate(slots):
            for stream in (self._observations, self._actions, self._outcomes):
                stream.begin(slot)
            self._observations.add_one(slot, observations, row)

    def acted(self, slots: np.ndarray, actions: Sequence[Column]) -> None:
        """Record the actions of one step."""
        self._actions.add(slots, actions)

    def stepped(self, slots: np.ndarray, tick: Tick) -> None:
        """Record what the step led to."""
        self._observations.add(slots, tick.observations)
        outcomes = [tick.rewards, tick.terminated, tick.truncated]
        self._outcomes.add(slots, outcomes if tick.players is None else [*outcomes, tick.players])

    def finish(self, slot: int) -> tuple[Digests, ActionLog | None]:
        """End the slot's episode."""
        digests = Digests(
            actions=self._actions.finish(slot), observations=self._observations.finish(slot), outcomes=self._outcomes.finish(slot)
        )
        return digests, encode_kept(self._action_layout, self._actions.kept(slot)) if self._record_actions else None


def encode_actions(space: gym.Space[Any], actions: Sequence[Any]) -> ActionLog:
    """Return the log of an episode's actions."""
    layout = Layout(space)
    columns = layout.stack(actions)
    return encode_kept(
        layout, [[array_bytes(column)] if leaf.fixed else column for leaf, column in zip(layout.leaves, columns, strict=True)]
    )


def encode_kept(layout: Layout, kept: Sequence[list[Any]]) -> ActionLog:
    """Return the log of what a `Stream` kept: compressed bytes, leaf after leaf, or JSON where a leaf has no fixed form.

    Texts stay readable; the many small numbers of several players are compressed.
    """
    if layout.fixed:
        return ActionLog(encoding="zlib+base64", data=_packed(b"".join(piece for pieces in kept for piece in pieces)))
    columns = [
        np.frombuffer(b"".join(pieces), leaf.dtype).reshape(-1, *leaf.shape) if leaf.fixed else pieces
        for leaf, pieces in zip(layout.leaves, kept, strict=True)
    ]
    found = layout.space.to_jsonable(list(layout.rows(columns)))
    values = found if isinstance(found, list) else [found]
    if not isinstance(layout.space, Players):
        return ActionLog(encoding="json", data=values)
    return ActionLog(encoding="json+zlib+base64", data=_packed(json.dumps(values, separators=(",", ":")).encode()))


def decode_actions(space: gym.Space[Any], log: ActionLog, length: int) -> list[Column]:
    """Return an episode's `length` actions, one column a leaf.

    Raises:
        DamagedFile: the log does not hold that many actions of the space.
    """
    layout = Layout(space)
    try:
        columns = _from_bytes(layout, log.data, length) if log.encoding == "zlib+base64" else _from_json(layout, _values(log))
    except DamagedFile:
        raise
    except Exception as error:  # whatever a hand-made log makes a space's own reader stumble over
        raise DamagedFile(f"the action log does not hold actions of {space}: {error}") from error
    if (log.encoding == "zlib+base64") != layout.fixed or len(columns[0]) != length:
        raise DamagedFile(f"the action log holds {len(columns[0])} actions in encoding {log.encoding!r}; the episode has {length}")
    return columns


def chain(episodes: Iterable[Episode]) -> list[Episode]:
    """Return the episodes in index order, each with `chain` filled.

    It is a digest over the previous chain and everything in the episode but its action log. That one is bound by the digest of the
    actions; binding its compressed bytes too would make receipts depend on the compressor's version.
    """
    linked: list[Episode] = []
    for episode in sorted(episodes, key=lambda episode: episode.index):
        linked.append(episode.model_copy(update={"chain": link(linked[-1].chain if linked else "", episode)}))
    return linked


def link(previous: str, episode: Episode) -> str:
    """Return the chain of an episode that follows one with chain `previous`."""
    fields = episode.model_dump(mode="json", by_alias=True, exclude={"chain", "actions"})
    return _hasher(json.dumps([previous, fields], sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


def _unpacked(text: str, limit: int) -> bytes:
    """Return at most `limit` bytes of what was packed, so that no hand-made log fills the memory."""
    return zlib.decompressobj().decompress(base64.b64decode(text, validate=True), limit)


def _values(log: ActionLog) -> list[Any]:
    """Return the JSON values of a log."""
    if isinstance(log.data, list):
        return log.data
    values = json.loads(_unpacked(log.data, _LARGEST_LOG_BYTES))
    if not isinstance(values, list):
        raise DamagedFile("the action log holds no list of actions")
    return values


def _from_bytes(layout: Layout, text: Any, length: int) -> list[Column]:
    sizes = [length * _bytes(leaf) for leaf in layout.leaves]
    data = _unpacked(text, sum(sizes) + 1)
    if len(data) != sum(sizes):
        raise DamagedFile(f"the action log holds {'more' if len(data) > sum(sizes) else 'fewer'} actions than the episode's {length}")
    columns = []
    for leaf, size in zip(layout.leaves, sizes, strict=True):
        flat = np.frombuffer(data[:size], leaf.dtype.newbyteorder("<")).astype(leaf.dtype)
        columns.append(flat.reshape(length, *leaf.shape))
        data = data[size:]
    return columns


def _from_json(layout: Layout, data: list[Any]) -> list[Column]:
    values = layout.space.from_jsonable(data[0] if isinstance(layout.space, spaces.Dict) else data)
    return layout.stack(values)


def _outcomes(players: Sequence[str]) -> Layout:
    reward = spaces.Box(-np.inf, np.inf, (), np.float64)
    flag = spaces.Box(0, 1, (), np.uint8)
    columns: dict[str, gym.Space[Any]] = {"0 reward": reward, "1 terminated": flag, "2 truncated": flag}
    if players:
        columns["3 players"] = Players({player: spaces.Tuple((reward, flag, flag)) for player in players})
    return Layout(spaces.Dict(columns))


def _bytes(leaf: Leaf) -> int:
    return leaf.dtype.itemsize * math.prod(leaf.shape)


def _stretch_steps(per_step: int) -> int:
    """Return how many steps of so many bytes are hashed at a time: as many as fit into a megabyte a slot, at least one."""
    return max(1, min(_STRETCH_STEPS, _STRETCH_BYTES // max(per_step, 1)))


def _hasher(*data: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(b"".join(data), digest_size=DIGEST_BYTES)
