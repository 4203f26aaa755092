"""Result documents: canonical bytes out, clear words about damage in."""

from __future__ import annotations

import json

import pytest

from hub.errors import DamagedFile, HubError, UsageError
from hub.results.files import canonical_bytes, read_cost, read_result, write_result


def test_reading_and_writing_gives_the_same_bytes(runs, tmp_path):
    original = (runs / "random" / "result.json").read_bytes()
    write_result(read_result(runs / "random"), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == original


def test_document_is_plain_json_with_an_episode_a_line(result):
    text = canonical_bytes(result).decode()
    fields = json.loads(text)
    assert {"env", "agent", "protocol", "episodes", "summary"} <= fields.keys()
    assert {"seed", "return", "length"} <= fields["episodes"][0].keys()
    lines = [line for line in text.splitlines() if line.startswith('  {"index"')]
    assert [json.loads(line.rstrip(","))["index"] for line in lines] == list(range(len(result.episodes)))


def test_cost_stands_beside_the_result(runs):
    assert read_cost(runs / "random").eval_wall_s > 0


def edited(result, change):
    fields = json.loads(canonical_bytes(result))
    change(fields)
    return json.dumps(fields)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda fields: fields.pop("agent"), "field 'agent': field required"),
        (lambda fields: fields.update(schema="hub/result/2"), "has schema 'hub/result/2' and this hub reads 'hub/result/1'"),
        (lambda fields: fields.pop("schema"), "field 'schema' is None"),
        (lambda fields: fields.update(extra=1), "field 'extra': extra inputs are not permitted"),
        (lambda fields: fields["episodes"][3].update(length="long"), "field 'episodes.3.length'"),
        (lambda fields: fields["protocol"].update(metrics={"x": "median"}), "field 'protocol.metrics.x'"),
    ],
)
def test_damage_is_named(result, tmp_path, change, message):
    file = tmp_path / "result.json"
    file.write_text(edited(result, change))
    with pytest.raises(DamagedFile, match=r"result\.json") as caught:
        read_result(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keep", [0, 1, 100, -20])
def test_truncated_document_is_damaged(result, tmp_path, keep):
    file = tmp_path / "result.json"
    file.write_bytes(canonical_bytes(result)[:keep])
    with pytest.raises(DamagedFile, match="not JSON at line"):
        read_result(file)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[]", "a JSON object is expected"),
        (b"\xff\xfe", "cannot be read"),
        (b'{"schema": NaN', "not JSON"),
        (b"[" * 200_000, "its JSON cannot be read"),
        (b'{"schema": ' + b"7" * 9_000 + b"}", "its JSON cannot be read"),
    ],
)
def test_other_files_are_no_results(tmp_path, data, message):
    file = tmp_path / "x.json"
    file.write_bytes(data)
    with pytest.raises(DamagedFile, match=message):
        read_result(file)


def test_a_file_that_cannot_be_opened_is_named_once(tmp_path):
    (tmp_path / "result.json").mkdir()
    with pytest.raises(DamagedFile, match=r"result\.json cannot be read: Is a directory$"):
        read_result(tmp_path)


def test_missing_file_is_a_users_mistake(tmp_path):
    with pytest.raises(UsageError, match="there is no"):
        read_result(tmp_path / "nowhere.json")


def test_unwritable_folder_is_one_clear_line(result, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HubError, match="cannot write"):
        write_result(result, tmp_path / "file" / "result.json")
