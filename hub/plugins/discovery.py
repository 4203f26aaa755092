"""Finding installed plugins in the metadata of packages. Nothing is imported, and nothing that is wrong with a package raises."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
import re
import sys
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from hub import __version__
from hub.loading import one_line
from hub.plugins import GROUP, stamps

_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_VALUE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)?", re.ASCII)
RESERVED = ("gymnasium", "hub", "phys2d", "tabular")

Candidate = dict[str, Any]
"""An entry point as found: `name`, `value`, `distribution`, `version`, `metadata` (its folder), `stamp` of that, `files` (stamps of the
sources of an editable plugin), `state` and `reason`; an empty state means that it has yet to be looked into."""


def candidates(folders: list[str]) -> list[Candidate]:
    """Return the entry points of group `hub.plugins` in the metadata in `folders`; a distribution hides the same one in a later folder."""
    seen: set[str] = set()
    found: list[Candidate] = []
    for folder in folders:
        for entry in sorted(stamps.metadata_entries(folder), key=lambda entry: entry.name):
            distribution = re.sub(r"[-_.]+", "-", entry.name.rsplit(".", 1)[0].partition("-")[0]).lower()
            if distribution not in seen:
                seen.add(distribution)
                found += _of_distribution(entry.path)
    return found


def _of_distribution(metadata: str) -> list[Candidate]:
    try:
        with open(os.path.join(metadata, "entry_points.txt"), encoding="utf-8", errors="replace") as file:
            if f"[{GROUP}]" not in file.read():
                return []
    except OSError:
        return []
    folder = Path(metadata)
    fallback = folder.name.partition("-")[0]
    try:
        distribution = Distribution.at(metadata)
        name, version = str(distribution.metadata["Name"] or fallback), str(distribution.metadata["Version"] or "unknown")
        points = [(point.name, point.value) for point in distribution.entry_points.select(group=GROUP)]
        problem = _unmet(distribution)
        editable = _is_editable(distribution) or folder.parent.name not in ("site-packages", "dist-packages")
    except Exception as error:  # whatever a package's metadata make the parser raise is the package's fault
        reason = f"its metadata cannot be read: {type(error).__name__}: {one_line(error)}"
        return [_candidate(fallback, "", (fallback, "unknown"), metadata, reason)]
    return [_checked(_candidate(point, value, (name, version), metadata, editable=editable), problem) for point, value in points]


def _candidate(name: str, value: str, package: tuple[str, str], metadata: str, reason: str = "", *, editable: bool = False) -> Candidate:
    return {
        "name": name,
        "value": value,
        "distribution": package[0],
        "version": package[1],
        "metadata": metadata,
        "stamp": stamps.file_stamp(os.path.join(metadata, "entry_points.txt")),
        "files": source_stamps(value) if editable else {},
        "state": "broken" if reason else "",
        "reason": reason,
        "trace": "",
    }


def _checked(candidate: Candidate, unmet: str) -> Candidate:
    name, value = candidate["name"], candidate["value"]
    problem = name_problem(name)
    if problem:
        candidate.update(state="broken", reason=f"the entry point's name {problem}")
    elif not _VALUE.fullmatch(value):
        candidate.update(
            state="broken", reason=f"the entry point's value {value!r} is neither 'package.module' nor 'package.module:object'"
        )
    elif unmet:
        candidate.update(state="incompatible", reason=unmet)
    return candidate


def name_problem(name: str) -> str:
    """Say why a plugin cannot have that name; empty when it can."""
    if not _NAME.fullmatch(name):
        return f"{name!r} is no plugin name: lower-case letters, digits, and single - or _ between them"
    if name in RESERVED:
        return f"{name!r} is reserved: plugins called {', '.join(RESERVED)} would own ids of others"
    return ""


def _unmet(distribution: Distribution) -> str:
    """Say what the distribution requires of Python or hub that is not so; empty when all is well."""
    python = ".".join(map(str, sys.version_info[:3]))
    wanted = distribution.metadata["Requires-Python"]
    try:
        if wanted and not SpecifierSet(wanted).contains(python, prereleases=True):
            return f"it requires Python {wanted}, and this is Python {python}"
        for line in distribution.requires or []:
            requirement = Requirement(line)
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if requirement.name.lower() == "gymhub" and applies and not requirement.specifier.contains(__version__, prereleases=True):
                return f"it requires gymhub{requirement.specifier}, and this is gymhub {__version__}"
    except (InvalidSpecifier, InvalidRequirement) as error:
        return f"its metadata state a requirement that cannot be read: {one_line(error)}"
    return ""


def _is_editable(distribution: Distribution) -> bool:
    text = distribution.read_text("direct_url.json")
    return bool(text and json.loads(text).get("dir_info", {}).get("editable"))


def source_stamps(value: str) -> dict[str, stamps.Stamp]:
    """Stamp the files that importing an entry point's value executes, found without importing them: the module and the packages above it.

    Where a part does not exist its folder is stamped instead, whose stamp changes when the part appears.
    """
    parts = value.partition(":")[0].split(".")
    stamped: dict[str, stamps.Stamp] = {}
    try:
        spec = importlib.util.find_spec(parts[0])
        for count in range(2, len(parts) + 2):
            if spec is None or spec.origin is None:
                break
            stamped[spec.origin] = stamps.file_stamp(spec.origin)
            if count > len(parts):
                break
            locations = list(spec.submodule_search_locations or [])
            spec = importlib.machinery.PathFinder.find_spec(".".join(parts[:count]), locations)
            if spec is None:
                stamped.update((folder, stamps.file_stamp(folder)) for folder in locations)
    except Exception:  # noqa: S110 - other packages' finders run here; without stamps the plugin is only judged by its metadata
        pass
    return stamped
