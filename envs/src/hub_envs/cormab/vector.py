"""Coupled bandits as a Gymnasium vector environment: a thin shell over `Problem.step`, whatever couples the arms."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.cormab.arms import LEVELS, START_PROBABILITY
from hub_envs.cormab.problem import Problem, Step
from hub_envs.cormab.slots import BanditVectorEnv
from hub_envs.slots import Frame


class Moment(NamedTuple):
    """What a picture of a slot shows.

    Attributes:
        levels: (J,).
        step: steps played.
        total: reward of the episode so far.
        action: (N,) that led here; None at an episode's start, and so are the next two.
        reward: that the last step paid.
        expected: its expectation.
    """

    levels: NDArray[np.int64]
    step: int
    total: float
    action: NDArray[np.int8] | None
    reward: float | None
    expected: float | None


class CormabVectorEnv(BanditVectorEnv[NDArray[np.int64]]):
    """`num_envs` independent episodes of one problem, stepped together; `BanditVectorEnv` says how slots behave.

    Observations are levels (num_envs, J). An episode draws its (H + 1, J) uniforms at reset, the start levels' first and then a row a step;
    so a slot's numbers depend on its own seed alone, and a step draws nothing.

    Args:
        num_envs: number of slots.
        problem: the bandit.
        start_probability: chance that an arm starts in level 1 rather than 0.
        infeasible: what an action outside the allowed set does: `"noop"` plays the zero action and says so in `info["infeasible"]`;
            `"error"` raises ValueError.
        autoreset_mode: Gymnasium's mode or its name.
        render_mode: None or `"rgb_array"`.
    """

    def __init__(
        self,
        num_envs: int,
        problem: Problem,
        *,
        start_probability: float = START_PROBABILITY,
        infeasible: Literal["noop", "error"] = "noop",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            num_envs,
            spaces.MultiDiscrete([LEVELS] * problem.arms),
            spaces.MultiBinary(problem.actions.size),
            horizon=problem.horizon,
            infeasible=infeasible,
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )
        if not 0 <= start_probability <= 1:
            raise ValueError(f"start_probability must lie between 0 and 1, and is {start_probability}")
        self.model = problem
        self.start_probability = start_probability
        self._each = np.arange(num_envs)
        self._uniforms = np.empty((num_envs, problem.horizon + 1, problem.arms))
        self._levels = np.zeros((num_envs, problem.arms), dtype=np.int64)
        self._last: tuple[NDArray[np.int8], Step] | None = None

    def _start(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        super()._start(slots, seeds)
        levels = self._levels.copy()
        levels[slots] = self._uniforms[slots, 0] < self.start_probability
        self._levels = levels

    def _draw_numbers(self, slot: int, rng: np.random.Generator) -> None:
        rng.random(out=self._uniforms[slot])

    def _pull(self, actions: NDArray[np.int8], playing: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        outcome = self.model.step(self._levels, actions, self._uniforms[self._each, self._steps])
        self._levels = outcome.levels if playing.all() else np.where(playing[:, None], outcome.levels, self._levels)
        self._last = actions, outcome
        return outcome.rewards, outcome.expected

    def _feasible(self, actions: NDArray[np.int8]) -> NDArray[np.bool_]:
        return self.model.actions.is_feasible(actions)

    def _violation(self, slot: int, action: NDArray[np.int8]) -> str:
        return str(self.model.actions.violation(action))

    def _observe(self) -> NDArray[np.int64]:
        return self._levels.copy()

    def _observe_slot(self, slot: int) -> NDArray[np.int64]:
        levels: NDArray[np.int64] = self._levels[slot].copy()
        return levels

    def _draw(self, slot: int) -> Frame:
        action, reward, expected = None, None, None
        if self._last is not None and self._steps[slot]:
            chosen, outcome = self._last
            action, reward, expected = chosen[slot], float(outcome.rewards[slot]), float(outcome.expected[slot])
        return self.draw(Moment(self._levels[slot], int(self._steps[slot]), float(self._totals[slot]), action, reward, expected))

    @abc.abstractmethod
    def draw(self, moment: Moment) -> Frame:
        """Draw one slot."""
