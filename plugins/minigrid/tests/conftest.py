"""A folder of levels and datasets for the whole session, and the tasks that several tests here take."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch

import hub
from hub import cli


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("HUB_HOME", "HUB_ENVS_CACHE", "MINARI_DATASETS_PATH"):
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        yield


@pytest.fixture(scope="session")
def recorded(_own_folders: None) -> Callable[[str], str]:
    """Return a function that records a registered dataset unless that is done, and returns its name."""
    done = set()

    def record(name: str) -> str:
        if name not in done:
            assert cli.main(["data", "record", name]) == 0
            done.add(name)
        return name

    return record


@pytest.fixture(scope="session")
def rooms() -> hub.Task:
    """Seven rooms, on four levels."""
    return hub.describe("minigrid/MultiRoom-N7-S4-v0", {"levels": "train", "num_levels": 4})


@pytest.fixture(scope="session")
def empty() -> hub.Task:
    """A room of three by three cells, whose corner is soon found by chance."""
    return hub.describe("minigrid/Empty-5x5-v0", {"levels": "train", "num_levels": 2})
