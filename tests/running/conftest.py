"""The laboratory: a plugin whose environment fails on request, on the path of this process and of those it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.plugins import index

LABORATORY = Path(__file__).parent / "laboratory"


@pytest.fixture(scope="session")
def lab_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hub-home")


@pytest.fixture(scope="module", autouse=True)
def laboratory(lab_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(LABORATORY))
        patch.setenv("PYTHONPATH", str(LABORATORY))
        patch.setenv("HUB_HOME", str(lab_home))
        patch.setenv("HUB_LEADERBOARDS", str(tmp_path_factory.mktemp("boards")))
        patch.chdir(tmp_path_factory.mktemp("work"))
        index.forget()
        yield
    index.forget()


def hub_apart(*words: str | Path, **environ: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "hub", *map(str, words)]
    given = {name: str(value) for name, value in environ.items()}
    return subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def apart() -> Callable[..., subprocess.CompletedProcess[str]]:
    return hub_apart
