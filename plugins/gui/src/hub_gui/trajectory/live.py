"""Groups of attempts in a live environment: the same episode, from its seed, played several times over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import iterate
from hub_baselines.relative import Group, Policy, Rollout, Segment

from hub_gui.trajectory.advantages import trajectory_reward


class Reader(Protocol):
    """How a policy reads an environment and acts in it. Entries of histories are whatever the policy's contexts are made of."""

    def context(self, observation: Any, history: Sequence[Any]) -> Any:
        """Return what the policy sees, after the history of the episode's earlier steps."""
        ...

    def entry(self, context: Any, output: Segment) -> Any:
        """Return what the history says of an output."""
        ...

    def action(self, context: Any, output: Segment) -> Any:
        """Return the action that an output stands for."""
        ...

    def batch(self, actions: Sequence[Any]) -> Any:
        """Return the actions of all slots as the environment takes them."""
        ...


def collect(
    env: VectorEnv[Any, Any, Any],
    policy: Policy,
    reader: Reader,
    tasks: Sequence[int],
    *,
    copies: int,
    rng: np.random.Generator,
    temperature: float = 1.0,
) -> list[Group]:
    """Let the policy attempt each task `copies` times.

    Args:
        env: a batch without automatic resets, which takes `reset_mask`; its infos say `success`, and may say `invalid`, at each step.
        policy: acts.
        reader: for this environment and this policy.
        tasks: seeds of episodes.
        copies: attempts at each.
        rng: all randomness.
        temperature: of sampling.

    Returns:
        A group for each task, with a segment for each step of a rollout and `info["success"]`. A rollout's reward is `trajectory_reward`.
    """
    stage = _Stage(env, reader, np.repeat(tasks, copies).tolist())
    while stage.fill():
        stage.step(policy.sample(stage.contexts(), temperature=temperature, rng=rng))
    rollouts = [stage.rollouts[number] for number in range(len(stage.rollouts))]
    return [Group(task, tuple(rollouts[place * copies : (place + 1) * copies])) for place, task in enumerate(tasks)]


@dataclass(slots=True, eq=False)
class _Attempt:
    number: int
    context: Any = None
    history: list[Any] = field(default_factory=list)
    outputs: list[Segment] = field(default_factory=list)
    malformed: bool = False


class _Stage:
    """The slots of an environment; a free one takes the next attempt."""

    def __init__(self, env: VectorEnv[Any, Any, Any], reader: Reader, seeds: Sequence[int]) -> None:
        self._env, self._reader, self._seeds = env, reader, seeds
        self._waiting = iter(range(len(seeds)))
        self._playing: dict[int, _Attempt] = {}
        self._over = np.ones(env.num_envs, dtype=np.bool_)
        self._observations: Any = None
        self.rollouts: dict[int, Rollout] = {}

    def fill(self) -> bool:
        """Start the next attempts in the slots whose episodes are over, and say whether any slot plays."""
        seeds: Any = [self._seeds[0]] * self._env.num_envs
        for slot, number in zip(np.flatnonzero(self._over).tolist(), self._waiting, strict=False):
            self._playing[slot] = _Attempt(number)
            seeds[slot] = self._seeds[number]
        if self._playing and self._over.any():  # a slot that no attempt is left for plays along unseen
            self._observations, _ = self._env.reset(seed=seeds, options={"reset_mask": self._over})
        return bool(self._playing)

    def contexts(self) -> list[Any]:
        """Return what the policy sees in each slot that plays."""
        rows = list(iterate(self._env.observation_space, self._observations))
        for slot, attempt in self._playing.items():
            attempt.context = self._reader.context(rows[slot], tuple(attempt.history))
        return [attempt.context for attempt in self._playing.values()]

    def step(self, outputs: Sequence[Segment]) -> None:
        """Act, and keep the attempts that end."""
        attempts = list(self._playing.values())
        actions = [self._reader.action(attempt.context, output) for attempt, output in zip(attempts, outputs, strict=True)]
        chosen = dict(zip(self._playing, actions, strict=True))
        batch = self._reader.batch([chosen.get(slot, actions[0]) for slot in range(self._env.num_envs)])
        self._observations, _, terminated, truncated, infos = self._env.step(batch)
        self._over = np.asarray(terminated | truncated)
        for (slot, attempt), output in zip(list(self._playing.items()), outputs, strict=True):
            attempt.outputs.append(output)
            attempt.history.append(self._reader.entry(attempt.context, output))
            attempt.malformed |= bool("invalid" in infos and infos["invalid"][slot])
            if self._over[slot]:
                self._end(slot, bool(infos["success"][slot]))

    def _end(self, slot: int, success: bool) -> None:
        attempt = self._playing.pop(slot)
        reward = trajectory_reward(success, attempt.malformed)
        self.rollouts[attempt.number] = Rollout(tuple(attempt.outputs), reward, info={"success": success})
