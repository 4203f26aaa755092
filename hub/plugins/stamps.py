"""Stamps of folders and files: cheap evidence that the installed plugins are still those the index describes."""
# ruff: noqa: PTH116 - on the path of every command, where pathlib is not cheap

from __future__ import annotations

import os
import sys
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Stamp = list[int] | None
    """Modification time in nanoseconds and size in bytes; None for a file that does not exist."""

    Folders = dict[str, list[int]]
    """Folder of `sys.path` -> its modification time in nanoseconds, and the digest of the package metadata in it (0 for none)."""

_METADATA = (".dist-info", ".egg-info")


def search_path() -> list[str]:
    """Return the folders that Python imports from, in order; the empty entry is the working directory."""
    seen: dict[str, None] = {}
    for entry in sys.path:
        if isinstance(entry, str):
            seen.setdefault(os.path.abspath(entry))
    return list(seen)


def folders() -> Folders:
    """Stamp the folders that Python imports from."""
    stamped: Folders = {}
    for folder in search_path():
        stamp = file_stamp(folder)
        if stamp is not None:
            stamped[folder] = [stamp[0], metadata_digest(folder)]
    return stamped


def unchanged(known: Folders, files: dict[str, Stamp]) -> bool:
    """Say whether the packages installed now are those of the time when `known` and `files` were stamped.

    A folder that was written to without a package coming or going (byte code, a script's own folder) does not count as a change.
    """
    holding = []
    for folder in search_path():
        stamp = file_stamp(folder)
        if stamp is None:
            continue
        modified, digest = known.get(folder, (None, 0))
        if stamp[0] != modified and metadata_digest(folder) != digest:
            return False
        if digest:
            holding.append(folder)
    if holding != [folder for folder, (_, digest) in known.items() if digest]:
        return False
    return all(file_stamp(file) == stamp for file, stamp in files.items())


def file_stamp(path: str) -> Stamp:
    """Stamp one file or folder."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return [status.st_mtime_ns, status.st_size]


def metadata_digest(folder: str) -> int:
    """Return a checksum over the package metadata in a folder; 0 when it holds none."""
    entries = [f"{entry.name}:{entry.stat().st_mtime_ns}" for entry in metadata_entries(folder)]
    return zlib.crc32("\n".join(sorted(entries)).encode(errors="surrogateescape")) if entries else 0


def metadata_entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """Iterate over the metadata folders of the packages installed in a folder; nothing for a folder that cannot be read."""
    try:
        entries = os.scandir(folder)
    except OSError:
        return
    with entries:
        # pip renames what it is about to delete to "~name"
        yield from (entry for entry in entries if entry.name.endswith(_METADATA) and not entry.name.startswith("~"))
