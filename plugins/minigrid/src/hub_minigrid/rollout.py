"""Playing training episodes in a batch: rollouts for PPO, episodes for RAPID, counts and bonuses for BeBold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from hub_baselines.episodes import drawn_categories
from hub_baselines.returns import RecentReturns
from numpy.typing import NDArray
from torch import nn

from hub_minigrid.visits import Visits

if TYPE_CHECKING:
    from hub.training import Training


@dataclass(frozen=True, slots=True)
class Rollout:
    """`steps` steps in each of `slots` environments.

    Attributes:
        observations: (steps, slots, ...), those acted upon.
        actions: (steps, slots).
        rewards: (steps, slots), the environment's own.
        bonuses: (steps, slots), BeBold's; zeros without it.
        ended: (steps, slots), whether a step was its episode's last, by success or by time.
        following: (slots, ...), the observations after the last step.
    """

    observations: NDArray[Any]
    actions: NDArray[np.int64]
    rewards: NDArray[np.float64]
    bonuses: NDArray[np.float64]
    ended: NDArray[np.bool_]
    following: NDArray[Any]


class Bonus:
    """BeBold's bonus: max(1 / N(o') - 1 / N(o), 0) for reaching an o' that the running episode had not seen, else 0.

    Args:
        visits: the counts N, by now including o'.
        first: numbers (slots,) of the observations that episodes begin with.
    """

    def __init__(self, visits: Visits, first: NDArray[np.int64]) -> None:
        self._visits, self._at = visits, first
        self._seen = [{number} for number in first.tolist()]

    def of(self, reached: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the bonuses (slots,) for moving on to the observations with numbers `reached` (slots,)."""
        new = np.array([number not in seen for number, seen in zip(reached.tolist(), self._seen, strict=True)])
        for number, seen in zip(reached.tolist(), self._seen, strict=True):
            seen.add(number)
        gained = 1 / self._visits.of(reached) - 1 / self._visits.of(self._at)
        self._at = reached
        return np.where(new, np.maximum(gained, 0.0), 0.0)

    def restart(self, which: NDArray[np.bool_], first: NDArray[np.int64]) -> None:
        """Begin new episodes in the slots of `which` (slots,), from the observations with numbers `first` (slots,)."""
        self._at = np.where(which, first, self._at)
        for slot in np.flatnonzero(which).tolist():
            self._seen[slot] = {int(first[slot])}


class Collector:
    """Plays training episodes with a policy that samples its actions.

    Args:
        training: gives the environments and counts their steps.
        slots: how many at once.
        rng: draws the actions.
        visits: where every observation that is seen is counted, if anywhere; BeBold's bonus is then computed too.

    Attributes:
        returns: of the last episodes.
    """

    def __init__(self, training: Training, slots: int, rng: np.random.Generator, visits: Visits | None) -> None:
        self._env: gym.vector.VectorEnv[Any, Any, Any] = training.make_vec(slots, AutoresetMode.SAME_STEP)
        self._slots, self._rng, self._visits = slots, rng, visits
        self.returns = RecentReturns(slots)

    def begin(self) -> None:
        """Begin an episode in each slot; what runs there is given up."""
        self._observations: NDArray[Any] = self._env.reset()[0]
        self._totals = np.zeros(self._slots)
        self.returns.begin()
        if self._visits is not None:
            first = self._counted(self._observations)
            self._bonus = Bonus(self._visits, first)

    def play(self, actor: nn.Module, steps: int) -> Rollout:
        """Play `steps` steps in each slot; the running episodes go on next time."""
        shape = (steps, self._slots)
        observations = np.empty((*shape, *self._observations.shape[1:]), dtype=self._observations.dtype)
        actions, rewards = np.empty(shape, dtype=np.int64), np.empty(shape)
        bonuses, ended = np.zeros(shape), np.empty(shape, dtype=np.bool_)
        for step in range(steps):
            observations[step] = self._observations
            actions[step] = self._drawn(actor)
            self._observations, rewards[step], terminated, truncated, infos = self._env.step(actions[step])
            ended[step] = terminated | truncated
            self._note(rewards[step], ended[step])
            if self._visits is not None:
                bonuses[step] = self._explored(ended[step], infos)
        return Rollout(observations, actions, rewards, bonuses, ended, self._observations)

    def close(self) -> None:
        """Close the environments."""
        self._env.close()

    def _drawn(self, actor: nn.Module) -> NDArray[np.int64]:
        with torch.inference_mode():
            probabilities = actor(torch.from_numpy(self._observations)).softmax(dim=1).numpy()
        return drawn_categories(probabilities, self._rng.random(self._slots))

    def _note(self, rewards: NDArray[np.float64], ended: NDArray[np.bool_]) -> None:
        self._totals += rewards
        for slot in np.flatnonzero(ended).tolist():
            self.returns.end(slot, float(self._totals[slot]))
        self._totals[ended] = 0.0

    def _explored(self, ended: NDArray[np.bool_], infos: Mapping[str, Any]) -> NDArray[np.float64]:
        """Count what the last step showed, the ends of episodes and the beginnings of the next, and return its bonuses (slots,)."""
        reached = self._observations
        if ended.any():
            reached = reached.copy()
            reached[ended] = np.stack(infos["final_obs"][ended].tolist())
        bonuses = self._bonus.of(self._counted(reached))
        if ended.any():
            first = np.zeros(self._slots, dtype=np.int64)
            first[ended] = self._counted(self._observations[ended])
            self._bonus.restart(ended, first)
        return bonuses

    def _counted(self, observations: NDArray[Any]) -> NDArray[np.int64]:
        assert self._visits is not None
        numbers = self._visits.number(observations)
        self._visits.add(numbers)
        return numbers
