"""The store of submissions: one SQL table behind SQLAlchemy, in SQLite by default and in PostgreSQL by URL.

The table `schema_version` holds one number. `MIGRATIONS[n]` takes a store from version n to n + 1; opening a store runs what it lacks, in
one transaction. To change the schema: change the models, append a function to `MIGRATIONS` that alters an existing store to match, and
never edit an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy import orm

from hub.errors import DamagedFile, HubError, MissingExtra, UsageError
from hub.paths import home
from hub.results.files import canonical_bytes, parse_document
from hub.results.models import Result


class Base(orm.DeclarativeBase):
    """Base of the store's tables."""


class SchemaVersion(Base):
    """How many migrations the store has seen; one row."""

    __tablename__ = "schema_version"
    version: orm.Mapped[int] = orm.mapped_column(primary_key=True)


class Submission(Base):
    """One submitted result: the document as it was verified, and what it is looked up by."""

    __tablename__ = "submission"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    digest: orm.Mapped[str] = orm.mapped_column(sa.String(64), unique=True)
    """SHA-256 of the document's canonical bytes."""
    env: orm.Mapped[str] = orm.mapped_column(sa.String(200), index=True)
    protocol: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    protocol_version: orm.Mapped[int]
    agent: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    submitted: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    document: orm.Mapped[str] = orm.mapped_column(sa.Text)


def _create_tables(connection: sa.Connection) -> None:
    Base.metadata.create_all(connection)


MIGRATIONS = (_create_tables,)
FILE_NAME = "leaderboard.sqlite"


def default_url() -> str:
    """Return the URL of the store that is used when none is given: `leaderboard.sqlite` in hub's folder."""
    return f"sqlite:///{Path(home(), FILE_NAME)}"


def existing_default() -> str | None:
    """Return the default store's URL if something was ever submitted to it, else None."""
    return default_url() if Path(home(), FILE_NAME).exists() else None


class Store:
    """An open store; a context manager."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._engine.dispose()

    def add(self, result: Result) -> bool:
        """Insert a verified result, whole or not at all.

        Returns:
            False when the store already holds exactly this document.
        """
        data = canonical_bytes(result)
        digest = sha256(data).hexdigest()
        submission = Submission(
            digest=digest,
            env=result.env.id,
            protocol=result.protocol.name,
            protocol_version=result.protocol.version,
            agent=result.agent.name,
            submitted=datetime.now(UTC),
            document=data.decode(),
        )
        with _clear_errors(self._engine.url):
            try:
                with orm.Session(self._engine) as session, session.begin():
                    session.add(submission)
            except sa.exc.IntegrityError:
                with orm.Session(self._engine) as session:
                    if session.scalar(sa.select(Submission.id).where(Submission.digest == digest)) is None:
                        raise
                return False
        return True

    def results(self, env_id: str) -> list[Result]:
        """Return the results on an environment in the order they were submitted.

        Raises:
            DamagedFile: a stored document was changed behind the store's back.
        """
        with _clear_errors(self._engine.url), orm.Session(self._engine) as session:
            rows = session.scalars(sa.select(Submission).where(Submission.env == env_id).order_by(Submission.id)).all()
        return [self._intact(row) for row in rows]

    def environments(self) -> list[str]:
        """Return the ids of the environments with submissions, in alphabetical order."""
        with _clear_errors(self._engine.url), orm.Session(self._engine) as session:
            return list(session.scalars(sa.select(Submission.env).distinct().order_by(Submission.env)))

    def _intact(self, row: Submission) -> Result:
        where = f"submission {row.id} in {spell(self._engine.url)}"
        if sha256(row.document.encode()).hexdigest() != row.digest:
            raise DamagedFile(f"{where} is damaged: the document does not have the digest it was stored with")
        return parse_document(row.document, Result, where)


def open_store(url: str | None = None) -> Store:
    """Open the store at `url` (`sqlite:///FILE`, `postgresql://USER:PASSWORD@HOST/NAME`), creating or migrating it as needed.

    Raises:
        UsageError: `url` is not a database URL.
        MissingExtra: the database's driver is not installed.
        HubError: the database cannot be reached or written; the message never holds the password.
        DamagedFile: the store is newer than this hub.
    """
    address = _address(url or default_url())
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        _make_folder(Path(str(address.database)).parent)
    try:
        engine = sa.create_engine(address)
    except ModuleNotFoundError as error:
        line = "pip install 'psycopg[binary]'" if address.get_backend_name() == "postgresql" else f"pip install {error.name}"
        raise MissingExtra(f"the store {spell(address)} needs {error.name!r}, which is not installed: {line}") from error
    except sa.exc.NoSuchModuleError as error:
        raise UsageError(f"{address.drivername!r} is no database hub knows; use sqlite:///FILE or postgresql://USER@HOST/NAME") from error
    try:
        with _clear_errors(address):
            _migrate(engine)
    except HubError:
        engine.dispose()
        raise
    return Store(engine)


def spell(url: sa.URL) -> str:
    """Return `url` as it may be shown: without its password."""
    return url.render_as_string(hide_password=True)


def _address(url: str) -> sa.URL:
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise UsageError("the store must be a database URL such as sqlite:///FILE or postgresql://USER@HOST/NAME") from error
    return address.set(drivername="postgresql+psycopg") if address.drivername == "postgresql" else address


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HubError(f"cannot create {folder} for the store: {error.strerror or error}") from error


def _migrate(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        _wait_for_turn(connection)
        version = connection.scalar(sa.select(SchemaVersion.version)) if sa.inspect(connection).has_table("schema_version") else 0
        if version is None or version > len(MIGRATIONS):
            raise DamagedFile(
                f"the store {spell(engine.url)} has schema version {version} and this hub knows {len(MIGRATIONS)}; install a newer hub"
            )
        for step in MIGRATIONS[version:]:
            step(connection)
        if version < len(MIGRATIONS):
            connection.execute(sa.delete(SchemaVersion))
            connection.execute(sa.insert(SchemaVersion).values(version=len(MIGRATIONS)))


def _wait_for_turn(connection: sa.Connection) -> None:
    """Keep two processes from creating one store at once; what is locked is freed with the transaction."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(0x687562)))


@contextmanager
def _clear_errors(url: sa.URL) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        cause = str(error.orig).strip().splitlines()
        raise HubError(f"the store {spell(url)} cannot be used: {cause[0] if cause else type(error.orig).__name__}") from None
