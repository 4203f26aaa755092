"""The environment under check: how to build it, how much of it to play, and what it once answered."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hub.checking.transcripts import Playthrough, Transcript
from hub.checking.verdicts import NotApplicableError

if TYPE_CHECKING:
    import gymnasium as gym

    from hub.specs import EnvironmentSpec

MOST_EPISODES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much a check plays.

    Attributes:
        seed: seed of the first episode; the following ones count up.
        episodes: whole episodes at least.
        steps: steps at least over all whole episodes, and at most in one.
    """

    seed: int = 0
    episodes: int = 3
    steps: int = 1000

    @property
    def short(self) -> int:
        """Steps of an episode where whole ones would add nothing."""
        return min(self.steps, 60)


@dataclass
class Subject:
    """An environment as the checks see it.

    Attributes:
        name: as it was asked for.
        make: builds a fresh instance; keyword arguments (`render_mode`) are added to those asked for.
        plan: how much to play.
        spec: how it is registered.
        make_batch: builds the native batched environment of a given width with automatic resets off; None where none was promised.
        job: JSON by which another process builds the same subject (`hub.checking.child`); None when it has no name elsewhere.
    """

    name: str
    make: Callable[..., Any]
    plan: Plan = field(default_factory=Plan)
    spec: EnvironmentSpec | None = None
    make_batch: Callable[[int], gym.vector.VectorEnv[Any, Any, Any]] | None = None
    job: dict[str, Any] | None = None

    @contextlib.contextmanager
    def opened(self, **overrides: Any) -> Iterator[Any]:
        """Build a fresh instance and close it at the end; a raising `close` is the business of the checks about closing."""
        env = self.make(**overrides)
        try:
            yield env
        finally:
            with contextlib.suppress(Exception):
                env.close()

    @contextlib.contextmanager
    def opened_batch(self, width: int) -> Iterator[Any]:
        """Build the native batched environment, a `gymnasium.vector.VectorEnv`.

        Raises:
            NotApplicableError: the environment promises none.
        """
        if self.make_batch is None:
            raise NotApplicableError("no native batched environment is registered with hub")
        env = self.make_batch(width)
        try:
            yield env
        finally:
            with contextlib.suppress(Exception):
                env.close()

    @cached_property
    def reference(self) -> list[Transcript]:
        """Whole episodes of a fresh instance, which other checks compare with.

        Raises:
            NotApplicableError: the environment does not play that far; `builds_and_plays` says why.
        """
        if isinstance(self._first_play, BaseException):
            raise NotApplicableError("the environment does not play whole episodes: see builds-and-plays")
        return self._first_play

    def play_reference(self) -> None:
        """Play the reference episodes, and raise what the environment raised."""
        if isinstance(self._first_play, BaseException):
            raise self._first_play

    @cached_property
    def _first_play(self) -> list[Transcript] | BaseException:
        try:
            with self.opened() as env:
                return self.play_whole(env)
        except (Exception, SystemExit) as error:
            return error

    @property
    def seeds(self) -> list[int]:
        """Seeds of the reference episodes."""
        return [self.plan.seed + index for index in range(len(self.reference))]

    @cached_property
    def sketch(self) -> list[Transcript]:
        """The first reference episodes, cut short."""
        first = self.reference[: self.plan.episodes]
        return [Transcript(one.index, one.seed, one.moments[: self.plan.short + 1]) for one in first]

    def digests(self) -> list[str]:
        """Return one digest an episode of `sketch`, for other processes to compare; they may see something else, where that is allowed."""
        seen = self.spec is None or self.spec.deterministic != "outcomes"
        return [one.digest(seen=seen) for one in self.sketch]

    def require_playable(self) -> None:
        """Raise `NotApplicableError` unless the environment plays whole episodes, so that one exception is one failure in the report."""
        _ = self.reference

    def play_whole(self, env: Any, after: Callable[[Playthrough], None] | None = None) -> list[Transcript]:
        """Play episodes to their ends until the plan's numbers of episodes and steps are both reached."""
        played: list[Transcript] = []
        while len(played) < self.plan.episodes or (_steps(played) < self.plan.steps and len(played) < MOST_EPISODES):
            index = len(played)
            played.append(Playthrough(env, index=index, seed=self.plan.seed + index).finish(self.plan.steps, after))
        return played

    def play_sketch(self, env: Any, after: Callable[[Playthrough], None] | None = None) -> list[Transcript]:
        """Play the episodes of `sketch`."""
        return [Playthrough(env, index=one.index, seed=one.seed or 0).finish(self.plan.short, after) for one in self.sketch]


def _steps(played: list[Transcript]) -> int:
    return sum(one.length for one in played)
