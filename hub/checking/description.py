"""Checks of what an environment says about itself."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

import gymnasium as gym

from hub.checking.subjects import Subject
from hub.checking.verdicts import FaultError, NotApplicableError, one_line

WORDS = {
    "observation": "observ",
    "action": "action|move",
    "reward": "reward|return",
    "end of an episode": "end|terminat|truncat|done|horizon|finish",
}
"""What a reader looks for in an environment's docstring, and the words that show it is there."""


def builds_and_plays(subject: Subject) -> None:
    """The environment builds, resets and plays whole episodes without an exception."""
    subject.play_reference()


def registered_class(subject: Subject) -> None:
    """The registered entry point gives an environment of the registered kind."""
    with subject.opened() as env:
        if subject.spec is not None and (subject.spec.kind == "parallel") != hasattr(env, "possible_agents"):
            got = "a PettingZoo parallel environment" if hasattr(env, "possible_agents") else "a Gymnasium environment"
            raise FaultError(
                f"the entry point gives {got}", where=subject.spec.entry_point, right=f'kind="{subject.spec.kind}" matches the class'
            )
        base = _parallel_base() if hasattr(env, "possible_agents") else gym.Env
        if not isinstance(env, base):
            raise FaultError(f"the entry point gives a {type(env).__name__}", where="entry point", right=f"a {base.__name__}")


def reset_takes_seed_and_options(subject: Subject) -> None:
    """Reset takes the keywords seed and options, and seed defaults to None."""
    with subject.opened() as env:
        reset = env.unwrapped.reset
        try:
            env.reset(seed=subject.plan.seed, options={})
        except TypeError as error:
            raise FaultError(
                f"reset(seed=..., options={{}}) raised {one_line(error)}",
                where="reset",
                right="def reset(self, *, seed=None, options=None)",
            ) from error
    seed = inspect.signature(reset).parameters.get("seed")
    if seed is not None and seed.default not in (None, inspect.Parameter.empty):
        raise FaultError(f"seed defaults to {seed.default!r}", where="reset", right="seed=None")


def docstring_tells(subject: Subject) -> None:
    """The class's docstring tells of observation, action, reward and the end of an episode."""
    with subject.opened() as env:
        kind = type(env.unwrapped)
    text = " ".join(filter(None, (vars(kind).get("__doc__"), inspect.getdoc(inspect.getmodule(kind)))))
    if not text:
        raise FaultError("the class has no docstring", where=kind.__qualname__, right=f"one that tells {', '.join(WORDS)}")
    missing = [word for word, pattern in WORDS.items() if not re.search(rf"\b({pattern})", text, re.IGNORECASE)]
    if missing:
        raise FaultError(
            f"the docstring does not mention {', '.join(missing)}", where=kind.__qualname__, right="it is the environment's specification"
        )


def arguments_are_json(subject: Subject) -> None:
    """The registered keyword arguments are JSON values, so that results can name them."""
    if subject.spec is None:
        raise NotApplicableError("the environment is not registered")
    try:
        again = json.loads(json.dumps(subject.spec.kwargs, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise FaultError(
            f"the registered arguments are no JSON: {one_line(error)}", where="kwargs", right="texts, numbers, booleans, lists and dicts"
        ) from error
    changed = [key for key, value in again.items() if value != subject.spec.kwargs.get(key)]
    if changed:
        raise FaultError(
            f"argument {changed[0]!r} is another one after a way through JSON", where="kwargs", right="lists instead of tuples, text keys"
        )


def _parallel_base() -> Any:
    from pettingzoo import ParallelEnv

    return ParallelEnv
