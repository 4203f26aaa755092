"""Which packages took part in a run, and their versions; found from what is installed, so that an interrupted run finds the same."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterable, Iterator
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

HOST = "gymhub"


def versions_of(requirements: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python, hub, the named distributions and what these require directly, sorted by name.

    Args:
        requirements: distributions, with the extras that matter: `gymhub-envs[cormab]`.
    """
    found: dict[str, str] = {}
    for requirement in [HOST, *requirements]:
        for name in _with_needs(requirement):
            try:
                found[canonicalize_name(name)] = metadata.version(name)
            except metadata.PackageNotFoundError:
                continue  # an optional or platform's package that is not here took no part
    return {"python": platform.python_version(), **dict(sorted(found.items()))}


def _with_needs(requirement: str) -> Iterator[str]:
    # neither a module beside the run, which no package brings, nor metadata that cannot be read ends a run
    with contextlib.suppress(InvalidRequirement, metadata.PackageNotFoundError):
        wanted = Requirement(requirement)
        yield wanted.name
        for need in map(Requirement, metadata.requires(wanted.name) or []):
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ["", *wanted.extras]):
                yield need.name
