"""Results of real runs on CartPole, made once."""

from __future__ import annotations

import pytest

import hub

EPISODES = 12


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Folder with the runs of two agents: `random` and `constant`, both on the same seeds."""
    folder = tmp_path_factory.mktemp("runs")
    for agent in ("random", "constant"):
        hub.run(agent=agent, env="CartPole-v1", episodes=EPISODES, out=folder / agent, progress=False)
    return folder


@pytest.fixture
def result(runs):
    return hub_result(runs / "random")


def hub_result(path):
    from hub.results.files import read_result

    return read_result(path)
