"""A plugin for tests of datasets: pits to dig in, an agent that digs, recipes that are sound and recipes that are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np

import hub

FAULTS = ("raising", "misfit", "endless", "something-else", "empty", "missing")


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register pits whose observations are arrays, dicts and texts."""
    return [hub.EnvironmentSpec(id=f"quarry/{name}-v0", entry_point=f"hub_quarry:{name}") for name in ("Pit", "Shaft", "Echo")]


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register the agent."""
    return [hub.AgentSpec(name="digger", entry_point="hub_quarry:Digger")]


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register a protocol that holds a part of the pits back."""
    return [
        hub.ProtocolSpec(
            name="quarry-pit",
            env="quarry/Pit-v0",
            tasks=({"part": "test"},),
            training_kwargs={"part": "train"},
            episodes=5,
            max_steps=6,
        )
    ]


@hub.hookimpl
def hub_datasets() -> list[hub.DatasetSpec]:
    """Register a sound recipe and the faulty ones."""
    common: dict[str, Any] = {"env": "quarry/Pit-v0", "env_kwargs": {"part": "train"}}
    return [
        hub.DatasetSpec(name="quarry/pit/ramps-v0", recipe="hub_quarry:ramps", kwargs={"count": 4}, summary="four ramps", **common),
        *(hub.DatasetSpec(name=f"quarry/pit/{fault}-v0", recipe="hub_quarry:ramps", kwargs={"fault": fault}, **common) for fault in FAULTS),
        hub.DatasetSpec(name="quarry/pit/unbuilt-v0", recipe="hub_quarry_missing:make", requires="hub-quarry[unbuilt]", **common),
    ]


class Pit(gym.Env[Any, Any]):
    """Two random numbers each step; an episode terminates in one step of five, on average."""

    def __init__(self, part: str = "train") -> None:
        self.observation_space: gym.Space[Any] = gym.spaces.Box(-np.inf, np.inf, (2,), np.float32)
        self.action_space: gym.Space[Any] = gym.spaces.Discrete(3, start=-1)
        self._shift = {"train": 0.0, "test": 100.0}[part]

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start anew."""
        super().reset(seed=seed)
        return self._seen(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Dig; the reward is the action."""
        reward = float(np.asarray(action[0] if isinstance(action, tuple) else action))
        return self._seen(), reward, bool(self.np_random.random() < 0.2), False, {}

    def _seen(self) -> Any:
        return self.np_random.normal(self._shift, size=2).astype(np.float32)


class Shaft(Pit):
    """A pit whose observations are dicts and whose actions are tuples."""

    def __init__(self) -> None:
        super().__init__()
        self.observation_space = gym.spaces.Dict({"walls": gym.spaces.Box(0, 255, (4, 3), np.uint8), "depth": gym.spaces.Discrete(9)})
        self.action_space = gym.spaces.Tuple((gym.spaces.Discrete(2), gym.spaces.Box(-1, 1, (2,), np.float32)))

    def _seen(self) -> Any:
        return {"walls": self.np_random.integers(0, 256, (4, 3), np.uint8), "depth": self.np_random.integers(9)}


class Echo(Pit):
    """A pit that one hears."""

    def __init__(self) -> None:
        super().__init__()
        self.observation_space = gym.spaces.Text(5)

    def _seen(self) -> Any:
        return "echo"


class Digger(hub.Agent):
    """Samples from the action space, an episode's actions from its seed, and leans by its one weight."""

    def __init__(self, task: hub.Task, *, seed: int = 0, strength: float = 1.0) -> None:
        super().__init__(task, seed=seed)
        self._generators: dict[int, np.random.Generator] = {}
        self._strength, self._lean = strength, np.zeros(1)

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start the episodes' random numbers."""
        self._generators.update((slot, np.random.default_rng(seed)) for slot, seed in zip(slots, seeds, strict=True))

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Sample."""
        generators = [self._generators[slot] for slot in slots.tolist()]
        if isinstance(self.task.action_space, gym.spaces.Tuple):
            return np.array([g.integers(2) for g in generators]), np.array([g.uniform(-1, 1, 2) for g in generators], np.float32)
        return np.array([g.integers(3) - 1 if self._lean[0] == 0 else 1 for g in generators])

    def weights(self) -> dict[str, np.ndarray]:
        """Return the lean."""
        return {"lean": self._lean}

    def load_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Take over a lean."""
        self._lean = weights["lean"]


def ramps(
    env: str, env_kwargs: Mapping[str, Any], progress: Callable[[int, int], None], *, count: int = 2, fault: str = ""
) -> Iterator[hub.OfflineEpisode]:
    """Make episodes of 1, 2, ... steps that count up; the last but one is truncated. `fault` says what is wrong with the second."""
    assert (env, dict(env_kwargs)) == ("quarry/Pit-v0", {"part": "train"})
    if fault == "empty":
        return
    for number in range(count):
        progress(number, count)
        if number == 1 and fault == "raising":
            raise RuntimeError("the shovel\nbroke")
        if number == 1 and fault == "missing":
            import package_that_nobody_has  # noqa: F401
        if number == 1 and fault == "something-else":
            yield "an episode"  # type: ignore[misc]
        length = number + 1
        last = np.arange(length) == length - 1
        truncated = last & (number == count - 2)
        yield hub.OfflineEpisode(
            observations=np.arange(2 * length + 2, dtype=np.float32).reshape(length + 1, 2),
            actions=np.full(length, 7 if number == 1 and fault == "misfit" else 1),
            rewards=np.linspace(0.1, 1.0, length),
            terminations=last & ~truncated & (fault != "endless"),
            truncations=truncated & (fault != "endless"),
            seed=1000 + number // 2,
        )
    progress(count, count)
