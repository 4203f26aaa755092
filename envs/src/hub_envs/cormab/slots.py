"""What batches of bandits do alike: a horizon, joint pulls, and what becomes of forbidden ones."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any, Literal

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.slots import Observations, Outcome, SlotVectorEnv


class BanditVectorEnv(SlotVectorEnv[Observations, NDArray[np.int8]], abc.ABC):
    """Slots of `horizon` steps; actions (num_envs, N) are rows of zeros and ones.

    An episode draws all its random numbers when it starts. Infos say `expected_reward` and `infeasible` (whether the action was forbidden
    and the zero action played instead).

    Args:
        num_envs: number of slots.
        observation_space: of one episode.
        action_space: of one episode, `MultiBinary`.
        horizon: steps of an episode.
        infeasible: what a forbidden action does: `"noop"` plays the zero action and says so in `info["infeasible"]`; `"error"` raises
            ValueError.
        autoreset_mode: Gymnasium's mode or its name.
        render_mode: None or `"rgb_array"`.
    """

    def __init__(
        self,
        num_envs: int,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
        *,
        horizon: int,
        infeasible: Literal["noop", "error"],
        autoreset_mode: AutoresetMode | str,
        render_mode: str | None,
    ) -> None:
        super().__init__(num_envs, observation_space, action_space, autoreset_mode=autoreset_mode, render_mode=render_mode)
        if infeasible not in ("noop", "error"):
            raise ValueError(f'infeasible must be "noop" or "error", and is {infeasible!r}')
        self.horizon = horizon
        self.infeasible = infeasible
        self._steps = np.zeros(num_envs, dtype=np.int64)
        self._totals = np.zeros(num_envs)
        self._refused = np.zeros(num_envs, dtype=np.bool_)

    @abc.abstractmethod
    def _draw_numbers(self, slot: int, rng: np.random.Generator) -> None:
        """Start an episode in `slot`, with all its random numbers drawn from `rng`."""

    @abc.abstractmethod
    def _pull(self, actions: NDArray[np.int8], playing: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Play allowed actions (num_envs, N) in the slots of `playing`, whose steps are counted already; others keep their state.

        Returns:
            Rewards and their expectations, (num_envs,); what stands in slots that do not play is ignored.
        """

    @abc.abstractmethod
    def _feasible(self, actions: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Say for each slot whether its action is allowed; the zero action always is."""

    @abc.abstractmethod
    def _violation(self, slot: int, action: NDArray[np.int8]) -> str:
        """Say what a forbidden action breaks."""

    def _start(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        for slot in slots:
            self._draw_numbers(slot, self._rng(slot))
        self._steps[slots] = 0
        self._totals[slots] = 0.0

    def _play(self, actions: NDArray[np.int8], playing: NDArray[np.bool_]) -> Outcome:
        self._steps += playing
        paid, expected = self._pull(actions, playing)
        rewards = np.where(playing, paid, 0.0)
        self._totals += rewards
        values = {"expected_reward": expected, "infeasible": self._refused}
        return Outcome(rewards, np.zeros(self.num_envs, dtype=np.bool_), self._steps >= self.horizon, values)

    def _read(self, actions: Any, ignored: NDArray[np.bool_]) -> NDArray[np.int8]:
        given = np.asarray(actions)
        if given.shape != self.action_space.shape:
            raise ValueError(f"actions must have shape {self.action_space.shape} and have {given.shape}")
        if ignored.any():
            given = np.where(ignored[:, None], 0, given)
        if not ((given == 0) | (given == 1)).all():
            slot = int(((given != 0) & (given != 1)).any(axis=1).argmax())
            raise ValueError(f"slot {slot}: an action holds zeros and ones only, not {given[slot].tolist()}")
        chosen = given.astype(np.int8)
        self._refused = ~self._feasible(chosen)
        if self._refused.any():
            if self.infeasible == "error":
                slot = int(self._refused.argmax())
                raise ValueError(f"slot {slot}: infeasible action: {self._violation(slot, chosen[slot])}")
            chosen[self._refused] = 0
        return chosen
