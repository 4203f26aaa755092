"""Records that grew: fields added later are left out where they say nothing, so that documents written before keep their bytes."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import GetJsonSchemaHandler, SerializerFunctionWrapHandler, model_serializer
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from hub.results.records import Record


class SparseRecord(Record):
    """A record that is written without those of its `later` fields that hold their default."""

    later: ClassVar[frozenset[str]] = frozenset()
    """Names of fields with defaults, added after documents without them were published."""

    @model_serializer(mode="wrap")
    def _leave_out(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        silent = {name for name in self.later if getattr(self, name) == fields[name].get_default(call_default_factory=True)}
        return {key: value for key, value in written.items() if key not in silent}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the fields, which a serialiser of its own would hide."""
        return handler({key: value for key, value in schema.items() if key != "serialization"})
