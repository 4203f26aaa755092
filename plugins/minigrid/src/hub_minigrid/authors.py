"""Reading the buffers that the paper's authors published (https://github.com/uoe-agents/imitation-learning-pcg, `*.npy`).

A buffer is an array (n, 307) of float64, a row for each step, in no particular order. Columns: 0-146 the observation (7, 7, 3), 147 the
action, 148 the reward, 149-295 the next observation, 296 whether the episode ended, 297 its number, 298 its return, 299 the discounted
return to go, 300 the step's number, 301-303 RAPID's scores, 304 the level, 305-306 bookkeeping.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hub
from hub.errors import DamagedFile, UsageError

COLUMNS = 307
SHAPE = (7, 7, 3)
ACTIONS = 7
_OBSERVATION, _ACTION, _REWARD, _NEXT, _ENDED, _EPISODE, _RETURN, _STEP = slice(147), 147, 148, slice(149, 296), 296, 297, 298, 300


def read_buffer(path: str | os.PathLike[str]) -> list[hub.OfflineEpisode]:
    """Return the episodes of a buffer in the order in which they were played, without the file being trusted in anything.

    An episode whose first steps the buffer had no room for begins later. Its seed is None: levels are numbered as gym-minigrid 1.0.2 made
    them, and today's MiniGrid makes others. The one flag of an end is told apart by the reward: a step that pays has solved the task, one
    that does not has run out of time.

    Raises:
        UsageError: there is no such file, or it is no such buffer.
        DamagedFile: it is one, and its rows contradict each other.
    """
    rows = _rows(Path(path))
    episodes = []
    for number in np.unique(rows[:, _EPISODE]):
        steps = rows[rows[:, _EPISODE] == number]
        steps = steps[np.argsort(steps[:, _STEP], kind="stable")]
        fault = _fault(steps)
        if fault is not None:
            raise DamagedFile(f"{path}: episode {number:g}: {fault}")
        episodes.append(_episode(steps))
    return episodes


def _rows(path: Path) -> NDArray[np.float64]:
    expected = f"a buffer is an array (steps, {COLUMNS}) of float64"
    try:
        with path.open("rb") as file:
            rows = np.lib.format.read_array(file, allow_pickle=False)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # no .npy file, a truncated one, or one that holds pickled objects
        raise UsageError(f"{path} is no .npy file of numbers ({error}); {expected}") from error
    if rows.dtype != np.float64 or rows.ndim != 2 or rows.shape[1] != COLUMNS or len(rows) == 0:
        raise UsageError(f"{path} holds {rows.dtype} of shape {rows.shape}; {expected}")
    whole = np.r_[_OBSERVATION, _ACTION, _NEXT, _ENDED, _EPISODE, _STEP]
    if not np.isfinite(rows).all() or (rows[:, whole] % 1).any():
        raise UsageError(f"{path} has fractions where observations, actions and ends belong: its columns are other ones; {expected}")
    if (rows[:, np.r_[_OBSERVATION, _NEXT]] % 256 != rows[:, np.r_[_OBSERVATION, _NEXT]]).any():
        raise UsageError(f"{path} has observations outside of 0 to 255; {expected}")
    if ((rows[:, _ACTION] < 0) | (rows[:, _ACTION] >= ACTIONS)).any():
        raise UsageError(f"{path} has actions outside of 0 to {ACTIONS - 1} in column {_ACTION}; {expected}")
    return rows


def _fault(steps: NDArray[np.float64]) -> str | None:
    """Say what is wrong with an episode's rows, sorted by step; None where they agree with each other."""
    if (np.diff(steps[:, _STEP]) != 1).any():
        return f"its steps are numbered {steps[:, _STEP].astype(int).tolist()}"
    if not (steps[:, _ENDED] == (np.arange(len(steps)) == len(steps) - 1)).all():
        return "it does not end in its last step, and only there"
    if (steps[1:, _OBSERVATION] != steps[:-1, _NEXT]).any():
        return "what a step leads to is not what the next one starts from"
    if not np.allclose(steps[:, _REWARD].sum(), steps[:, _RETURN], atol=1e-6):
        return f"its rewards sum to {steps[:, _REWARD].sum():g}, and its return is {steps[0, _RETURN]:g}"
    return None


def _episode(steps: NDArray[np.float64]) -> hub.OfflineEpisode:
    seen = np.concatenate([steps[:, _OBSERVATION], steps[-1:, _NEXT]])
    ended = steps[:, _ENDED].astype(np.bool_)
    solved = ended & (steps[:, _REWARD] > 0)
    return hub.OfflineEpisode(
        observations=seen.astype(np.uint8).reshape(-1, *SHAPE),
        actions=steps[:, _ACTION].astype(np.int64),
        rewards=steps[:, _REWARD].copy(),
        terminations=solved,
        truncations=ended & ~solved,
    )
