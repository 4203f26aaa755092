"""A plugin for tests and benchmarks of runs: a world that fails where it is told to, and an agent that learns in no time.

`LAB_FAULT=KIND:SEED` makes the episode with that seed fail at its third step; `LAB_ONCE=FILE` only while FILE does not exist,
`LAB_LEVELS=train` only on those levels. The faults are set from outside because what is in the environment's arguments would show in the
result.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np

import hub


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the world, also under a name with a protocol."""
    return [
        hub.EnvironmentSpec(id="lab/Walk-v0", entry_point="hub_lab:Walk", summary="a random walk"),
        hub.EnvironmentSpec(id="lab/Judged-v0", entry_point="hub_lab:Walk", summary="a random walk under a protocol"),
        hub.EnvironmentSpec(
            id="lab/Slow-v0", entry_point="hub_lab:Walk", kwargs={"longest": 60}, slots=2, summary="a walk that takes its time"
        ),
        hub.EnvironmentSpec(
            id="lab/Fonts-v0", entry_point="hub_lab:Fonts", deterministic="outcomes", summary="a walk seen otherwise elsewhere"
        ),
        hub.EnvironmentSpec(id="lab/Desk-v0", entry_point="hub_desk:Desk", summary="buttons on a screen, pressed by text"),
        hub.EnvironmentSpec(
            id="lab/Desks-v0", entry_point="hub_desk:Desk", vector_entry_point="hub_desk:Desks", summary="the same, natively batched"
        ),
        hub.EnvironmentSpec(id="lab/Levels-v0", entry_point="hub_lab:Levels", summary="a random walk on levels that are held back"),
    ]


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register agents that learn and that do not fit."""
    return [
        hub.AgentSpec(name="tally", entry_point="hub_lab:Tally", summary="learns the mean observation"),
        hub.AgentSpec(name="steady", entry_point="hub_lab:Steady", summary="learns the same, and takes up a killed training"),
        hub.AgentSpec(name="witness", entry_point="hub_lab:Witness", summary="remembers what it was told of the levels"),
        hub.AgentSpec(name="other", entry_point="hub_lab:Other", summary="the same under another name"),
        hub.AgentSpec(name="parrot", entry_point="hub_lab:Parrot", summary="says what it was told to say"),
        hub.AgentSpec(name="clerk", entry_point="hub_desk:Clerk", summary="presses buttons, right or wrong"),
        hub.AgentSpec(name="crowd", entry_point="hub_lab:Crowd", summary="needs many players"),
        hub.AgentSpec(name="stubborn", entry_point="hub_lab:Stubborn", summary="cannot be built"),
    ]


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register one that judges by a metric, with two tasks and a limit, a second for its environment, and one that holds levels back."""
    return [
        hub.ProtocolSpec(
            name="lab-judged",
            version=3,
            env="lab/Judged-v0",
            tasks=({"longest": 6}, {"longest": 20}),
            episodes=7,
            metric="height",
            metrics={"height": "last"},
            train_steps=50,
            max_steps=4,
        ),
        hub.ProtocolSpec(name="lab-judged-short", env="lab/Judged-v0", tasks=({"longest": 5},), episodes=3, train_steps=0),
        hub.ProtocolSpec(name="lab-slow", env="lab/Slow-v0", tasks=({"pause": 0.02},), episodes=3, max_seconds=0.07),
        *(
            hub.ProtocolSpec(name=f"lab-{name.lower()}", env=f"lab/{name}-v0", episodes=5, metrics={"invalid": "sum"}, max_steps=6)
            for name in ("Desk", "Desks")
        ),
        hub.ProtocolSpec(
            name="lab-levels", env="lab/Levels-v0", tasks=({"levels": "test"},), episodes=6, training_kwargs={"levels": "train"}
        ),
    ]


class Walk(gym.Env[np.ndarray, np.int64]):
    """Two numbers drift at random and by the action; an episode lasts between 3 and `longest` steps."""

    levels = ""

    def __init__(self, longest: int = 12, pause: float = 0.0, noise: tuple[float, ...] = (1.0,)) -> None:
        self.observation_space = gym.spaces.Box(-np.inf, np.inf, (2,), np.float64)
        self.action_space = gym.spaces.Discrete(3)
        self._longest, self._pause, self._noise = longest, pause, noise

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """Start at a random place."""
        super().reset(seed=seed)
        self._seed, self._step = seed, 0
        self._end = int(self.np_random.integers(3, self._longest + 1))
        self._place = self.np_random.normal(size=2)
        return self._place.copy(), {"height": 0.0}

    def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Drift."""
        time.sleep(self._pause)
        self._step += 1
        if self._step == 3 and os.environ.get("LAB_LEVELS", self.levels) == self.levels:
            fail_if_told(self._seed)
        self._place = self._place + self.np_random.normal(size=2) * self._noise[0] + (int(action) - 1)
        return self._place.copy(), float(self._place[0]), self._step >= self._end, False, {"height": float(self._place[1])}


class Levels(Walk):
    """The walk, begun the higher up the higher its level: `train` has levels 0 to 4, `test` 5 to 9, `validation` 10 to 14."""

    FIRST: ClassVar[dict[str, int]] = {"train": 0, "test": 5, "validation": 10}

    def __init__(self, levels: str = "train", longest: int = 12) -> None:
        super().__init__(longest)
        self.levels = levels

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """Start on the level that the seed names."""
        _, info = super().reset(seed=seed)
        self._place[0] += self.FIRST[self.levels] + (seed or 0) % 5
        return self._place.copy(), info


class Fonts(Walk):
    """The walk, of which `LAB_FONTS` decides what is seen, not what happens."""

    def _seen(self, observation: np.ndarray) -> np.ndarray:
        return observation + float(os.environ.get("LAB_FONTS", "0"))

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """Start at a random place."""
        observation, info = super().reset(seed=seed)
        return self._seen(observation), info

    def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Drift."""
        observation, *rest = super().step(action)
        return self._seen(observation), *rest


def fail_if_told(episode_seed: int | None) -> None:
    """Fail as `LAB_FAULT` says, if it means the episode with that seed."""
    kind, _, seed = os.environ.get("LAB_FAULT", "").partition(":")
    if not kind or (seed and int(seed) != episode_seed):
        return
    once = os.environ.get("LAB_ONCE")
    if once and Path(once).exists():
        return
    if once:
        Path(once).touch()
    FAULTS[kind]()


def _raise(error: BaseException) -> None:
    raise error


def _hang() -> None:
    while True:
        time.sleep(0.01)


def _print() -> None:
    os.write(1, b"printed by the environment\n")
    print("printed by the environment")


FAULTS: dict[str, Callable[[], object]] = {
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "memory": lambda: _raise(MemoryError()),
    "raise": lambda: _raise(ValueError("the floor\nis missing")),
    "hang": _hang,
    "hang-in-c": lambda: ctypes.PyDLL(None).sleep(3600),  # PyDLL keeps the interpreter's lock
    "interrupt": lambda: signal.raise_signal(signal.SIGINT),
    "terminate": lambda: signal.raise_signal(signal.SIGTERM),
    "hang-up": lambda: signal.raise_signal(signal.SIGHUP),
    "full": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)),
    "print": _print,
}


class Tally(hub.Agent):
    """Remembers the mean of the observations it was trained on."""

    needs: ClassVar[hub.Needs] = hub.Needs(observations=("Box",), actions=("Discrete",))
    default_train_steps: ClassVar[int] = 40

    def __init__(self, task: hub.Task, *, seed: int = 0, gain: float = 1.0, layers: Sequence[int] = (1, 2), ponder: float = 0.0) -> None:
        super().__init__(task, seed=seed)
        self._gain, self._ponder = gain, ponder
        self._mean = np.random.default_rng(seed).normal(size=2)

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Push towards the mean."""
        return 1 + np.sign(self._gain * (self._mean - observations)[:, 0]).astype(np.int64)

    def learn(self, training: hub.Training) -> None:
        """Walk about and average."""
        env = training.make()
        observation, _ = env.reset()
        seen = [observation]
        time.sleep(self._ponder)
        while training.remaining > 0:
            observation, _, terminated, truncated, _ = env.step(np.int64(1))
            seen.append(observation)
            training.report(mean=float(np.mean(seen)))
            if terminated or truncated:
                observation, _ = env.reset()
        self._mean = np.mean(seen, axis=0)

    def weights(self) -> dict[str, np.ndarray]:
        """Return the mean."""
        return {"mean": self._mean, "scale": np.array(1.0)}

    def load_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Take over a mean."""
        self._mean = weights["mean"].reshape(2)


class Steady(Tally):
    """Averages what a random walker sees, and saves itself before each episode."""

    def learn(self, training: hub.Training) -> None:
        """Walk at random, whole episodes."""
        env, rng = training.make(), np.random.default_rng(self.seed)
        total, count = np.zeros(2), 0
        if training.saved is not None:
            total, count = training.saved.arrays["total"], training.saved.facts["count"]
            rng.bit_generator.state = training.saved.facts["rng"]
        while training.remaining > 0:
            training.save({"total": total}, {"count": count, "rng": rng.bit_generator.state})
            env.reset()
            ended = False
            while not ended:
                observation, _, ended, _, _ = env.step(rng.integers(3))
                total, count = total + observation, count + 1
            training.report(mean=float(total[0]) / count, seen=count)
        self._mean = total / count


class Witness(Tally):
    """Its weights are the first level of its own task and of the task it trained on."""

    def learn(self, training: hub.Training) -> None:
        """Take down what it is told, and see that the environment is what the task says."""
        first = [Levels.FIRST[task.env_kwargs["levels"]] for task in (self.task, training.task)]
        assert training.make().unwrapped.levels == training.task.env_kwargs["levels"]
        self._mean = np.array(first, np.float64)

    def episode_metrics(self, slot: int) -> Mapping[str, float]:
        """Return the first level of the task it was built for."""
        return {"told": float(Levels.FIRST[self.task.env_kwargs["levels"]])}


class Other(Tally):
    """The same agent, registered apart."""


class Parrot(Tally):
    """Demonstrates when it has a script."""

    default_train_steps: ClassVar[int] = 0

    def __init__(self, task: hub.Task, *, seed: int = 0, script: str = "") -> None:
        super().__init__(task, seed=seed)
        self.demonstration = f"its replies come from {script}" if script else None


class Crowd(Tally):
    """Needs many players."""

    needs: ClassVar[hub.Needs] = hub.Needs(players="many")


class Stubborn(Tally):
    """Cannot be built."""

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        raise RuntimeError("no")
