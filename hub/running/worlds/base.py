"""What the evaluator asks of environments, whatever library they come from."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import gymnasium as gym
import numpy as np

from hub.running.worlds.layouts import Layout
from hub.running.worlds.leaves import Column, MisfitError

Side = Literal["environment", "agent"]


class FaultError(Exception):
    """An environment or agent broke its contract in `row` of the batch.

    The loop knows the episode, seed and step of the row and turns this into a `ProtocolViolation`.
    """

    def __init__(self, row: int, reason: str, by: Side = "environment") -> None:
        super().__init__(reason)
        self.row, self.reason, self.by = row, reason, by


@dataclass(slots=True)
class Tick:
    """What one step of n slots led to.

    Attributes:
        observations: one column a leaf of the observation space.
        rewards: (n,) float64, finite; in a parallel environment the sum over players.
        terminated: (n,) bool.
        truncated: (n,) bool.
        infos: as the world got them; `World.info_numbers` reads them.
        players: in a parallel environment, what each player got in each row: (reward, terminated, truncated).
    """

    observations: list[Column]
    rewards: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    infos: Any
    players: list[dict[str, tuple[float, bool, bool]]] | None = None


class World(abc.ABC):
    """Some slots, each playing one episode at a time.

    Attributes:
        name: the environment's id, for messages.
        slots: how many episodes can run side by side.
        observations: layout of an episode's observations.
        actions: layout of its actions.
        players: all players of a parallel environment, () for a single-agent one.
    """

    players: tuple[str, ...] = ()

    def __init__(self, name: str, slots: int, observation_space: gym.Space[Any], action_space: gym.Space[Any]) -> None:
        self.name = name
        self.slots = slots
        self.observations = Layout(observation_space)
        self.actions = Layout(action_space)

    @abc.abstractmethod
    def reset(self, slots: Sequence[int], seeds: Sequence[int]) -> list[Column]:
        """Start new episodes in `slots` and return their first observations, one row a slot. Raises `FaultError`."""

    @abc.abstractmethod
    def step(self, actions: Sequence[Column], slots: np.ndarray) -> Tick:
        """Step exactly `slots` (ascending) with one row of `actions` each. Raises `FaultError`."""

    @abc.abstractmethod
    def info_numbers(self, infos: Any, key: str, slots: np.ndarray) -> np.ndarray:
        """Return the numbers under `key` in a tick's infos: (n,), in a parallel environment (n, players), 0 for who did not act.

        Raises `FaultError` where one is missing.
        """

    def info_of(self, infos: Any, row: int, slot: int) -> Mapping[Any, Any]:
        """Return what a tick's infos hold of one row, which `slot` played; nothing for several players, who have an info each."""
        return {}

    def render(self, slot: int) -> Any:
        """Return what the environment in `slot` renders; for worlds that were opened with a render mode.

        Raises:
            NotImplementedError: the world is one native batch, whose slots have no pictures of their own; `open_world` opens
                single environments where a render mode is asked for.
        """
        raise NotImplementedError(f"{type(self).__name__} does not render single slots")

    @abc.abstractmethod
    def close(self) -> None:
        """Give back what the environments hold."""

    def stack_observations(self, values: Sequence[Any]) -> list[Column]:
        """Stack n observations. Raises `FaultError` when one is outside its space."""
        try:
            return self.observations.stack(values)
        except MisfitError as misfit:
            raise FaultError(misfit.row, f"observation{misfit.reason}") from None


def reward_column(values: Any, n: int) -> np.ndarray:
    """Return n rewards as float64. Raises `FaultError` for the first that is not a finite number."""
    try:
        rewards = np.array(values)
    except ValueError:
        rewards = np.empty(0)
    if rewards.shape == (n,) and rewards.dtype.kind in "fiub" and np.count_nonzero(np.isfinite(rewards)) == n:
        return rewards if rewards.dtype == np.float64 else rewards.astype(np.float64)
    for row, value in enumerate(values):
        single = np.asarray(value)
        if single.shape != () or single.dtype.kind not in "fiub" or not np.isfinite(single):
            raise FaultError(row, f"reward is {value!r}; it must be a finite number")
    raise FaultError(0, f"rewards have shape {rewards.shape}; they must be {n} numbers")


def flag_column(values: Any, n: int, name: str) -> np.ndarray:
    """Return n flags as bool. Raises `FaultError` for the first that is not a bool."""
    flags = np.array(values)
    if flags.shape == (n,) and flags.dtype == np.bool_:
        return flags
    for row, value in enumerate(values):
        if not isinstance(value, (bool, np.bool_)):
            raise FaultError(row, f"{name} is {value!r}; it must be True or False")
    raise FaultError(0, f"{name} has shape {flags.shape}; it must be {n} flags")


def number_column(values: Sequence[Any], key: str) -> np.ndarray:
    """Return metrics as float64; raise `FaultError` for the first that is not a finite number."""
    try:
        return reward_column(values, len(values))
    except FaultError as fault:
        raise FaultError(fault.row, f"info[{key!r}] is {values[fault.row]!r}; it must be a finite number") from None


def lacks_metric(key: str, present: Iterable[Any]) -> str:
    """Say that an info lacks `key`, and which keys are there."""
    return (
        f"info has no {key!r}, which the protocol's metric reads every step; its keys are {', '.join(sorted(map(str, present))) or 'none'}"
    )


def raised(call: str, error: Exception) -> str:
    """Say on one line that `call` raised `error`."""
    text = " ".join(str(error).split())
    return f"{call} raised {type(error).__name__}" + (f": {text}" if text else "")
