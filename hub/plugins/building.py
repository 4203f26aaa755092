"""Building the index anew: reading the packages' metadata, looking into what is new, settling who clashes with whom."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.plugins import blocking, discovery, index, stamps
from hub.plugins.rows import KINDS
from hub.specs import DESCRIPTIONS


def rebuild(*, trust: bool = True) -> index.Index:
    """Bring the index up to date and keep it.

    Processes that find the index out of date at the same time wait for the first one's work. `trust=False` looks into every plugin again.
    """
    file_path = index.path()
    with _alone(file_path + ".lock"):
        known = index.read(file_path) if trust else None
        if known is not None and stamps.unchanged(known["folders"], known["files"]) and not _pending(known):
            return index.Index(known)
        document = _build(known)
        return index.Index(document, index.write(file_path, document))


def _build(known: index.Document | None) -> index.Document:
    from hub.plugins import probing

    folders = stamps.folders()
    found = discovery.candidates([folder for folder, (_, digest) in folders.items() if digest])
    kept = {_key(row): row for row in known["plugins"] if _still_good(row)} if known else {}
    barred = blocking.blocked()
    shared = {name for name, count in Counter(candidate["name"] for candidate in found).items() if count > 1}
    plugins: list[dict[str, Any]] = []
    for candidate in found:
        if candidate["name"] in shared:
            sides = " and ".join(f"{other['distribution']} {other['version']}" for other in found if other["name"] == candidate["name"])
            candidate.update(state="clashing", reason=f"{sides} both install a plugin called {candidate['name']!r}; uninstall one")
        elif not candidate["state"] and candidate["name"] in barred:
            candidate.update(state="blocked", reason="")
        plugins.append(kept.get(_key(candidate), candidate) if candidate["state"] in ("", "blocked") else candidate)
    probing.look_into([row for row in plugins if not row["state"]])
    for row in plugins:
        for kind in KINDS:
            row.setdefault(kind, [])
    return {
        "identity": index.identity(),
        "folders": folders,
        "files": {file: stamp for row in plugins for file, stamp in row["files"].items()},
        "defaults": {kind: _defaults(described) for kind, described in DESCRIPTIONS.items()},
        "plugins": sorted(plugins, key=lambda row: (row["name"], row["distribution"])),
    }


def _key(row: dict[str, Any]) -> str:
    return repr([row[part] for part in ("name", "value", "distribution", "version", "metadata", "stamp")])


def _still_good(row: dict[str, Any]) -> bool:
    return row["state"] == "ok" and all(stamps.file_stamp(file) == stamp for file, stamp in row["files"].items())


def _pending(known: index.Document) -> bool:
    """Say whether a plugin was blocked when the index was built and is not any more."""
    barred = blocking.blocked()
    return any(row["state"] == "blocked" and row["name"] not in barred for row in known["plugins"])


def _defaults(described: type) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in dataclasses.fields(described):
        if field.default is not dataclasses.MISSING:
            values[field.name] = list(field.default) if isinstance(field.default, tuple) else field.default
        elif field.default_factory is not dataclasses.MISSING:
            values[field.name] = field.default_factory()
        else:
            values[field.name] = None
    return values


@contextlib.contextmanager
def _alone(lock_path: str) -> Iterator[None]:
    """Hold a lock file; where none can be made, go on without: the index file is replaced whole anyway."""
    try:
        Path(lock_path).parent.mkdir(parents=True, exist_ok=True)
        lock = open(lock_path, "ab")  # noqa: SIM115
    except OSError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
