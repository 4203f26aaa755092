"""The index: what every installed plugin registered, kept in a file so that listing imports no plugin.

Reading has two levels. When neither Python, hub, the folders of `sys.path` nor the files of editable plugins changed, the file is taken
as it is: a few stats and one JSON parse. Otherwise the packages' metadata are read anew; plugins that were fine and have not changed keep
their entry, the others are looked into in child processes (`hub.plugins.probing`). Plugins that were not fine are looked into again: what
they missed may be there now.

The file lies in hub's home, one for each Python environment. It is replaced whole, carries a checksum and is rebuilt when anything about it
is wrong; where it cannot be written, every process builds its own (`Index.unsaved` says why).

This module is on the path of every command and imports only what is cheap.
"""
# ruff: noqa: PTH119, PTH120 - pathlib is not cheap

from __future__ import annotations

import json
import os
import sys
import zlib

from hub.plugins import API_VERSION, PROBING, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Document = dict[str, Any]

_FORMAT = 1
_current: Index | None = None


class Index:
    """What the plugins registered, as read.

    Attributes:
        plugins: one row for each installed plugin: `name`, `distribution`, `version`, `value`, `state`, `reason`, `trace`, and for each
            hook the list of what it returned, with only the fields that differ from the defaults.
        defaults: for each hook the fields of its descriptions with their default values.
        unsaved: why the index file could not be written; empty when it could.
    """

    __slots__ = ("defaults", "plugins", "unsaved")

    def __init__(self, document: Document, unsaved: str = "") -> None:
        self.plugins: list[dict[str, Any]] = document["plugins"]
        self.defaults: dict[str, dict[str, Any]] = document["defaults"]
        self.unsaved = unsaved


def current() -> Index:
    """Return the index, the same throughout a process; look into new plugins first if there are any."""
    global _current  # noqa: PLW0603
    if _current is None:
        _current = _open()
    return _current


def forget() -> None:
    """Make the next `current` read the file again."""
    global _current  # noqa: PLW0603
    _current = None


def path() -> str:
    """Return where this Python environment's index is kept."""
    from hub import paths

    key = "\0".join([sys.prefix, sys.version, os.environ.get("PYTHONPATH", "")])
    return os.path.join(
        paths.home(), "index", f"{os.path.basename(sys.prefix)}-{zlib.crc32(key.encode(errors='surrogateescape')):08x}.json"
    )


def identity() -> list[Any]:
    """Return what must be the same for anything in an index to hold: the Python environment, the contract and what judges plugins by it."""
    from hub import __version__

    here = os.path.dirname(__file__)
    judges = [
        stamps.file_stamp(os.path.join(here, name))
        for name in ("../specs.py", "../datasets/naming.py", "descriptions.py", "effects.py", "registering.py")
    ]
    return [_FORMAT, sys.prefix, sys.version, __version__, API_VERSION, judges]


def read(file_path: str) -> Document | None:
    """Return the document in an index file, None when there is none, it is damaged or belongs to another environment."""
    try:
        with open(file_path, "rb") as file:
            checksum, _, body = file.read().partition(b"\n")
    except OSError:
        return None
    if checksum != _checksum(body):
        return None
    document: Document = json.loads(body)
    return document if document["identity"] == identity() else None


def write(file_path: str, document: Document) -> str:
    """Replace an index file; return why it could not be done, or an empty string."""
    from hub.errors import HubError
    from hub.files import write_atomically

    body = json.dumps(document, separators=(",", ":")).encode()
    try:
        write_atomically(file_path, _checksum(body) + b"\n" + body)
    except HubError as error:
        return str(error)
    return ""


def _open() -> Index:
    if PROBING in os.environ:
        return Index({"plugins": [], "defaults": {}})
    document = read(path())
    if document is not None and stamps.unchanged(document["folders"], document["files"]):
        return Index(document)
    from hub.plugins import building

    return building.rebuild()


def _checksum(body: bytes) -> bytes:
    return b"hub index %08x" % zlib.crc32(body)
