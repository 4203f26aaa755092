"""A folder for what hub keeps, and the small road that several tests here take."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

import hub


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_HOME", str(tmp_path_factory.mktemp("hub_home")))
        yield


@pytest.fixture(scope="session")
def road() -> hub.Task:
    """Two learners among eight drivers."""
    return hub.describe("highway/Heterogeneous-v0", {"mix": "chaotic", "agents": 2, "vehicles": 8})
