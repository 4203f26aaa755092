"""Small environments with every kind of space, and a folder of hub's own for the whole session."""

import dataclasses
import importlib.util
import os
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces

import hub
import hub.registry

IMAGE = spaces.Box(0, 255, (40, 44, 3), np.uint8)
OBSERVATIONS = {
    "box": spaces.Box(-1, 1, (7,), np.float32),
    "grid": spaces.Box(-1, 1, (2, 3), np.float64),
    "discrete": spaces.Discrete(5),
    "multidiscrete": spaces.MultiDiscrete([3, 4]),
    "multibinary": spaces.MultiBinary(6),
    "image": IMAGE,
    "dict": spaces.Dict({"picture": IMAGE, "place": spaces.Discrete(3), "speed": spaces.Box(-1, 1, (2,), np.float32)}),
}
ACTIONS = {
    "discrete": spaces.Discrete(4),
    "multidiscrete": spaces.MultiDiscrete([3, 2]),
    "multibinary": spaces.MultiBinary(3),
    "box": spaces.Box(np.array([-2.0, 0.0], np.float32), np.array([1.0, 3.0], np.float32)),
}


class Sampler(gym.Env):
    """Shows samples of its observation space; episodes last five steps and end or are cut short by turns."""

    def __init__(self, observations: str = "box", actions: str = "discrete") -> None:
        self.observation_space = OBSERVATIONS[observations]
        self.action_space = ACTIONS[actions]
        self._episodes = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(int(self.np_random.integers(2**31)))
        self._episodes += 1
        self._steps = 0
        return self.observation_space.sample(), {}

    def step(self, action):
        assert self.action_space.contains(action), action
        self._steps += 1
        over = self._steps == 5
        return (
            self.observation_space.sample(),
            float(np.sum(action)),
            over and self._episodes % 2 == 0,
            over and self._episodes % 2 == 1,
            {},
        )


gym.register("Sampler-v0", Sampler)


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory):
    before = os.environ.get("HUB_HOME")
    os.environ["HUB_HOME"] = str(tmp_path_factory.mktemp("hub-home"))
    torch.set_num_threads(1)
    yield
    if before is None:
        del os.environ["HUB_HOME"]
    else:
        os.environ["HUB_HOME"] = before


@pytest.fixture(scope="session")
def task():
    """Return a function that makes the task of the sampler with named spaces."""

    def make(observations: str = "box", actions: str = "discrete") -> hub.Task:
        return hub.Task(
            env_id="Sampler-v0",
            env_kwargs={"observations": observations, "actions": actions},
            observation_space=OBSERVATIONS[observations],
            action_space=ACTIONS[actions],
        )

    return make


@pytest.fixture(scope="session")
def batch():
    """Return a function that draws a batch of n observations of a space."""

    def draw(space: gym.Space, n: int, seed: int = 0):
        batched = gym.vector.utils.batch_space(space, n)
        batched.seed(seed)
        return batched.sample()

    return draw


@pytest.fixture(scope="session", autouse=True)
def _toy_games(_own_home):
    """Register the games of `toy_games.py`, as a plugin would."""
    found = importlib.util.spec_from_file_location("toy_games", Path(__file__).with_name("toy_games.py"))
    module = importlib.util.module_from_spec(found)
    sys.modules["toy_games"] = module
    found.loader.exec_module(module)
    games = [
        hub.EnvironmentSpec(id="toys/Signals-v0", entry_point="toy_games:Signals", kind="parallel"),
        hub.EnvironmentSpec(
            id="toys/NativeSignals-v0", entry_point="toy_games:Signals", vector_entry_point="toy_games:SignalsBatch", kind="parallel"
        ),
    ]
    toys = [{**dataclasses.asdict(game), "plugin": "toys"} for game in games]
    plugin = {"name": "toys", "distribution": "toys", "version": "0", "state": "ok"}
    rows, plugins = hub.registry.rows, hub.registry.plugins
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.registry.rows", lambda kind: rows(kind) + (toys if kind == "environments" else []))
        patch.setattr("hub.registry.plugins", lambda: [*plugins(), plugin])
        yield
