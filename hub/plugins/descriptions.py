"""Checking what a plugin's hooks returned, and turning it into plain rows."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, get_type_hints

from packaging.requirements import InvalidRequirement, Requirement
from pydantic import TypeAdapter, ValidationError

from hub.datasets.naming import FORM, namespace_of
from hub.specs import DESCRIPTIONS, CheckupSpec, DatasetSpec, EnvironmentSpec, ProtocolSpec

_FIELDS = {described: {name: TypeAdapter(hint) for name, hint in get_type_hints(described).items()} for described in DESCRIPTIONS.values()}
_ENV_ID = re.compile(r"(?P<namespace>[\w-]+)/(?P<name>[\w.-]+?)-v(?P<version>\d+)", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9]*([-_.][a-z0-9]+)*")
ENTRY_POINT = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
"""`module:Name`, as plugins name what is imported when it is needed."""
_NOT_NEGATIVE = {"train_steps": 0, "episodes": 1, "max_steps": 1, "max_episode_steps": 1, "version": 1, "slots": 1}


class FaultyError(Exception):
    """A description breaks the contract; the message names it and the field."""


def checked(plugin: str, returned: dict[str, list[Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return a plugin's descriptions as rows that hold the fields which differ from the defaults.

    Raises:
        FaultyError: something is not as `hub.specs` and `hub.hookspecs` say.
    """
    own = {item.id for item in returned["environments"] if isinstance(item, EnvironmentSpec)}
    rows: dict[str, list[dict[str, Any]]] = {}
    for kind, items in returned.items():
        key = "id" if kind == "environments" else "name"
        seen: set[str] = set()
        for item in items:
            _check_types(kind, item)
            _check_values(item, plugin, own)
            name = getattr(item, key)
            if name in seen:
                raise FaultyError(f"hub_{kind} returns {name!r} twice")
            seen.add(name)
        rows[kind] = [_row(item) for item in items]
    return rows


def _check_types(kind: str, item: Any) -> None:
    described = DESCRIPTIONS[kind]
    if type(item) is not described:
        raise FaultyError(f"hub_{kind} returns a {type(item).__name__} where a hub.{described.__name__} belongs")
    for name, adapter in _FIELDS[described].items():
        value = getattr(item, name)
        try:
            adapter.validate_python(value, strict=True)
        except ValidationError as error:
            raise FaultyError(f"{_what(item)}: {name}={value!r} is wrong: {error.errors()[0]['msg']}") from None
        try:
            plain = json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError):
            plain = ...
        if plain != (list(value) if isinstance(value, tuple) else value):
            raise FaultyError(
                f"{_what(item)}: {name}={value!r} does not survive being written as JSON; use text, numbers, lists and dicts with text keys"
            )


def _check_values(item: Any, plugin: str, own: set[str]) -> None:
    what = _what(item)
    for name, least in _NOT_NEGATIVE.items():
        value = getattr(item, name, None)
        if value is not None and value < least:
            raise FaultyError(f"{what}: {name}={value} is less than {least}")
    for name in ("entry_point", "vector_entry_point", "model", "upper_bound", "reproduction", "recipe", "function"):
        value = getattr(item, name, None)
        if value is not None and not ENTRY_POINT.fullmatch(value):
            raise FaultyError(f"{what}: {name}={value!r} is not of the form 'package.module:Name'")
    for name in ("summary", "title", "authors", "url"):
        if not getattr(item, name, "").isprintable():
            raise FaultyError(f"{what}: {name} is not one line of printable text")
    _check_requirement(what, getattr(item, "requires", None))
    _check_name(item, plugin)
    if isinstance(item, ProtocolSpec):
        _check_protocol(item, own)


def _check_name(item: Any, plugin: str) -> None:
    if isinstance(item, EnvironmentSpec):
        _check_id(item.id, plugin)
    elif isinstance(item, DatasetSpec):
        _check_dataset_name(item.name, plugin)
    elif isinstance(item, CheckupSpec):
        _check_checkup_name(item.name, plugin)
    elif not _NAME.fullmatch(item.name):
        raise FaultyError(f"{_what(item)}: a name consists of lower-case letters, digits, and single - _ . between them")


def _check_id(env_id: str, plugin: str) -> None:
    match = _ENV_ID.fullmatch(env_id)
    if match is None and "/" not in env_id:
        raise FaultyError(
            f"environment id {env_id!r} has no namespace, as Gymnasium's own ids; plugin {plugin!r} registers '{plugin}/Name-v0'"
        )
    if match is None:
        raise FaultyError(f"environment id {env_id!r} is not of the form '{plugin}/Name-v0'")
    if match["namespace"] != plugin:
        raise FaultyError(f"environment id {env_id!r} lies in namespace {match['namespace']!r}; plugin {plugin!r} owns '{plugin}/' only")


def _check_dataset_name(name: str, plugin: str) -> None:
    namespace = namespace_of(name)
    if namespace is None:
        raise FaultyError(f"dataset name {name!r} is not of the form {FORM}")
    if namespace.partition("/")[0] != plugin:
        raise FaultyError(f"dataset {name!r} lies in namespace {namespace!r}; plugin {plugin!r} owns '{plugin}/' only")


def _check_checkup_name(name: str, plugin: str) -> None:
    own, slash, rest = name.partition("/")
    if own != plugin or (slash and not _NAME.fullmatch(rest)):
        raise FaultyError(f"checkup {name!r} of plugin {plugin!r} must be called {plugin!r} or '{plugin}/...'")


def _check_requirement(what: str, requires: str | None) -> None:
    try:
        if requires is not None:
            Requirement(requires)
    except InvalidRequirement:
        raise FaultyError(f"{what}: requires={requires!r} is nothing that pip installs") from None


def _check_protocol(protocol: ProtocolSpec, own: set[str]) -> None:
    what = _what(protocol)
    if protocol.env not in own:
        raise FaultyError(f"{what}: env={protocol.env!r} is no environment of this plugin")
    if not protocol.tasks:
        raise FaultyError(f"{what}: it has no tasks; ({{}},) is the environment as it is")
    if protocol.max_seconds is not None and not protocol.max_seconds > 0:
        raise FaultyError(f"{what}: max_seconds={protocol.max_seconds} is no positive number of seconds")
    if protocol.metric not in ("return", *protocol.metrics):
        raise FaultyError(f"{what}: metric={protocol.metric!r} is neither 'return' nor one of its metrics")
    for name in protocol.beside:
        if name not in protocol.metrics:
            raise FaultyError(f"{what}: beside names {name!r}, which is none of its metrics")
        if name == protocol.metric or protocol.beside.count(name) > 1:
            raise FaultyError(f"{what}: beside names {name!r}, which tables show already")


def _row(item: Any) -> dict[str, Any]:
    default = {field.name: field for field in dataclasses.fields(item)}
    row = {}
    for name, field in default.items():
        value = getattr(item, name)
        standard = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        if value != standard:
            row[name] = value
    return row


def _what(item: Any) -> str:
    return f"{type(item).__name__} {getattr(item, 'id', None) or getattr(item, 'name', None)!r}"
