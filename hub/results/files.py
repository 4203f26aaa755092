"""Reading and writing result documents: canonical bytes out, a clear word about what is damaged in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from hub.errors import DamagedFile, UsageError
from hub.files import write_atomically
from hub.results.models import Cost, Record, Result

Document = TypeVar("Document", bound=Record)


def canonical_bytes(document: Record) -> bytes:
    """Return a document's one spelling: JSON in the model's field order, one field a line, one element of a list a line.

    A field that is an object with lists in it is spread likewise.
    Equal documents give equal bytes, and a change of one episode is a change of one line.
    """
    fields = document.model_dump(mode="json", by_alias=True)
    return ("{\n" + ",\n".join(f" {_compact(key)}: {_spread(value)}" for key, value in fields.items()) + "\n}\n").encode()


def _spread(value: Any, indent: str = " ") -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"{indent} {_compact(element)}" for element in value) + f"\n{indent}]"
    if isinstance(value, dict) and any(isinstance(inner, list) for inner in value.values()):
        inside = ",\n".join(f"{indent} {_compact(key)}: {_spread(inner, indent + ' ')}" for key, inner in value.items())
        return f"{{\n{inside}\n{indent}}}"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def write_result(result: Result, path: str | os.PathLike[str]) -> None:
    """Write `result` to `path` in its canonical bytes, whole or not at all.

    Raises:
        HubError: the folder cannot be written.
    """
    write_atomically(path, canonical_bytes(result))


def read_result(path: str | os.PathLike[str]) -> Result:
    """Read a result document; a folder stands for the `result.json` in it.

    Raises:
        UsageError: there is no such file.
        DamagedFile: it is not a result of this version; the message names the first field that is wrong.
    """
    return read_document(path, Result, "result.json")


def read_cost(path: str | os.PathLike[str]) -> Cost:
    """Read a cost document; a folder stands for the `cost.json` in it. Raises as `read_result` does."""
    return read_document(path, Cost, "cost.json")


def read_document(path: str | os.PathLike[str], model: type[Document], name: str) -> Document:
    """Read the `model` document at `path`, or the one called `name` in the folder `path`. Raises as `read_result` does."""
    file = Path(path)
    if file.is_dir():
        file = file / name
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"there is no {file}") from error
    except OSError as error:
        raise DamagedFile(f"{file} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise DamagedFile(f"{file} cannot be read: {error}") from error
    return parse_document(text, model, str(file))


def parse_document(text: str, model: type[Document], where: str) -> Document:
    """Return the `model` document in `text`; `where` names it in errors. Raises `DamagedFile` as `read_result` does."""
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        raise DamagedFile(
            f"{where} is damaged: not JSON at line {error.lineno}, column {error.colno} ({error.msg}); was it cut short?"
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; lists in lists without end
        raise DamagedFile(f"{where} is damaged: its JSON cannot be read: {error}") from error
    if not isinstance(fields, dict):
        raise DamagedFile(f"{where} is damaged: a JSON object is expected, not {type(fields).__name__}")
    _check_schema(fields.get("schema"), str(model.model_fields["schema_"].default), where)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise DamagedFile(f"{where} is damaged: {_first_fault(error)}") from error


def _check_schema(found: object, expected: str, where: str) -> None:
    if found == expected:
        return
    family = expected.rpartition("/")[0]
    if isinstance(found, str) and found.startswith(family + "/") and found.rpartition("/")[2].isdigit():
        raise DamagedFile(f"{where} has schema {found!r} and this hub reads {expected!r}; install a hub that reads it")
    raise DamagedFile(f"{where} is damaged: field 'schema' is {found!r}, expected {expected!r}")


def _first_fault(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False)
    field = ".".join(map(str, faults[0]["loc"]))
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"field {field!r}: {faults[0]['msg'].lower()}{more}"
