"""A world of single Gymnasium environments, one a slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from hub.running.worlds.base import FaultError, Tick, World, flag_column, lacks_metric, number_column, raised, reward_column
from hub.running.worlds.leaves import Column


class SingleWorld(World):
    """Slots that are Gymnasium environments of their own; only the live ones are stepped.

    Args:
        name: the environment's id.
        environments: one a slot.
        limit: steps after which an episode is truncated, as Gymnasium's `TimeLimit` does; None when the environments see to it themselves.
    """

    def __init__(self, name: str, environments: Sequence[gym.Env[Any, Any]], limit: int | None = None) -> None:
        first = environments[0]
        super().__init__(name, len(environments), first.observation_space, first.action_space)
        self._environments = list(environments)
        self._step = [environment.step for environment in environments]
        self._limit = limit
        self._elapsed = np.zeros(self.slots, np.int64)

    def reset(self, slots: Sequence[int], seeds: Sequence[int]) -> list[Column]:
        """Start new episodes in `slots`."""
        observations: list[Any] = []
        for row, (slot, seed) in enumerate(zip(slots, seeds, strict=True)):
            try:
                outcome = self._environments[slot].reset(seed=seed)
            except Exception as error:
                raise FaultError(row, raised("reset", error)) from error
            if not (isinstance(outcome, tuple) and len(outcome) == 2 and isinstance(outcome[1], Mapping)):
                raise FaultError(row, "reset returned something else than the pair (observation, info dict)")
            observations.append(outcome[0])
        self._elapsed[list(slots)] = 0
        return self.stack_observations(observations)

    def step(self, actions: Sequence[Column], slots: np.ndarray) -> Tick:
        """Step exactly `slots`."""
        steps = self._step if len(slots) == self.slots else [self._step[slot] for slot in slots]
        outcomes: list[Any] = []
        try:
            for step, action in zip(steps, self.actions.rows(actions), strict=True):
                outcomes.append(step(action))
        except Exception as error:
            raise FaultError(len(outcomes), raised("step", error)) from error
        try:
            observations, rewards, terminated, truncated, infos = zip(*outcomes, strict=True)
        except (TypeError, ValueError):
            row = next(row for row, outcome in enumerate(outcomes) if not (isinstance(outcome, tuple) and len(outcome) == 5))
            raise FaultError(row, "step returned something else than (observation, reward, terminated, truncated, info)") from None
        n = len(outcomes)
        over = flag_column(truncated, n, "truncated")
        if self._limit is not None:
            self._elapsed += 1  # of idle slots too: a reset sets them to zero
            over |= (self._elapsed >= self._limit)[slots]
        return Tick(
            self.stack_observations(observations),
            reward_column(rewards, n),
            flag_column(terminated, n, "terminated"),
            over,
            check_infos(infos),
        )

    def info_numbers(self, infos: Any, key: str, slots: np.ndarray) -> np.ndarray:
        """Return `info[key]` of every row."""
        values = []
        for row, info in enumerate(infos):
            if key not in info:
                raise FaultError(row, lacks_metric(key, info))
            values.append(info[key])
        return number_column(values, key)

    def info_of(self, infos: Any, row: int, slot: int) -> Mapping[Any, Any]:
        """Return the row's info."""
        found: Mapping[Any, Any] = infos[row]
        return found

    def render(self, slot: int) -> Any:
        """Return what the slot's environment renders."""
        return self._environments[slot].render()

    def close(self) -> None:
        """Close every environment."""
        for environment in self._environments:
            environment.close()


def check_infos(infos: Sequence[Any]) -> Sequence[Any]:
    """Return `infos`; raise `FaultError` for the first that is not a dict."""
    if set(map(type, infos)) != {dict}:
        for row, info in enumerate(infos):
            if not isinstance(info, Mapping):
                raise FaultError(row, f"info is {info!r}; it must be a dict")
    return infos
