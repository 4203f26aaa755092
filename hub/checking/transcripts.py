"""Episodes played for a check: seeded actions in, a fingerprint of everything returned out."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.checking.actions import Actions
from hub.checking.leaves import fingerprints, first_difference
from hub.checking.verdicts import FaultError, one_line

Moment = dict[str, bytes]
"""Fingerprints of what one `reset` or `step` returned, by path."""


@dataclass(slots=True)
class Transcript:
    """Everything an episode returned; `moments[0]` is the reset."""

    index: int
    seed: int | None
    moments: list[Moment] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Steps played."""
        return len(self.moments) - 1

    def digest(self, *, seen: bool = True) -> str:
        """Return a digest of the whole episode that other processes can compare; without what was `seen`, of its outcomes and infos."""
        state = hashlib.blake2b(digest_size=16)
        for moment in self.moments:
            for path in sorted(path for path in moment if seen or not path.startswith("observation")):
                state.update(path.encode() + b"\0" + moment[path] + b"\0")
        return state.hexdigest()


def place(index: int, step: int | None = None, key: str = "") -> str:
    """Return `episode 1, step 20, observation['camera']`; step 0 is the reset."""
    parts = [f"episode {index}"]
    if step is not None:
        parts.append("reset" if step == 0 else f"step {step}")
    if key:
        parts.append(key)
    return ", ".join(parts)


class Playthrough:
    """One episode being played with actions that depend only on `seed`.

    Args:
        env: a Gymnasium `Env` or a PettingZoo `ParallelEnv`.
        index: the episode's number in reports.
        seed: what the actions are drawn from, and what `reset` is given unless `unseeded`.
        unseeded: call `reset()` without a seed.
        actions: replaces the random actions.
    """

    def __init__(self, env: Any, *, index: int = 0, seed: int = 0, unseeded: bool = False, actions: Actions | None = None) -> None:
        self.env = env
        self.actions = actions if actions is not None else Actions(env, seed)
        self.transcript = Transcript(index, None if unseeded else seed)
        self.over = False
        self.returned: Any = None
        self._call("reset", *(() if unseeded else (seed,)))

    def step(self) -> None:
        """Choose the next action and take it."""
        self.take(self.actions.choose(self.observation, self.info))

    def take(self, action: Any) -> None:
        """Take `action`."""
        self.action = action
        self._call("step", action)

    def finish(self, steps: int, after: Callable[[Playthrough], None] | None = None) -> Transcript:
        """Play until the episode ends or has `steps` steps, calling `after` behind the reset and each step."""
        if after is not None:
            after(self)
        while not self.over and self.transcript.length < steps:
            self.step()
            if after is not None:
                after(self)
        return self.transcript

    def fork(self, env: Any) -> Playthrough:
        """Return a playthrough that goes on from here in another environment with the same actions."""
        twin = copy.copy(self)
        twin.env = env
        twin.actions = copy.deepcopy(self.actions)
        twin.transcript = Transcript(self.transcript.index, self.transcript.seed, list(self.transcript.moments))
        return twin

    def where(self, key: str = "") -> str:
        """Return the place of what was returned last."""
        return place(self.transcript.index, self.transcript.length, key)

    @property
    def observation(self) -> Any:
        """What the last call returned first."""
        return self.returned[0]

    @property
    def info(self) -> Any:
        """What the last call returned last."""
        return self.returned[-1]

    def _call(self, method: str, *arguments: Any) -> None:
        step = len(self.transcript.moments)
        try:
            self.returned = self.env.reset(seed=arguments[0] if arguments else None) if method == "reset" else self.env.step(*arguments)
        except Exception as error:
            raise FaultError(
                f"{method} raised {one_line(error)}", where=place(self.transcript.index, step), right=f"{method} returns"
            ) from error
        names = ("observation", "info") if method == "reset" else ("observation", "reward", "terminated", "truncated", "info")
        if not isinstance(self.returned, tuple) or len(self.returned) != len(names):
            size = f" of {len(self.returned)}" if isinstance(self.returned, tuple) else ""
            got = f"{method} returned a {type(self.returned).__name__}{size}"
            raise FaultError(got, where=place(self.transcript.index, step), right=f"a tuple of {len(names)}: {', '.join(names)}")
        moment: Moment = {}
        for name, value in zip(names, self.returned, strict=True):
            moment |= fingerprints(value, name)
        self.transcript.moments.append(moment)
        if method == "step":
            self.over = is_over(self.env, self.returned[2], self.returned[3])


def is_over(env: Any, terminated: Any, truncated: Any) -> bool:
    """Whether an episode with these ends is over: for a parallel environment, when no player is left."""
    if hasattr(env, "possible_agents"):
        return not env.agents
    return bool(terminated) or bool(truncated)


def play(env: Any, seeds: Sequence[int], steps: int, after: Callable[[Playthrough], None] | None = None) -> list[Transcript]:
    """Play one episode a seed, none longer than `steps`, and return their transcripts."""
    return [Playthrough(env, index=index, seed=seed).finish(steps, after) for index, seed in enumerate(seeds)]


def difference(expected: Sequence[Transcript], got: Sequence[Transcript]) -> str | None:
    """Return the place of the first difference between two sets of episodes; None when they are equal bit for bit."""
    for one, other in zip(expected, got, strict=True):
        for step, (left, right) in enumerate(zip(one.moments, other.moments, strict=False)):
            key = first_difference(left, right)
            if key is not None:
                return place(other.index, step, key)
        if one.length != other.length:
            return place(other.index, min(one.length, other.length), f"lengths {one.length} and {other.length}")
    return None


def require_equal(expected: Sequence[Transcript], got: Sequence[Transcript], what: str, right: str) -> None:
    """Raise `FaultError` with the place of the first difference unless both sets of episodes are equal bit for bit."""
    where = difference(expected, got)
    if where is not None:
        raise FaultError(what, where=where, right=right)
