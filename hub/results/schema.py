"""The published JSON Schemas of hub's documents, generated from the models that read and write them.

`python -m hub.results.schema` rewrites `docs/schema/`; a test fails when the files there are out of date.
"""

from __future__ import annotations

import json
from pathlib import Path

from hub.curves import Curve
from hub.files import write_atomically
from hub.leaderboards.models import BoardDocument
from hub.reproduction.models import ReproductionDocument
from hub.results.models import Cost, Record, Result
from hub.results.recordings import Recording

DOCUMENTS: dict[str, type[Record]] = {
    "result-1.json": Result,
    "cost-1.json": Cost,
    "curve-1.json": Curve,
    "board-1.json": BoardDocument,
    "recording-1.json": Recording,
    "reproduction-1.json": ReproductionDocument,
}
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schema"


def schema_text(model: type[Record]) -> str:
    """Return the JSON Schema (draft 2020-12) of a document as it is published."""
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2, ensure_ascii=False) + "\n"


def publish(folder: Path = FOLDER) -> list[Path]:
    """Write every schema into `folder` and return the files."""
    files = [folder / name for name in DOCUMENTS]
    for file, model in zip(files, DOCUMENTS.values(), strict=True):
        write_atomically(file, schema_text(model))
    return files


if __name__ == "__main__":
    publish()
