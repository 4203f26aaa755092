"""The published JSON Schemas are those of the models, and real documents satisfy them."""

from __future__ import annotations

import json

import jsonschema
import pytest

from hub.results.files import canonical_bytes
from hub.results.schema import DOCUMENTS, FOLDER, publish, schema_text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_published_schema_is_up_to_date(name):
    published = (FOLDER / name).read_text(encoding="utf-8")
    assert published == schema_text(DOCUMENTS[name]), "run `python -m hub.results.schema`"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(DOCUMENTS[name])))


def test_publishing_writes_every_schema(tmp_path):
    assert sorted(file.name for file in publish(tmp_path)) == sorted(file.name for file in tmp_path.iterdir())


@pytest.mark.parametrize(("name", "document"), [("result-1.json", "result.json"), ("cost-1.json", "cost.json")])
def test_documents_of_a_run_satisfy_their_schema(runs, name, document):
    jsonschema.validate(json.loads((runs / "random" / document).read_text()), json.loads((FOLDER / name).read_text()))


def test_schema_refuses_what_the_reader_refuses(result):
    fields = json.loads(canonical_bytes(result))
    fields["episodes"][0]["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(fields, json.loads((FOLDER / "result-1.json").read_text()))
