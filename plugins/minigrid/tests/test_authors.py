"""The authors' files are read as what they are, and nothing else is taken for one."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hub_minigrid.authors import read_buffer

from hub.errors import DamagedFile, UsageError

FOLDER = Path(str(files("hub_minigrid") / "authors_demos"))
OPTIMAL = FOLDER / "O1Dlhb_1optlevels10k_1demoperlevel.npy"
SUBOPTIMAL = FOLDER / "O1Dlhb_2suboptlevels10k_1demoperlevel.npy"


def test_the_files_hold_the_episodes_that_the_authors_tell_of() -> None:
    (best,) = read_buffer(OPTIMAL)
    assert (best.length, best.return_) == (16, 0.95)
    shorter, longer = read_buffer(SUBOPTIMAL)
    assert (shorter.length, shorter.return_) == (29, 0.909375)
    assert (longer.length, longer.return_) == (43, 0.865625)
    for episode in (best, shorter, longer):
        assert episode.observations.shape == (episode.length + 1, 7, 7, 3)
        assert episode.observations.dtype == np.uint8
        assert episode.terminations.tolist() == [False] * (episode.length - 1) + [True]
        assert not episode.truncations.any()
        assert episode.seed is None


def test_their_licence_comes_with_them() -> None:
    assert "Copyright (c) 2024 Alain" in (FOLDER / "LICENSE").read_text()


def saved(folder: Path, rows: np.ndarray, **changes: bool) -> Path:
    path = folder / "buffer.npy"
    np.save(path, rows, **changes)
    return path


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rows: rows[:, :300], r"holds float64 of shape \(72, 300\); a buffer is an array \(steps, 307\) of float64"),
        (lambda rows: rows.astype(np.float32), "holds float32"),
        (lambda rows: rows[0], r"shape \(307,\)"),
        (lambda rows: rows[:0], r"shape \(0, 307\)"),
        (lambda rows: np.roll(rows, 2, axis=1), "its columns are other ones"),
        (lambda rows: np.where(np.arange(307) == 147, 7, rows), "actions outside of 0 to 6 in column 147"),
        (lambda rows: np.where(np.arange(307) == 3, -1, rows), "observations outside of 0 to 255"),
        (lambda rows: np.where(np.arange(307) == 298, np.nan, rows), "its columns are other ones"),
    ],
)
def test_an_array_of_another_kind_is_told(tmp_path: Path, change: object, expected: str) -> None:
    assert callable(change)
    path = saved(tmp_path, change(np.load(SUBOPTIMAL)))
    with pytest.raises(UsageError, match=expected):
        read_buffer(path)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (300, 7, "its steps are numbered"),
        (296, 1, "it does not end in its last step, and only there"),
        (5, 9, "what a step leads to is not what the next one starts from"),
        (148, 0.5, "its rewards sum to"),
    ],
)
def test_rows_that_contradict_each_other_are_told(tmp_path: Path, column: int, value: float, expected: str) -> None:
    rows = np.load(SUBOPTIMAL)
    rows[(rows[:, 297] == 27005) & (rows[:, 300] == 12), column] = value
    with pytest.raises(DamagedFile, match=f"episode 27005: {expected}"):
        read_buffer(saved(tmp_path, rows))


def test_an_episode_without_its_first_steps_is_read_and_one_that_time_ended_is_truncated(tmp_path: Path) -> None:
    rows = np.load(OPTIMAL)
    rows = rows[rows[:, 300] >= 4]
    rows[:, [148, 298]] = 0
    (episode,) = read_buffer(saved(tmp_path, rows))
    assert episode.length == 12
    assert episode.truncations[-1]
    assert not episode.terminations.any()


def test_files_that_are_none_are_told_and_no_pickle_is_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_buffer(tmp_path / "missing.npy")
    with pytest.raises(UsageError, match=r"is no \.npy file of numbers"):
        read_buffer(saved(tmp_path, np.array([{}], dtype=object), allow_pickle=True))
    for content in (b"", b"PK\x03\x04", OPTIMAL.read_bytes()[:2000]):
        (tmp_path / "broken.npy").write_bytes(content)
        with pytest.raises(UsageError, match=r"is no \.npy file of numbers"):
            read_buffer(tmp_path / "broken.npy")
