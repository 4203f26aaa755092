"""Levels on disk: each is generated once, by MiniGrid itself, and from then on read by every process that wants it.

A task's levels lie in one file of records of equal size, mapped into memory. A record carries its own checksum, and a level's number
determines every byte of it. So there is nothing to lock: processes that write the same record at the same time write the same bytes, and
one that was killed in the middle leaves a record that is not whole and is written again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import threading
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hub_envs.minigrid.level import HEADER, generate, is_whole, record_size
from hub_envs.minigrid.tasks import Task, task_of

if TYPE_CHECKING:
    from minigrid.minigrid_env import MiniGridEnv

LevelSet = Literal["train", "validation", "test", "any"]
"""`any` stands for all levels there are, one for each seed; they are generated anew each time."""

TRAINING_LEVELS = 10_000
HELD_OUT = 1_000
STORED = TRAINING_LEVELS + 2 * HELD_OUT
"""Levels 0 to 9,999 are for training, the next thousand for tests, the next for validation."""


def folder() -> Path:
    """Return where levels are kept: `$HUB_ENVS_CACHE`, else `hub-envs` in the user's cache folder."""
    import platformdirs

    return Path(os.environ.get("HUB_ENVS_CACHE") or platformdirs.user_cache_dir("hub-envs", appauthor=False)) / "minigrid"


@dataclass(frozen=True, slots=True)
class Range:
    """The levels of a set: `count` of them from `first` on."""

    first: int
    count: int

    def number(self, seed: int) -> int:
        """Return the level that an episode of this seed plays."""
        return self.first + seed % self.count


def range_of(levels: LevelSet, num_levels: int = TRAINING_LEVELS) -> Range:
    """Return the levels of a stored set.

    Args:
        levels: which set, but not `any`.
        num_levels: how many of the training levels there are; the other sets are always whole.

    Raises:
        ValueError: there is no such set, or not so many levels.
    """
    if levels not in get_args(LevelSet):
        raise ValueError(f"levels must be one of {', '.join(get_args(LevelSet))}, and is {levels!r}")
    if not 1 <= num_levels <= TRAINING_LEVELS:
        raise ValueError(f"num_levels must lie between 1 and {TRAINING_LEVELS}, and is {num_levels}")
    if levels == "train":
        return Range(0, num_levels)
    return Range(TRAINING_LEVELS if levels == "test" else TRAINING_LEVELS + HELD_OUT, HELD_OUT)


class LevelStore:
    """The stored levels of one task, open for reading; levels that are missing are generated when they are asked for.

    Attributes:
        task: whose levels.
        records: (STORED, record_size) uint8, the file mapped into memory; row n is whole once `ensure` was asked for n.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.records = _mapped(folder() / f"{task.name}-{_digest(task)}.levels", record_size(task))
        self._known = np.zeros(STORED, dtype=np.bool_)
        self._env: MiniGridEnv | None = None

    def __reduce__(self) -> tuple[type[LevelStore], tuple[Task]]:
        """Copy and pickle by reference: whoever unpickles opens the same file."""
        return LevelStore, (self.task,)

    def record(self, number: int) -> NDArray[np.uint8]:
        """Return the record of any level, stored or not."""
        if 0 <= number < STORED:
            self.ensure(number)
            stored: NDArray[np.uint8] = self.records[number]
            return stored
        return self.generated(number)

    def ensure(self, number: int) -> None:
        """See to it that a stored level is there."""
        if self._known[number]:
            return
        if not is_whole(self.records[number], number):
            self.records[number] = self.generated(number)
        self._known[number] = True

    def generated(self, number: int) -> NDArray[np.uint8]:
        """Let MiniGrid generate a level now."""
        if self._env is None:
            self._env = self.task.build_generator()
        return generate(self.task, self._env, number)

    def close(self) -> None:
        """Let go of the file; nothing can be read any more."""
        self.records = self.records[:0].copy()

    def missing(self, wanted: Range) -> list[int]:
        """Return the levels of a range that were never generated."""
        numbers = range(wanted.first, wanted.first + wanted.count)
        return [number for number in numbers if not self._known[number] and not is_whole(self.records[number], number)]


def build_levels(
    task_name: str, levels: LevelSet = "train", num_levels: int = TRAINING_LEVELS, workers: int | None = None
) -> Iterator[int]:
    """Generate the levels of a set that are missing, in `workers` processes (one a core by default).

    Yields:
        How many are left to do: first all that are missing, then ever fewer, at last 0.

    Raises:
        ValueError: there is no such task, or no such set of levels.
    """
    wanted = range_of(levels, num_levels)
    missing = LevelStore(task_of(task_name)).missing(wanted)
    yield len(missing)
    if not missing:
        return
    chunk = max(1, min(10, len(missing) // (8 * (workers or os.cpu_count() or 1))))
    chunks = [missing[start : start + chunk] for start in range(0, len(missing), chunk)]
    left = len(missing)
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_follow_parent)
    try:
        with _interrupts_blocked():  # in the workers for good, which inherit it: Ctrl-C is for this process
            jobs = pool.map(_ensure, [task_name] * len(chunks), chunks)
        for done in jobs:
            left -= done
            yield left
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _follow_parent() -> None:
    """End when the parent process ends: a pool's workers outlive a parent that was killed."""
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _ensure(task_name: str, numbers: Iterable[int]) -> int:
    store = _open(task_name)
    done = 0
    for number in numbers:
        store.ensure(number)
        done += 1
    return done


_OPENED: dict[str, LevelStore] = {}


def _open(task_name: str) -> LevelStore:
    """Return the store that this worker process opened before, with its environment."""
    if task_name not in _OPENED:
        _OPENED[task_name] = LevelStore(task_of(task_name))
    return _OPENED[task_name]


def _digest(task: Task) -> str:
    """Return what the bytes of a record depend on, in 16 hexadecimal digits: the environment, MiniGrid's version, the record's layout."""
    told = json.dumps([task.entry_point, dict(task.kwargs), version("minigrid"), HEADER.descr], sort_keys=True, default=str)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _mapped(path: Path, size: int) -> NDArray[np.uint8]:
    """Map a file of `STORED` records, made on first use; it is sparse, so levels that were never asked for take no room."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            if file.tell() < STORED * size:
                file.truncate(STORED * size)
        return np.asarray(np.memmap(path, np.uint8, "r+", shape=(STORED, size)))
    except OSError as error:
        warnings.warn(
            f"levels cannot be kept in {path.parent} ({error.strerror}); they are generated anew in each process."
            " Set HUB_ENVS_CACHE to a folder that can be written",
            stacklevel=3,
        )
        return np.zeros((STORED, size), dtype=np.uint8)
