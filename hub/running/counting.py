"""Wrappers of training environments: they count steps and keep reset seeds in the training range."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv, VectorWrapper

from hub.running.seeds import into_training_range

if TYPE_CHECKING:
    _Wrapper = VectorWrapper[Any, Any, Any, Any, Any]
else:  # Gymnasium before 1.3 has no type parameters here
    _Wrapper = VectorWrapper


class Counter:
    """Counts the steps of several environments and gives their episodes seeds.

    Attributes:
        steps: taken so far.
        drawn: seeds of the stream that episodes have got.
        guard: context that every call into an environment runs in.
    """

    Guard = Callable[[], contextlib.AbstractContextManager[object]]

    def __init__(
        self,
        seeds: Iterator[int],
        on_step: Callable[[int], None] | None,
        guard: Guard | None,
        *,
        steps: int = 0,
        drawn: int = 0,
    ) -> None:
        self.steps, self.drawn = steps, drawn
        self.guard: Counter.Guard = guard or contextlib.nullcontext
        self._seeds = seeds
        self._on_step = on_step

    def add(self, steps: int) -> None:
        """Count steps that were just taken."""
        self.steps += steps
        if self._on_step is not None:
            self._on_step(self.steps)

    def seed(self, wanted: int | None) -> int:
        """Return the seed of a training episode: a fresh one, or the one an agent wants, mapped into the training range."""
        if wanted is not None:
            return into_training_range(wanted)
        self.drawn += 1
        return next(self._seeds)


def counted(env: Any, counter: Counter) -> Any:
    """Wrap a Gymnasium environment or a PettingZoo parallel environment."""
    return _CountedEnv(env, counter) if isinstance(env, gym.Env) else _counted_parallel(env, counter)


def counted_vector(env: VectorEnv[Any, Any, Any], counter: Counter) -> VectorEnv[Any, Any, Any]:
    """Wrap a Gymnasium vector environment."""
    return _CountedVectorEnv(env, counter)


class _CountedEnv(gym.Wrapper[Any, Any, Any, Any]):
    def __init__(self, env: gym.Env[Any, Any], counter: Counter) -> None:
        super().__init__(env)
        self._counter = counter

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        with self._counter.guard():
            return self.env.reset(seed=self._counter.seed(seed), options=options)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        with self._counter.guard():
            outcome = self.env.step(action)
        self._counter.add(1)
        return outcome


class _CountedVectorEnv(_Wrapper):
    def __init__(self, env: VectorEnv[Any, Any, Any], counter: Counter) -> None:
        super().__init__(env)
        self._counter = counter
        self._resets_next = env.metadata.get("autoreset_mode") == AutoresetMode.NEXT_STEP
        self._ended = np.zeros(env.num_envs, dtype=np.bool_)

    def __getattr__(self, name: str) -> Any:
        """Hand on what only the environment has; Gymnasium's vector wrappers do not, and a batch of games tells who is `in_game`."""
        if name.startswith("_") or name == "env":  # these are looked for before they are there, when a copy is made
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.env, name)

    def reset(self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        wanted: list[int | None] = [None] * self.num_envs
        if seed is not None:
            wanted = [seed + slot for slot in range(self.num_envs)] if isinstance(seed, int) else list(seed)
        self._ended[(options or {}).get("reset_mask", slice(None))] = False
        seeds: Any = [self._counter.seed(each) for each in wanted]
        with self._counter.guard():
            return self.env.reset(seed=seeds, options=options)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        with self._counter.guard():
            outcome = self.env.step(actions)
        taken = self.num_envs
        if self._resets_next:  # a slot that ended before was only reset by this call
            taken -= int(self._ended.sum())
            self._ended = np.asarray(outcome[2]) | np.asarray(outcome[3])
        self._counter.add(taken)
        return outcome


def _counted_parallel(env: Any, counter: Counter) -> Any:
    from pettingzoo.utils import BaseParallelWrapper

    class CountedParallelEnv(BaseParallelWrapper):  # type: ignore[misc]
        def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
            with counter.guard():
                return self.env.reset(seed=counter.seed(seed), options=options)

        def step(self, actions: dict[str, Any]) -> Any:
            with counter.guard():
                outcome = self.env.step(actions)
            counter.add(1)
            return outcome

    return CountedParallelEnv(env)
