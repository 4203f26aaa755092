"""What this machine lacks: hub's own needs, and what the checkups of plugins (`CheckupSpec`) look for."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import Requirement

from hub import paths
from hub.errors import BrokenPlugin, MissingExtra
from hub.loading import load, one_line, pip_argument
from hub.plugins.rows import plugins
from hub.registry import Found
from hub.running.versions import HOST
from hub.specs import CheckupSpec

DEVELOPERS = ("test",)
"""Extras that nobody who only runs experiments misses."""

State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for.

    Attributes:
        checkup: who looked for it; `hub` for hub's own needs.
        name: what it is.
        state: `ok`, `missing`, or `broken` where the checkup itself failed.
        detail: what was found, or what is wrong.
        remedy: the command that mends it, if one does.
    """

    checkup: str
    name: str
    state: State
    detail: str
    remedy: str | None = None


def examine_hub() -> Iterator[Finding]:
    """Look into hub itself: Python, packages, extras, the home folder and the installed plugins."""
    yield Finding("hub", "python", "ok", f"{platform.python_version()} at {sys.executable}")
    yield from _packages()
    yield _extras()
    yield _home()
    yield from _plugins()


def examine(found: Found[CheckupSpec]) -> Iterator[Finding]:
    """Carry out a plugin's checkup. Whatever is wrong with the checkup itself is a finding too, the last one."""
    spec = found.spec
    try:
        returned = load(spec.function, spec.requires)()  # type: ignore[operator]
        for number, row in enumerate(_rows(returned)):
            yield _finding(spec.name, number, row)
    except (MissingExtra, ModuleNotFoundError) as error:
        cause = error.__cause__ if isinstance(error, MissingExtra) else error
        package = (getattr(cause, "name", None) or "a package").partition(".")[0]
        remedy = f"pip install {pip_argument(spec.requires, package)}"
        yield Finding(spec.name, package, "missing", f"{spec.function} needs {package!r}, which is not installed", remedy)
    except BrokenPlugin as error:
        yield Finding(spec.name, "checkup", "broken", one_line(error))
    except (Exception, SystemExit) as error:
        reason = one_line(error) if isinstance(error, _NonsenseError) else f"raised {type(error).__name__}: {one_line(error)}"
        yield Finding(
            spec.name, "checkup", "broken", f"{spec.function} {reason}; the authors of {found.plugin.distribution} should hear of it"
        )


def remedies(findings: Iterable[Finding]) -> list[str]:
    """Return the commands that mend what is not ok, each once."""
    return list(dict.fromkeys(finding.remedy for finding in findings if finding.state != "ok" and finding.remedy))


class _NonsenseError(Exception):
    """A checkup returned something else than it should; the message goes on from its name."""


def _rows(returned: Any) -> Iterator[Any]:
    if isinstance(returned, (str, bytes, Mapping)) or not isinstance(returned, Iterable):
        raise _NonsenseError(f"returned a {type(returned).__name__}, not an iterable of mappings")
    yield from returned


def _finding(checkup: str, number: int, row: Any) -> Finding:
    if not isinstance(row, Mapping):
        raise _NonsenseError(f"gave a {type(row).__name__} as item {number}, not a mapping")
    kinds: dict[str, tuple[type, ...]] = {"name": (str,), "ok": (bool,), "detail": (str,), "remedy": (str, type(None))}
    if set(row) != set(kinds):
        raise _NonsenseError(f"gave item {number} the keys {', '.join(map(str, row)) or 'none'}; they must be {', '.join(kinds)}")
    for key, allowed in kinds.items():
        if not isinstance(row[key], allowed):
            raise _NonsenseError(f"gave item {number} {key}={row[key]!r}; it must be {' or '.join(kind.__name__ for kind in allowed)}")
    line = " ".join(row["detail"].split())
    return Finding(checkup, row["name"], "ok" if row["ok"] else "missing", line, row["remedy"] or None)


def _packages() -> Iterator[Finding]:
    """Compare what is installed with what hub requires."""
    wrong = False
    needs = [need for need in _needs() if need.marker is None or need.marker.evaluate({"extra": ""})]
    for need in needs:
        version = _version(need.name)
        if version is None or not need.specifier.contains(version, prereleases=True):
            wrong = True
            found = "not installed" if version is None else f"{version} is installed"
            yield Finding("hub", need.name, "missing", f"hub needs {need.name}{need.specifier}; {found}", f"pip install '{need}'")
    if not wrong:
        told = (HOST, "gymnasium", "numpy")
        yield Finding("hub", "packages", "ok", ", ".join(f"{name} {_version(name)}" for name in told))


def _extras() -> Finding:
    """Say which extras are complete; none of them must be."""
    complete: list[str] = []
    absent: list[str] = []
    for extra in metadata.metadata(HOST).get_all("Provides-Extra") or []:
        if extra in DEVELOPERS:
            continue
        own = [
            need for need in _needs() if need.marker and need.marker.evaluate({"extra": extra}) and not need.marker.evaluate({"extra": ""})
        ]
        there = all((version := _version(need.name)) and need.specifier.contains(version, prereleases=True) for need in own)
        (complete if there else absent).append(extra)
    more = f"; not installed: {', '.join(absent)} (pip install '{HOST}[{','.join(absent)}]')" if absent else ""
    return Finding("hub", "extras", "ok", f"{', '.join(complete) or 'none'}{more}")


def _home() -> Finding:
    home = Path(paths.home())
    place = home
    while not place.exists():
        place = place.parent
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return Finding("hub", "home", "ok", f"{home} can be written")
    return Finding("hub", "home", "missing", f"{home} cannot be written (HUB_HOME)", "export HUB_HOME=~/hub")


def _plugins() -> Iterator[Finding]:
    rows = plugins()
    unusable = [row for row in rows if row["state"] not in ("ok", "blocked")]
    for row in unusable:
        yield Finding("hub", f"plugin {row['name']}", "missing", f"{row['state']}: {row['reason']}", f"hub plugins --why {row['name']}")
    if not unusable:
        blocked = sum(row["state"] == "blocked" for row in rows)
        yield Finding("hub", "plugins", "ok", f"{len(rows)} installed" + (f", {blocked} of them blocked" if blocked else ""))


def _needs() -> list[Requirement]:
    return [Requirement(line) for line in metadata.requires(HOST) or []]


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
