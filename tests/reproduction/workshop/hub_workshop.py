"""A plugin for tests: a game of darts, throwers of several strengths, and papers about them with and without a sound reproduction."""

from __future__ import annotations

import dataclasses
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np

import hub


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the game, also under a name whose protocol lets agents train without handicap."""
    return [hub.EnvironmentSpec(id=f"workshop/{name}-v0", entry_point="hub_workshop:Darts") for name in ("Darts", "Lessons")]


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register throwers, and some that cannot throw here."""
    return [
        hub.AgentSpec(name="thrower", entry_point="hub_workshop:Thrower"),
        hub.AgentSpec(name="pupil", entry_point="hub_workshop:Pupil"),
        hub.AgentSpec(name="crowd", entry_point="hub_workshop:Crowd"),
        hub.AgentSpec(name="killed", entry_point="hub_workshop:Killed"),
        hub.AgentSpec(name="missing", entry_point="a_package_that_is_not_there:Agent", requires="a-package-that-is-not-there"),
    ]


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Judge by points, and state what nobody exceeds."""
    metrics: dict[str, Any] = {"points": "mean", "misses": "sum"}
    return [
        hub.ProtocolSpec(
            name="darts", env="workshop/Darts-v0", episodes=6, metric="points", metrics=metrics, upper_bound="hub_workshop:most_points"
        ),
        hub.ProtocolSpec(
            name="lessons",
            env="workshop/Lessons-v0",
            tasks=({"handicap": 0.3},),
            training_kwargs={"handicap": 0.0},
            episodes=4,
            metric="points",
            metrics=metrics,
            beside=("misses",),
        ),
    ]


@hub.hookimpl
def hub_datasets() -> list[hub.DatasetSpec]:
    """Register a dataset that can be recorded and one that cannot."""
    return [
        hub.DatasetSpec(name="workshop/rounds-v0", env="workshop/Lessons-v0", recipe="hub_workshop:rounds", kwargs={"count": 3}),
        hub.DatasetSpec(name="workshop/broken-v0", env="workshop/Lessons-v0", recipe="hub_workshop:rounds", kwargs={"count": -1}),
    ]


@hub.hookimpl
def hub_papers() -> list[hub.PaperSpec]:
    """Register papers whose reproductions are sound, contradictory, raising and not there."""
    about: dict[str, Any] = {"title": "On Darts", "authors": "A. Thrower", "year": 2025, "url": "https://example.org/darts"}
    faulty = {name: f"hub_workshop:{name}" for name in ("contradicting", "raising", "number")}
    sound = {name: f"hub_workshop:{name}" for name in ("darts", "lessons", "spoilt", "unrecorded")}
    return [
        *(hub.PaperSpec(name=name, reproduction=function, **about) for name, function in (sound | faulty).items()),
        hub.PaperSpec(name="bare", **about),
    ]


def darts() -> hub.Reproduction:
    """Return the sound one: the strong thrower is better than the weak one, and not ten times as good."""
    entrants = (
        hub.Entrant(agent="thrower", label="strong", args={"aim": 2}, role="paper"),
        hub.Entrant(agent="workshop/thrower", args={"aim": 1}),
        hub.Entrant(agent="thrower", label="idle", role="null"),
    )
    failing = tuple(hub.Entrant(agent=name, role="reference") for name in ("crowd", "missing", "killed"))
    tasks = tuple({"handicap": 0.1 * number} for number in range(3))
    near = hub.Study(name="near", title="Darts from near", env="workshop-darts", tasks=tasks, entrants=entrants)
    far = hub.Study(name="far", title="Darts from far", env="workshop-darts", tasks=({"handicap": 0.5},), episodes=4, entrants=entrants)
    broken = hub.Study(name="broken", title="Darts | broken", env="workshop-darts", tasks=({},), episodes=2, entrants=(*entrants, *failing))
    return hub.Reproduction(
        claims=(
            hub.Claim(
                text="Strong beats both.",
                agent="strong",
                over=("thrower", "idle"),
                published=hub.Published(value=40.5, unit="% over both", where="table 1"),
            ),
            hub.Claim(text="Strong is eleven times as good.", agent="strong", over=("thrower",), studies=("near",), at_least=10.0),
            hub.Claim(text="Strong beats the crowd.", agent="strong", over=("crowd",), studies=("broken",)),
        ),
        budgets={
            "small": hub.Budget(summary="Seconds.", studies=(near, far), scaled_down=("Three tasks instead of thirty.",)),
            "failing": hub.Budget(summary="With entrants that cannot play.", studies=(broken,)),
        },
        implemented=("The throwers, all of them.",),
    )


def lessons() -> hub.Reproduction:
    """Return one about learning: one pupil learns ten times as fast as the other, on one task with three training seeds."""
    study = hub.Study(
        name="lessons",
        title="Lessons",
        env="workshop-lessons",
        tasks=({}, {}, {}),
        entrants=(
            hub.Entrant(agent="pupil", label="fast", args={"speed": 4.0}, role="paper"),
            hub.Entrant(agent="pupil", label="slow", args={"speed": 0.4}),
            hub.Entrant(agent="thrower", label="idle", role="null"),
        ),
        curve="skill",
        threshold=0.9,
        datasets=("workshop/rounds-v0",),
        probes=(hub.Probe(name="aim", title="Where they aim", function="hub_workshop:aims", labels=("fast", "slow")),),
    )
    fast = {"agent": "fast", "measure": "difference"}
    return hub.Reproduction(
        claims=(
            hub.Claim(text="Fast throws better.", over=("slow", "idle"), at_least=1.5, **fast),
            hub.Claim(text="Fast learns sooner.", over=("slow",), quantity="curve", at_least=0.7, **fast),
            hub.Claim(text="Fast learns sooner than idle.", over=("idle",), quantity="curve", **fast),
        ),
        budgets={"small": hub.Budget(summary="Seconds.", studies=(study,))},
    )


def aims(agent: hub.Agent, task: hub.Task, seed: int) -> dict[str, float]:
    """Return where a pupil aims, and what else a probe is told; note each call where the tests want it."""
    _note_call()
    return {"aim": float(agent.weights()["aim"][0]), "handicap": task.env_kwargs["handicap"], "seed": np.float32(seed)}  # type: ignore[dict-item]


def spoilt() -> hub.Reproduction:
    """Return the same on a dataset whose recipe fails."""
    return _learning_from("workshop/broken-v0")


def unrecorded() -> hub.Reproduction:
    """Return the same on a dataset that nobody registers."""
    return _learning_from("elsewhere/rounds-v0")


def _learning_from(dataset: str) -> hub.Reproduction:
    sound = lessons()
    (study,) = sound.budgets["small"].studies
    other = dataclasses.replace(study, datasets=(dataset,))
    return hub.Reproduction(claims=sound.claims, budgets={"small": hub.Budget(summary="Nothing.", studies=(other,))})


def rounds(env: str, env_kwargs: Mapping[str, Any], progress: Callable[[int, int], None], *, count: int) -> Iterator[hub.OfflineEpisode]:
    """Make rounds of darts up; note each call where the tests want it."""
    if count < 0:
        raise ValueError(f"cannot play {count} rounds")
    _note_call()
    ended = np.arange(5) == 4
    for number in range(count):
        progress(number + 1, count)
        yield hub.OfflineEpisode(
            observations=np.zeros((6, 1)),
            actions=np.full(5, number % 3),
            rewards=np.ones(5),
            terminations=ended,
            truncations=np.zeros(5, np.bool_),
            seed=number,
        )


def contradicting() -> hub.Reproduction:
    """Claim something of an entrant that takes part nowhere."""
    sound = darts()
    return hub.Reproduction(claims=(hub.Claim(text="It wins.", agent="stron", over=("thrower",)),), budgets=sound.budgets)


def raising() -> hub.Reproduction:
    """Fail."""
    raise KeyError("gone")


def number() -> int:
    """Return something else."""
    return 3


class Darts(gym.Env[np.ndarray, np.int64]):
    """Five throws; each scores the aim, give or take some luck, less the handicap."""

    def __init__(self, handicap: float = 0.0) -> None:
        self.observation_space = gym.spaces.Box(0.0, 1.0, (1,), np.float64)
        self.action_space = gym.spaces.Discrete(3)
        self.handicap = handicap

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """Start a round."""
        super().reset(seed=seed)
        self._throws = 0
        return np.zeros(1), {}

    def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Throw, in as much time as the tests want."""
        time.sleep(float(os.environ.get("WORKSHOP_PAUSE", "0")))
        self._throws += 1
        points = 1.0 + float(action) - self.handicap + 0.1 * float(self.np_random.normal())
        return np.zeros(1), points, self._throws == 5, False, {"points": points, "misses": float(points < 1.0)}


def most_points(env: gym.Env[Any, Any]) -> float:
    """Return the expected points of the best aim; note each call where the tests want it."""
    _note_call()
    return 3.0 - env.unwrapped.handicap  # type: ignore[attr-defined, no-any-return]


def _note_call() -> None:
    calls = os.environ.get("WORKSHOP_CALLS")
    if calls:
        with Path(calls).open("a") as file:
            file.write("called\n")


class Thrower(hub.Agent):
    """Always aims at the same place."""

    def __init__(self, task: hub.Task, *, seed: int = 0, aim: int = 0) -> None:
        super().__init__(task, seed=seed)
        self.aim = aim

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Aim."""
        return np.full(len(slots), self.aim)


class Pupil(Thrower):
    """Its skill grows with the throws it has made, at most to 1; from 0.5 on it aims best."""

    default_train_steps: ClassVar[int] = 400

    def __init__(self, task: hub.Task, *, seed: int = 0, speed: float = 1.0) -> None:
        super().__init__(task, seed=seed)
        self._speed = speed

    def learn(self, training: hub.Training) -> None:
        """Throw; those with higher seeds are a little slower."""
        env, skill = training.make(), 0.0
        while training.remaining > 0:
            env.reset()
            for _ in range(5):
                env.step(np.int64(0))
            skill = min(1.0, (self._speed - 0.02 * self.seed) * training.done / training.steps)
            training.report(skill=skill, luck=float("nan"))
        self.aim = 2 if skill >= 0.5 else 0

    def weights(self) -> dict[str, np.ndarray]:
        """Return the aim."""
        return {"aim": np.array([self.aim])}

    def load_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Take over an aim."""
        self.aim = int(weights["aim"][0])


class Crowd(Thrower):
    """Needs many players."""

    needs: ClassVar[hub.Needs] = hub.Needs(players="many")


class Killed(Thrower):
    """Is killed at its first throw."""

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """End the process."""
        os.kill(os.getpid(), signal.SIGKILL)
