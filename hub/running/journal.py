"""The journal of a run: a SQLite file in WAL mode that an episode must reach before it counts.

What it promises. `kill -9` at any moment loses only episodes in flight; the file is whole from the moment it appears, because it is built
beside its place and then linked into it. It holds an exclusive lock while a run has it open, and the lock dies with its process.
Every row carries a digest, because SQLite itself does not notice a flipped bit inside a value. A damaged file is refused and left as it is.
Commits are not flushed to the device one by one: after a power cut the last episodes may be missing, never wrong, and are played again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import pydantic

from hub.errors import DamagedFile, HubError, UsageError
from hub.results.models import Episode
from hub.running.configuration import Configuration, differences

FORMAT = 1
APPLICATION = 0x68756231
"""Marks the file as ours in its header (`hub1`)."""

TABLES = """
CREATE TABLE configuration (json TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE episodes (number INTEGER PRIMARY KEY, json TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE costs (session INTEGER, phase TEXT, wall_s REAL NOT NULL, cpu_s REAL NOT NULL, PRIMARY KEY (session, phase));
"""


class Journal:
    """The open journal of one run. Use `open_journal` to get one, and it as a context manager."""

    def __init__(self, path: Path, configuration: Configuration) -> None:
        self.path = path
        with self._reading():
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            self._lock_and_check(configuration)
        except BaseException:
            self._database.close()
            raise

    def _lock_and_check(self, configuration: Configuration) -> None:
        with self._reading():
            self._database.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._database.execute("PRAGMA synchronous=NORMAL")
            (application,) = self._database.execute("PRAGMA application_id").fetchone()
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION:
            raise self._damaged("it is not a journal of hub")
        if version > FORMAT:
            raise DamagedFile(
                f"{self.path} has journal format {version} and this hub reads up to {FORMAT}: upgrade hub (pip install -U gymhub)"
            )
        with self._reading():
            (verdict,) = self._database.execute("PRAGMA quick_check(1)").fetchone()
            self._database.execute("BEGIN EXCLUSIVE")
            self._database.execute("COMMIT")
            rows = self._database.execute("SELECT json, digest FROM configuration").fetchall()
            (self.session,) = self._database.execute("SELECT coalesce(max(session), 0) + 1 FROM costs").fetchone()
        if verdict != "ok":
            raise self._damaged(verdict.splitlines()[0])
        if len(rows) != 1 or _digest(rows[0][0]) != rows[0][1]:
            raise self._damaged("its configuration is not what was written")
        try:
            there = Configuration.model_validate_json(rows[0][0])
        except pydantic.ValidationError:
            raise self._damaged("its configuration is none that this hub knows: another version of hub may have written it") from None
        if there != configuration:
            raise UsageError(
                f"{self.path.parent} holds another run: {'; '.join(differences(there, configuration))}."
                " Choose another --out, or repeat that run's settings to take it up again"
            )
        self.indices = {episode.index for episode in self.episodes()}

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._database.close()

    def episodes(self) -> list[Episode]:
        """Return the recorded episodes in the order of their indices.

        Raises:
            DamagedFile: a row is not what was written.
        """
        with self._reading():
            rows = self._database.execute("SELECT number, json, digest FROM episodes ORDER BY number").fetchall()
        found = []
        for number, text, digest in rows:
            if _digest(text) != digest:
                raise self._damaged(f"episode {number} is not what was written")
            try:
                found.append(Episode.model_validate_json(text))
            except pydantic.ValidationError:
                raise self._damaged(f"episode {number} is not an episode record") from None
        return found

    def record(self, episodes: Sequence[Episode], phase: str = "eval", spent: tuple[float, float] | None = None) -> None:
        """Write finished episodes in one commit, with the wall and CPU seconds that this session has spent in a phase if they are given.

        Raises:
            HubError: the journal cannot be written (full disk, read-only folder). What was recorded before is safe.
        """
        rows = [(episode.index, text := episode.model_dump_json(), _digest(text)) for episode in episodes]
        try:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT INTO episodes VALUES (?, ?, ?)", rows)
            if spent is not None:
                self._database.execute("INSERT OR REPLACE INTO costs VALUES (?, ?, ?, ?)", (self.session, phase, *spent))
            self._database.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            raise self._damaged(f"an episode was to be recorded twice ({error})") from None
        except sqlite3.Error as error:
            raise HubError(
                f"cannot write {self.path}: {error}; {len(self.indices)} finished episodes are safe in it:"
                " make room or make the folder writable, then run the same command again"
            ) from error
        finally:
            if self._database.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
        self.indices.update(episode.index for episode in episodes)

    def cost(self, phase: str) -> tuple[float, float]:
        """Return wall and CPU seconds of a phase over all sessions."""
        with self._reading():
            row = self._database.execute("SELECT total(wall_s), total(cpu_s) FROM costs WHERE phase = ?", (phase,)).fetchone()
        return float(row[0]), float(row[1])

    def sessions(self) -> int:
        """Return how many sessions have worked on the run."""
        with self._reading():
            (count,) = self._database.execute("SELECT count(DISTINCT session) FROM costs").fetchone()
        return int(count)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise HubError(f"{self.path.parent} is in use by another hub process; wait for it or choose another --out") from None
            if "unable to open" in str(error) or "readonly" in str(error) or "full" in str(error):
                raise HubError(
                    f"cannot open {self.path}: {error}; check its rights and the free space, then run the same command again"
                ) from error
            raise self._damaged(str(error)) from error
        except sqlite3.DatabaseError as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, reason: str) -> DamagedFile:
        return DamagedFile(
            f"journal {self.path} is damaged: {reason}. Nothing was changed. Move it away (mv {self.path} {self.path}.damaged)"
            " and run the same command again: it plays the episodes anew and keeps the trained agent"
        )


def open_journal(folder: Path, configuration: Configuration) -> Journal:
    """Open the journal of a run in `folder`, or begin one there.

    Raises:
        UsageError: the folder holds a run of another configuration; the message says what differs.
        DamagedFile: its journal is truncated or damaged.
        HubError: another process has it open, or the folder cannot be written.
    """
    path = folder / "journal.sqlite"
    if not path.exists():
        if (folder / "result.json").exists():
            raise UsageError(f"{folder} holds a result without its journal; choose another --out, so that the result is not overwritten")
        _begin(path, configuration)
    return Journal(path, configuration)


def _begin(path: Path, configuration: Configuration) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    text = configuration.canonical()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(draft)) as database:
            database.executescript(f"PRAGMA application_id={APPLICATION}; PRAGMA user_version={FORMAT}; BEGIN; {TABLES} COMMIT;")
            database.execute("INSERT INTO configuration VALUES (?, ?)", (text, _digest(text)))
            database.commit()
            database.execute("PRAGMA journal_mode=WAL")
        _publish(draft, path)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise HubError(f"cannot begin a run in {path.parent}: {reason}; choose a folder that can be written with --out") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _publish(draft: Path, path: Path) -> None:
    """Give `draft` its name, never over a journal that another process began meanwhile."""
    try:
        os.link(draft, path)
    except OSError as error:
        if path.exists():
            return
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP):
            raise
        draft.rename(path)  # a file system without hard links


def _digest(text: object) -> str:
    """Return the digest of a text; damage can make SQLite give bytes or a number in its place."""
    return hashlib.blake2b(str(text).encode(), digest_size=16).hexdigest()
