"""The workshop, a plugin with papers that can be reproduced in seconds, and data files made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import cli
from hub.plugins import index

WORKSHOP = Path(__file__).parent / "workshop"


@pytest.fixture(scope="session")
def workshop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hub-home")


@pytest.fixture(scope="module", autouse=True)
def workshop(workshop_home: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(WORKSHOP))
        patch.setenv("PYTHONPATH", str(WORKSHOP))
        patch.setenv("HUB_HOME", str(workshop_home))
        index.forget()
        yield
    index.forget()


@pytest.fixture(scope="module")
def reproduced(workshop: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which `hub reproduce darts` ran both budgets once; tests that write use a copy."""
    folder = tmp_path_factory.mktemp("reproduced")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for budget in ("small", "failing"):
            assert cli.main(["reproduce", "darts", "--budget", budget]) == 1  # a claim does not hold; runs failed
    return folder


@pytest.fixture(scope="module")
def learned(workshop: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which `hub reproduce lessons` ran once, with the datasets beside it; tests that write use a copy."""
    folder = tmp_path_factory.mktemp("learned")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINARI_DATASETS_PATH", str(folder / "datasets"))
        patch.chdir(folder)
        assert cli.main(["reproduce", "lessons"]) == 0
        yield folder
