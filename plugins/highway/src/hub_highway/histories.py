"""What players remember of the vehicles they see: windows of rows and latents, found again by the vehicles' persistent numbers.

Observed rows are sorted by distance, so a vehicle moves from row to row. Everything here is therefore keyed by `ids`, with 0 for a row that
shows no vehicle. A vehicle that leaves the view is forgotten: it comes back as a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hub_baselines.multi.memory import SlotMemory
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]

ABSENT = 0
"""The id of a row that shows no vehicle."""


def places(before: Ids, now: Ids) -> NDArray[np.intp]:
    """Return for each id of `now` (..., R) the row of `before` (..., Q) that shows the same vehicle, -1 where there is none."""
    same = (now[..., :, None] == before[..., None, :]) & (now[..., :, None] != ABSENT)
    return np.where(same.any(axis=-1), same.argmax(axis=-1), -1)


def moved(values: Floats, rows: NDArray[np.intp]) -> Floats:
    """Return `values` (..., Q, *shape) in the order that `rows` (..., R) tells, zeros where that is -1: (..., R, *shape)."""
    extra = values.ndim - rows.ndim
    index = rows.reshape(*rows.shape, *(1,) * extra)
    found: Floats = np.take_along_axis(values, np.maximum(index, 0), axis=rows.ndim - 1)
    return np.where(index >= 0, found, np.zeros((), values.dtype))


def slid(window: Floats, row: Floats) -> Floats:
    """Return `window` (..., L, F) one frame later: without its oldest frame, with `row` (..., F) as its newest."""
    return np.concatenate([window[..., 1:, :], row[..., None, :]], axis=-2)


class VehicleMemory:
    """Named numbers about each vehicle in view, for every slot and player.

    Args:
        players: P.
        rows: R, rows of an observation.
        **shapes: shape of what is kept of a vehicle under each name; zeros for a vehicle that was not in view a frame ago.
    """

    def __init__(self, players: int, rows: int, **shapes: tuple[int, ...]) -> None:
        self._ids = SlotMemory(players, rows, dtype=np.int64)
        self._kept = {name: SlotMemory(players, rows, *shape) for name, shape in shapes.items()}

    def begin(self, slots: Sequence[int]) -> None:
        """Forget all vehicles of `slots`."""
        for memory in (self._ids, *self._kept.values()):
            memory.begin(slots)

    def recall(self, slots: NDArray[np.int64], ids: Ids) -> dict[str, Floats]:
        """Return what is kept of the vehicles `ids` (n, P, R) that are in view now: (n, P, R, *shape) under each name."""
        rows = places(self._ids[slots], ids)
        return {name: moved(memory[slots], rows) for name, memory in self._kept.items()}

    def keep(self, slots: NDArray[np.int64], ids: Ids, **values: Floats) -> None:
        """Keep `values` (n, P, R, *shape) of the vehicles `ids` (n, P, R), and forget all others of `slots`."""
        self._ids[slots] = ids
        for name, memory in self._kept.items():
            memory[slots] = values[name]


class Frames(NamedTuple):
    """Consecutive frames of several slots, as players saw them.

    Attributes:
        rows: (T, n, P, R, F).
        ids: (T, n, P, R), 0 where a row shows no vehicle, or its player was out of the game.
        episodes: (T, n), a number that changes where a slot begins a new episode.
    """

    rows: Floats
    ids: Ids
    episodes: NDArray[np.int64]


class Moments(NamedTuple):
    """Frames of some slots that are the present for a while.

    Attributes:
        times: (S,), indices into T.
        slots: (S,), indices into n.
    """

    times: NDArray[np.int64]
    slots: NDArray[np.int64]


class Track(NamedTuple):
    """The vehicles in view at some moments, followed through L other frames.

    Attributes:
        rows: (S, P, R, L, F), zeros where the vehicle was not in view; R as at the present moment.
        places: (S, P, R, L), the row that showed it; -1 where it was not in view.
    """

    rows: Floats
    places: NDArray[np.intp]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Whether the vehicle was in view, (S, P, R, L)."""
        return self.places >= 0


def follow(frames: Frames, moments: Moments, offsets: range) -> Track:
    """Follow the vehicles in view at `moments` to the frames `offsets` steps later (earlier where negative).

    Frames outside of the recording or of the episode show nobody.
    """
    times, slots = moments
    present, last = frames.ids[times, slots], len(frames.ids) - 1
    rows, where = [], []
    for offset in offsets:
        then = np.clip(times + offset, 0, last)
        same = (then == times + offset) & (frames.episodes[then, slots] == frames.episodes[times, slots])
        where.append(np.where(same[:, None, None], places(frames.ids[then, slots], present), -1))
        rows.append(moved(frames.rows[then, slots], where[-1]))
    return Track(np.stack(rows, axis=-2), np.stack(where, axis=-1))


def unbroken(track: Track) -> Track:
    """Return a track that ends at the present without the frames before a vehicle came into view last: what a player remembers."""
    kept = np.logical_and.accumulate(track.seen[..., ::-1], axis=-1)[..., ::-1]
    return Track(np.where(kept[..., None], track.rows, np.float32(0)), np.where(kept, track.places, -1))
