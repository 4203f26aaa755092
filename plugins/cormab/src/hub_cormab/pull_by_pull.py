"""Joint actions built entry by entry: a coupled bandit for learners that choose one of a few things at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from hub_envs.cormab import ActionSet, Problem
from numpy.typing import NDArray

from hub_cormab.doses import addable
from hub_cormab.lagrangian import LEVELS

Observations = NDArray[np.float32]
Returns = tuple[Observations, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]


class Partial:
    """Feasible actions of n rows on their way to completion.

    A choice is an entry, 0 to N - 1, or N: stop. After a stop only stops follow.

    Attributes:
        chosen: (n, N) the entries so far.
        stopped: (n,) rows that take no more.
    """

    def __init__(self, actions: ActionSet, n: int) -> None:
        self._actions = actions
        self.chosen: NDArray[np.int8] = np.zeros((n, actions.size), dtype=np.int8)
        self.stopped: NDArray[np.bool_] = np.zeros(n, dtype=np.bool_)

    def allowed(self) -> NDArray[np.bool_]:
        """Say which choices keep each row feasible, (n, N + 1); a stop always does."""
        entries = addable(self._actions, self.chosen) & ~self.stopped[:, None]
        return np.column_stack([entries, np.ones(len(entries), dtype=np.bool_)])

    def add(self, choices: NDArray[np.integer[Any]]) -> None:
        """Take an allowed choice for each row, (n,)."""
        stops = choices == self._actions.size
        self.stopped |= stops
        self.chosen[~stops, choices[~stops]] = 1

    def observe(self, levels: NDArray[np.integer[Any]]) -> Observations:
        """Return what a learner sees at `levels` (n, J): each arm's level one-hot, the entries so far, whether the row has stopped."""
        one_hot = np.eye(LEVELS, dtype=np.float32)[levels].reshape(len(levels), -1)
        return np.column_stack([one_hot, self.chosen, self.stopped]).astype(np.float32)


def learner_spaces(problem: Problem) -> tuple[spaces.Box, spaces.Discrete]:
    """Return the spaces of what `Partial` observes, (4 J + N + 1,), and of its choices."""
    size = problem.actions.size
    return spaces.Box(0.0, 1.0, (LEVELS * problem.arms + size + 1,), np.float32), spaces.Discrete(size + 1)


def longest(actions: ActionSet) -> int:
    """Return with how many choices every feasible action can be built: the most entries of one, and at least 1."""
    return max(1, int(actions.maximise_linear(np.ones((1, actions.size))).sum()))


class PullByPull(VectorEnv[Observations, NDArray[np.int64], NDArray[Any]]):
    """A batch of coupled bandits, each of whose steps is `longest` steps here.

    **Observation.** `Box`, see `Partial.observe`. **Action.** `Discrete(N + 1)`, a choice that `action_masks` allows.
    **Reward.** 0 until the action is complete, then the expected reward of the bandit's step. **End.** The bandit's.

    Args:
        env: the bandits, with `autoreset_mode=AutoresetMode.SAME_STEP`.
        problem: their model.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], problem: Problem) -> None:
        self._env, self._problem = env, problem
        self.num_envs = env.num_envs
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.single_observation_space, self.single_action_space = learner_spaces(problem)
        self.observation_space = batch_space(self.single_observation_space, env.num_envs)
        self.action_space = batch_space(self.single_action_space, env.num_envs)
        self._length = longest(problem.actions)
        self._begin()

    def _begin(self) -> None:
        self._partial, self._choices = Partial(self._problem.actions, self.num_envs), 0

    def action_masks(self) -> NDArray[np.bool_]:
        """Say which choices are allowed now, (num_envs, N + 1)."""
        return self._partial.allowed()

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[Observations, dict[str, Any]]:
        """Start all episodes."""
        self._levels, infos = self._env.reset(seed=seed, options=options)
        self._begin()
        return self._partial.observe(self._levels), infos

    def step(self, actions: NDArray[np.int64]) -> Returns:
        """Take a choice in every slot, (num_envs,); the last one of a bandit's step plays it."""
        self._partial.add(actions)
        self._choices += 1
        if self._choices < self._length:
            none = np.zeros(self.num_envs, dtype=np.bool_)
            return self._partial.observe(self._levels), np.zeros(self.num_envs), none, none, {}
        rewards = self._problem.expected_reward(self._levels, self._partial.chosen)
        self._levels, _, terminated, truncated, infos = self._env.step(self._partial.chosen)
        self._begin()
        ended = terminated | truncated
        last: dict[str, Any] = {}
        if ended.any():
            reached = self._levels.copy()
            reached[ended] = np.stack(infos["final_obs"][ended])
            last = {"final_obs": self._partial.observe(reached)}
        return self._partial.observe(self._levels), rewards, terminated, truncated, last

    def close_extras(self, **kwargs: Any) -> None:
        """Close the bandits."""
        self._env.close()
