"""The versions in a result: the packages that took part and what they require, whatever their metadata are like."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.running.versions import versions_of


def install(folder: Path, name: str, *required: str) -> None:
    info = folder / f"{name}-1.2.dist-info"
    info.mkdir()
    lines = "".join(f"Requires-Dist: {line}\n" for line in required)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n{lines}")


def test_packages_their_needs_and_those_of_wanted_extras_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "tower", "base_stone", "flag; extra == 'festive'", "moat; extra == 'wet'", "absent_mortar")
    for name in ("base_stone", "flag", "moat"):
        install(tmp_path, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = versions_of(["tower[festive]"])
    assert {name: found.get(name) for name in ("tower", "base-stone", "flag")} == dict.fromkeys(("tower", "base-stone", "flag"), "1.2")
    assert not {"moat", "absent-mortar"} & found.keys()
    assert {"python", "gymhub"} <= found.keys()


@pytest.mark.parametrize("requirement", ["not installed anywhere", "nowhere_to_be_found"])
def test_what_no_package_brings_is_left_out(requirement: str) -> None:
    assert versions_of([requirement]) == versions_of([])


def test_metadata_that_cannot_be_read_end_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "crooked", "=> 3 towers")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert versions_of(["crooked"])["crooked"] == "1.2"
