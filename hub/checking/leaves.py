"""Nested values (observations, infos, actions) seen as named leaves that can be compared bit for bit."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

SHORT = 64
"""Leaves up to this many bytes are kept as they are; longer ones as a digest."""


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every leaf of nested mappings, tuples and lists with the path that leads to it, e.g. `observation['camera'][0]`."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from leaves(part, f"{path}[{key!r}]")
    elif isinstance(value, tuple | list):
        for index, part in enumerate(value):
            yield from leaves(part, f"{path}[{index}]")
    else:
        yield path, value


def arrays(value: Any, path: str = "") -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Yield the leaves of `value` that are arrays."""
    for where, leaf in leaves(value, path):
        if isinstance(leaf, np.ndarray):
            yield where, leaf


def fingerprints(value: Any, path: str) -> dict[str, bytes]:
    """Return one fingerprint a leaf: equal exactly when type, shape and bits are equal.

    Objects whose bits mean nothing outside their process (models, handles) are left out.
    """
    found = ((where, _fingerprint(leaf)) for where, leaf in leaves(value, path))
    return {where: mark for where, mark in found if mark is not None}


def _fingerprint(leaf: Any) -> bytes | None:
    if isinstance(leaf, np.ndarray | np.generic):
        if leaf.dtype == object:
            return None
        content = f"{leaf.dtype.str}{leaf.shape}".encode() + leaf.tobytes()
    elif isinstance(leaf, float):
        content = b"float" + struct.pack("<d", leaf)
    elif leaf is None or isinstance(leaf, bool | int | str | bytes):
        content = f"{type(leaf).__name__}{leaf!r}".encode()
    else:
        return None
    return content if len(content) <= SHORT else hashlib.blake2b(content, digest_size=16).digest()


def first_difference(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> str | None:
    """Return the path of the first leaf that differs or that only one side has; None when both are equal."""
    if one == other:
        return None
    paths = [*one, *(path for path in other if path not in one)]
    return next(path for path in paths if one.get(path) != other.get(path))
