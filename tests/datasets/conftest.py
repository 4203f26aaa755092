"""The quarry, a plugin with recipes, on the path of this process and of those it starts; and an empty folder of datasets for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.plugins import index

QUARRY = Path(__file__).parent / "quarry"


@pytest.fixture(scope="session")
def quarry_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hub-home")


@pytest.fixture(scope="module", autouse=True)
def quarry(quarry_home: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(QUARRY))
        patch.setenv("PYTHONPATH", str(QUARRY))
        patch.setenv("HUB_HOME", str(quarry_home))
        index.forget()
        yield
    index.forget()


@pytest.fixture(autouse=True)
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of datasets."""
    folder = tmp_path / "datasets"
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder
