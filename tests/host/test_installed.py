"""Which packages are installed is asked once, and again when it has changed."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import pytest

from hub.installed import distributions_by_package


def test_packages_are_read_once_until_one_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, asked = metadata.packages_distributions, []

    def counted() -> object:
        asked.append(True)
        return read()

    monkeypatch.setattr(metadata, "packages_distributions", counted)
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "first-of-them")
    os.utime(tmp_path, (1, 1))  # clocks of file systems tick slowly
    assert distributions_by_package()["first_of_them"] == ["first-of-them"]
    (tmp_path / "notes.txt").write_text("no package")
    assert distributions_by_package() == read()
    assert len(asked) == 1
    install(tmp_path, "second-of-them")
    assert distributions_by_package()["second_of_them"] == ["second-of-them"]
    assert len(asked) == 2
    monkeypatch.undo()
    assert "second_of_them" not in distributions_by_package()


def install(folder: Path, name: str) -> None:
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "top_level.txt").write_text(name.replace("-", "_"))
