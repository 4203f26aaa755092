"""What training any Q-network over joint actions is made of, whatever picks the actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from hub_baselines.resuming import Arrays, joined, part_of
from numpy.typing import NDArray

from hub_cormab.maximise import ActionSet, Backend, ReluNetwork
from hub_cormab.maximise.local_search import climb_batch
from hub_cormab.qnetwork import QNetwork

if TYPE_CHECKING:
    from hub_envs.cormab import Problem

    from hub.training import Training

Choice = tuple[NDArray[np.int8], NDArray[np.float64]]
"""Actions (n, N), and the network's values of them (n,)."""


class Chooser(Protocol):
    """Picks an action for each state with one network."""

    def __call__(self, states: NDArray[Any]) -> Choice:
        """Return actions and their values for `states` (n, J), row by row independently."""


class Rule(Protocol):
    """A way of picking actions with a network: exact maximisation, or a heuristic in its place."""

    def __call__(self, network: ReluNetwork) -> Chooser:
        """Prepare `network`."""


def exact(maximiser: Backend) -> Rule:
    """Return the rule that maximises over all feasible actions, exactly."""

    def rule(network: ReluNetwork) -> Chooser:
        embedding = maximiser.embed(network)

        def choose(states: NDArray[Any]) -> Choice:
            answer = embedding.maximise(states)
            return answer.actions, answer.values

        return choose

    return rule


def climbing(actions: ActionSet) -> Rule:
    """Return the rule that climbs to a good action of `actions`, without a proof that none is better."""

    def rule(network: ReluNetwork) -> Chooser:
        def choose(states: NDArray[Any]) -> Choice:
            return climb_batch(network, actions, states)

        return choose

    return rule


class TargetValues:
    """max_a Q_target(s', a), remembered by s' until the target network moves.

    A value depends on its state and the network alone, so what is remembered need not be saved with a training.
    """

    def __init__(self, rule: Rule, network: ReluNetwork) -> None:
        self._rule = rule
        self.follow(network)

    def follow(self, network: ReluNetwork) -> None:
        """Take `network` as the target and forget the old one's values."""
        self._choose = self._rule(network)
        self._known: dict[bytes, float] = {}

    def __call__(self, states: NDArray[np.int8]) -> NDArray[np.float64]:
        """Return the values of `states` (n, J); (n,)."""
        keys = [state.tobytes() for state in states]
        fresh = {key: state for key, state in zip(keys, states, strict=True) if key not in self._known}
        if fresh:
            values = self._choose(np.array(list(fresh.values())))[1]
            self._known.update(zip(fresh, values.tolist(), strict=True))
        return np.array([self._known[key] for key in keys])


class Collector:
    """Plays `slots` training episodes in lock-step: they begin together and, as a bandit ends at its horizon, end together.

    Between two episodes nothing of the environment is left, so that is where a training can be saved.

    Attributes:
        states: levels (slots, J) of the running episodes.
        ended: whether episodes have ended, or none has begun, so that `begin` comes next.
    """

    states: NDArray[np.int64]

    def __init__(self, training: Training, slots: int) -> None:
        self._env = training.make_vec(slots, AutoresetMode.DISABLED)
        self.ended = True

    def begin(self) -> None:
        """Start an episode in each slot, from a fresh training seed."""
        self.states = self._env.reset()[0]
        self.ended = False

    def step(self, actions: NDArray[np.int8]) -> NDArray[np.int64]:
        """Play `actions` (slots, N) and return the levels they led to (slots, J)."""
        self.states, _, terminated, truncated, _ = self._env.step(actions)
        self.ended = bool((terminated | truncated).any())
        return self.states

    def close(self) -> None:
        """Close the environment."""
        self._env.close()


class BestNetwork:
    """Keeps the network that does best in validation: whole training episodes, played greedily and paid from the budget.

    Without validation (`every` or `episodes` 0, or a budget below two validations) it keeps the last network.

    Args:
        training: gives environments and counts their steps.
        problem: scores actions by their expected reward.
        rule: how a network picks actions.
        every: steps of the loop between two validations.
        episodes: episodes of a validation.
    """

    def __init__(self, training: Training, problem: Problem, rule: Rule, *, every: int, episodes: int) -> None:
        cost = episodes * problem.horizon
        self._training, self._problem, self._rule, self._every = training, problem, rule, every
        self._value, self._due = -np.inf, 0
        self._best: dict[str, NDArray[np.float32]] | None = None
        self.reserve = cost if every and training.steps >= 2 * cost else 0
        """Steps to leave for the last validation."""
        self._env: gym.vector.VectorEnv[Any, Any, Any] | None = training.make_vec(episodes) if self.reserve else None

    def offer(self, network: QNetwork, loop_steps: int) -> None:
        """Validate `network`, `loop_steps` steps into the loop, when that is due or the budget leaves only the last validation."""
        if self._env is None or (loop_steps < self._due and self._training.remaining > self.reserve):
            return
        self._due = loop_steps + self._every
        value = self._play(self._env, self._rule(network.relu_network()))
        self._training.report(expected_reward=value)
        if value > self._value:
            self._best, self._value = network.arrays(), value

    def arrays(self) -> Arrays:
        """Return the best network so far, its value, and when the next validation is due, as named arrays."""
        return joined(standing={"value": np.array(self._value), "due": np.array(self._due)}, network=self._best or {})

    def load_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `arrays` of an equally built object returned."""
        standing = part_of(arrays, "standing")
        self._value, self._due = float(standing["value"]), int(standing["due"])
        self._best = part_of(arrays, "network") or None

    def restore(self, network: QNetwork) -> None:
        """Give `network` the best parameters seen, and close the environment."""
        if self._best is not None:
            network.load_arrays(self._best)
        if self._env is not None:
            self._env.close()

    def _play(self, env: gym.vector.VectorEnv[Any, Any, Any], choose: Chooser) -> float:
        """Return the mean expected reward of a step over one batch of episodes."""
        states, _ = env.reset()
        total = 0.0
        for _ in range(self._problem.horizon):
            actions, _ = choose(states)
            total += float(self._problem.expected_reward(states, actions).mean())
            states = env.step(actions)[0]
        return total / self._problem.horizon
