"""`hub doctor`: hub's own needs, plugins' checkups, and checkups that are wrong themselves."""

from __future__ import annotations

import json
import sys

import pytest

from hub import registry
from hub.cli import main
from hub.specs import CheckupSpec

LIGHTHOUSE = [
    {"checkup": "lighthouse", "name": "lamp", "state": "ok", "detail": "burns", "remedy": None},
    {
        "checkup": "lighthouse",
        "name": "foghorn",
        "state": "missing",
        "detail": "no program foghorn on the PATH",
        "remedy": "apt-get install foghorn",
    },
]
"""What the example package's own checkup finds."""


@pytest.fixture
def doctor(examples, capsys):
    def run(*words):
        code = main(["doctor", *words])
        return code, *capsys.readouterr()

    return run


def test_checkups_are_found_by_their_name_and_their_plugins(examples):
    (found,) = registry.find_checkups("lighthouse/stairs")
    assert found.spec == CheckupSpec(
        name="lighthouse/stairs", function="hub_lighthouse.stairs:count", requires="hub-lighthouse[stairs]", summary="how many steps"
    )
    assert [each.spec.name for each in registry.find_checkups("lighthouse")] == ["lighthouse", "lighthouse/stairs"]


def test_what_is_missing_is_shown_with_the_line_to_type(doctor):
    code, out, err = doctor("lighthouse")
    assert (code, err) == (1, "")
    assert "no program foghorn" in out
    assert out.splitlines()[-2:] == ["apt-get install foghorn", "pip install 'hub-lighthouse[stairs]'"]


def test_json_tells_the_same(doctor):
    code, out, _ = doctor("lighthouse", "--json")
    found = json.loads(out)
    assert code == 1
    assert found["findings"][:2] == LIGHTHOUSE
    stairs = found["findings"][2]
    assert (stairs["checkup"], stairs["state"], stairs["name"]) == ("lighthouse/stairs", "missing", "package_nobody_has")
    assert found["remedies"] == ["apt-get install foghorn", "pip install 'hub-lighthouse[stairs]'"]


def test_without_a_name_hub_itself_and_every_checkup_are_examined(doctor):
    found = json.loads(doctor("--json")[1])["findings"]
    assert {"python", "packages", "extras", "home", "plugins"} <= {row["name"] for row in found if row["checkup"] == "hub"}
    assert {"hub", "lighthouse", "lighthouse/stairs"} <= {row["checkup"] for row in found}


def test_hub_alone_is_fine_here(doctor):
    code, out, _ = doctor("hub", "--json")
    assert (code, json.loads(out)["remedies"]) == (0, [])


def test_a_home_that_cannot_be_written_and_an_unusable_plugin_are_missing(doctor, examples, monkeypatch, tmp_path):
    examples.install("sick", "1 / 0")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "file" / "home"))
    code, out, _ = doctor("hub", "--json")
    found = {row["name"]: row for row in json.loads(out)["findings"]}
    assert code == 1
    assert found["home"]["state"] == "missing"
    assert found["plugin sick"]["remedy"] == "hub plugins --why sick"


def test_a_mistyped_name_gets_the_nearest(doctor):
    said = "hub: unknown checkup 'lighthous'; did you mean lighthouse or lighthouse/stairs? (`hub doctor` shows all)\n"
    assert doctor("lighthous") == (2, "", said)


FAULTY = {
    "raise ValueError('no\\nway')": "raised ValueError: no way",
    "raise SystemExit(3)": "raised SystemExit: 3",
    "return None": "returned a NoneType, not an iterable of mappings",
    "return {'name': 'x'}": "returned a dict, not an iterable of mappings",
    "return ['x']": "gave a str as item 0, not a mapping",
    "return [{'name': 'x', 'ok': True}]": "gave item 0 the keys name, ok; they must be name, ok, detail, remedy",
    "return [{'name': 'x', 'ok': 1, 'detail': '', 'remedy': None}]": "gave item 0 ok=1; it must be bool",
}


@pytest.mark.parametrize("body", FAULTY)
def test_a_checkup_that_is_wrong_itself_is_one_clear_line(doctor, examples, body, monkeypatch):
    monkeypatch.delitem(sys.modules, "quack", raising=False)
    examples.install(
        "quack",
        "import hub\n\n@hub.hookimpl\ndef hub_checkups():\n    return [hub.CheckupSpec(name='quack', function='quack:look')]\n\n"
        f"def look():\n    {body}\n",
    )
    code, out, err = doctor("quack", "lighthouse", "--json")
    (quack, *others) = json.loads(out)["findings"]
    assert (code, err) == (1, "")
    assert (quack["state"], quack["remedy"]) == ("broken", None)
    assert quack["detail"] == f"quack:look {FAULTY[body]}; the authors of quack should hear of it"
    assert others[:2] == LIGHTHOUSE
