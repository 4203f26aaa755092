"""`key=value` pairs from the command line, typed and checked against the signature of what they configure."""

from __future__ import annotations

import inspect
import json
import math
import sys
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pydantic
from pydantic_core import to_jsonable_python

from hub.errors import UsageError, nearest

RESERVED = {"task": "hub builds it from --env", "seed": "--seed sets it"}
"""Parameters of an agent that no argument sets, and why."""


def parse_arguments(
    pairs: Sequence[str],
    target: Callable[..., Any],
    what: str,
    *,
    defaults: Mapping[str, Any] | None = None,
    reserved: Mapping[str, str] = RESERVED,
) -> dict[str, Any]:
    """Return the values that `key=value` pairs give to parameters of `target`, of the types its signature asks for.

    A value is read as JSON where that fits the parameter's annotation (`3`, `true`, `null`, `[1, 2]`), else as a plain word.

    Args:
        pairs: as typed; the last of several values for one key wins.
        target: a class or function.
        what: its name in messages, e.g. `agent ppo`.
        defaults: values that a registration gives; their keys may be set too, and they stand for the signature's defaults.
        reserved: parameters that cannot be set, and why.

    Raises:
        UsageError: no `=`, an unknown key (the message gives the nearest), a reserved key, or a value of the wrong type
            (it says what would be right).
    """
    texts: dict[str, str] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{pair!r} is not an argument of {what}: write key=value, e.g. {_example(target, reserved)}")
        texts[key.strip()] = text
    readers = _readers(texts, target, what, defaults or {}, reserved)
    return {key: readers[key].read(text) for key, text in texts.items()}


def check_arguments(
    values: Mapping[str, Any],
    target: Callable[..., Any],
    what: str,
    *,
    defaults: Mapping[str, Any] | None = None,
    reserved: Mapping[str, str] = RESERVED,
) -> dict[str, Any]:
    """Return `values` given from Python or read from JSON, checked and converted like `parse_arguments`."""
    readers = _readers(values, target, what, defaults or {}, reserved)
    return {key: readers[key].convert(value) for key, value in values.items()}


def default_arguments(target: Callable[..., Any], *, reserved: Collection[str] = RESERVED) -> dict[str, Any]:
    """Return the defaults of `target`'s settable parameters, as far as JSON can hold them."""
    found = {}
    for name, parameter in parameters(target)[0].items():
        if name not in reserved and parameter.default is not inspect.Parameter.empty:
            try:
                found[name] = jsonable(parameter.default)
            except ValueError:
                continue  # an object that only Python can pass: the class's version determines it
    return found


def jsonable(value: Any) -> Any:
    """Return `value` as JSON gives it back, the keys of dictionaries sorted.

    Raises:
        ValueError: JSON cannot hold it.
    """
    return json.loads(json.dumps(to_jsonable_python(value), sort_keys=True, allow_nan=False))


def parameters(target: Callable[..., Any]) -> tuple[dict[str, inspect.Parameter], bool]:
    """Return `target`'s parameters by name, and whether it accepts any further name.

    Where a class takes `**kwargs`, the parameters of its parent are its own too.
    """
    if not inspect.isclass(target):
        return _named(inspect.signature(target))
    found: dict[str, inspect.Parameter] = {}
    for owner in target.__mro__:
        if owner is not object and "__init__" in vars(owner):
            named, open_ended = _named(inspect.signature(vars(owner)["__init__"]))
            named.pop("self", None)
            found = named | found
            if not open_ended:
                return found, False
    return found, bool(found) and any("__init__" in vars(owner) for owner in target.__mro__[:-1])


def _named(signature: inspect.Signature) -> tuple[dict[str, inspect.Parameter], bool]:
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    named = {n: p for n, p in signature.parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return named, inspect.Parameter.VAR_KEYWORD in kinds


class _Reader:
    """Reads values for one parameter."""

    def __init__(self, where: str, annotation: Any, default: Any) -> None:
        self.where, self.annotation, self.default = where, annotation, default
        try:
            self.adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(annotation)
        except pydantic.PydanticSchemaGenerationError:
            raise UsageError(f"{where} takes {_spell(annotation)}, which only Python code can pass") from None

    def read(self, text: str) -> Any:
        if self.annotation is Any:
            try:
                return json.loads(text)
            except ValueError:
                return text
        if self.default is None and text.lower() in ("none", "null"):
            return None
        try:
            return self._finite(self.adapter.validate_json("null" if text.lower() == "none" else text, strict=True))
        except pydantic.ValidationError:
            pass  # not JSON of that type: a bare word, or a number or truth value in another spelling
        try:
            return self._finite(self.adapter.validate_strings(text))
        except pydantic.ValidationError as error:
            raise self._wrong(text, error) from None

    def convert(self, value: Any) -> Any:
        if value is None and self.default is None:
            return None
        try:
            return self._finite(self.adapter.validate_python(value))
        except pydantic.ValidationError as error:
            raise self._wrong(value, error) from None

    def _finite(self, value: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"{self.where} cannot be {value}: JSON has no such number, so no result could record it; give a finite one")
        return value

    def _wrong(self, value: object, error: pydantic.ValidationError) -> UsageError:
        said = error.errors(include_url=False)[-1]["msg"]
        example = ", e.g. [1, 2]" if typing.get_origin(self.annotation) in (list, tuple) else ""
        return UsageError(f"{self.where} cannot be {value!r}: it takes {_spell(self.annotation)}{example} ({said[:1].lower() + said[1:]})")


def _readers(
    keys: Collection[str], target: Callable[..., Any], what: str, defaults: Mapping[str, Any], reserved: Mapping[str, str]
) -> dict[str, _Reader]:
    named, open_ended = parameters(target)
    settable = [name for name in dict.fromkeys([*named, *defaults]) if name not in reserved]
    readers = {}
    for key in keys:
        if key in reserved:
            raise UsageError(f"{key} of {what} cannot be set: {reserved[key]}")
        if key not in settable and not open_ended:
            raise UsageError(_unknown(key, what, settable))
        parameter = named.get(key, inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY))
        default = defaults.get(key, parameter.default)
        readers[key] = _Reader(f"{key} of {what}", _annotation(target, parameter, default), default)
    return readers


def _annotation(target: Callable[..., Any], parameter: inspect.Parameter, default: Any) -> Any:
    written = parameter.annotation
    if written is inspect.Parameter.empty:
        kinds: dict[type, Any] = {bool: bool, int: int | float, float: float, str: str}
        return kinds.get(type(default), Any)
    if not isinstance(written, str):
        return written
    for owner in target.__mro__ if inspect.isclass(target) else (target,):
        try:  # one annotation at a time: another one may name what only a type checker imports
            return typing.get_type_hints(SimpleNamespace(__annotations__={"it": written}), vars(sys.modules[owner.__module__]))["it"]
        except (NameError, AttributeError):
            continue
    return Any if default is inspect.Parameter.empty or default is None else type(default)


def _unknown(key: str, what: str, settable: Sequence[str]) -> str:
    if not settable:
        return f"{what} takes no arguments, so {key!r} cannot be set"
    near = nearest(key, settable)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"{what} has no argument {key!r}{hint} (it takes {', '.join(settable)})"


def _example(target: Callable[..., Any], reserved: Mapping[str, str]) -> str:
    for name, parameter in parameters(target)[0].items():
        if name not in reserved:
            default = parameter.default
            return f"{name}={'...' if default is inspect.Parameter.empty else default}"
    return "size=3"


def _spell(annotation: Any) -> str:
    return annotation.__name__ if inspect.isclass(annotation) else str(annotation).replace("typing.", "")
