"""The agent that always does the same thing; with its default action, the no-op of most environments."""

from __future__ import annotations

import json
from functools import singledispatch
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import concatenate, create_empty_array

import hub
from hub.errors import ImpossiblePairing, UsageError


class ConstantAgent(hub.Agent):
    """Takes the same action at every step; in a parallel environment every player takes it.

    Args:
        task: the task.
        seed: not used; the agent is deterministic.
        action: the action as JSON (`1`, `[0, 1, 0]`, `"left"`, `{"move": 2}`); by default the action space's first action:
            0 where it holds 0, else what lies nearest to 0; the empty text or sequence.
    """

    needs: ClassVar[hub.Needs] = hub.Needs(players="any")

    def __init__(self, task: hub.Task, *, seed: int = 0, action: Any = None) -> None:
        super().__init__(task, seed=seed)
        space = task.action_space
        self._of_player: dict[str, Any] = {}
        if task.players:
            assert isinstance(space, spaces.Dict)
            self._of_player = {player: _chosen(space[player], action) for player in task.players}
        else:
            self._action = _chosen(space, action)

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Return the action once for each slot."""
        if self.task.players:
            return [{player: self._of_player[player] for player in observation} for observation in observations]
        space = self.task.action_space
        return concatenate(space, [self._action] * len(slots), _room(space, len(slots)))


def _room(space: gym.Space[Any], count: int) -> Any:
    return create_empty_array(space, n=count, fn=np.zeros)


def _chosen(space: gym.Space[Any], action: Any) -> Any:
    if action is None:
        return first_action(space)
    try:
        chosen = _from_json(space, action)
        fits = space.contains(chosen)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError):
        fits = False
    if not fits:
        raise UsageError(
            f"action {action!r} is not in the action space {space}; give one that is as JSON, e.g. {_to_json(first_action(space))}"
        )
    return chosen


def _from_json(space: gym.Space[Any], value: Any) -> Any:
    if isinstance(space, spaces.Dict):
        if set(value) != set(space.spaces):
            raise KeyError
        return {key: _from_json(part, value[key]) for key, part in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(_from_json(part, item) for part, item in zip(space.spaces, value, strict=True))
    chosen = space.from_jsonable([value])[0]
    if isinstance(chosen, np.ndarray | np.generic) and not np.allclose(np.asarray(value, np.float64), chosen):
        raise ValueError("does not keep its value in this space's type")
    return chosen


def _to_json(action: Any) -> str:
    return json.dumps(action, default=lambda part: part.tolist() if hasattr(part, "tolist") else str(part))


@singledispatch
def first_action(space: gym.Space[Any]) -> Any:
    """Return the action of `space` that stands for doing nothing: the one nearest to zero or emptiness."""
    raise ImpossiblePairing(f"constant knows no first action of a {type(space).__name__} space; give one with --agent-arg action=JSON")


@first_action.register
def _(space: spaces.Discrete) -> Any:
    first, last = int(space.start), int(space.start + space.n - 1)
    return np.asarray(min(max(0, first), last), space.dtype)[()]


@first_action.register
def _(space: spaces.Box) -> Any:
    return np.asarray(np.clip(np.zeros(space.shape, space.dtype), space.low, space.high), space.dtype)


@first_action.register
def _(space: spaces.MultiDiscrete) -> Any:
    return np.clip(np.zeros(space.shape, space.dtype), space.start, space.start + space.nvec - 1)


@first_action.register
def _(space: spaces.MultiBinary) -> Any:
    return np.zeros(space.shape, space.dtype)


@first_action.register
def _(space: spaces.Text) -> Any:
    return space.character_list[0:1][0] * space.min_length if space.min_length else ""


@first_action.register
def _(space: spaces.Tuple) -> Any:  # type: ignore[type-arg]
    return tuple(first_action(part) for part in space.spaces)


@first_action.register
def _(space: spaces.Dict) -> Any:
    return {key: first_action(part) for key, part in space.spaces.items()}


@first_action.register
def _(space: spaces.OneOf) -> Any:  # type: ignore[type-arg]
    return (np.int64(0), first_action(space.spaces[0]))


@first_action.register
def _(space: spaces.Sequence) -> Any:
    if space.stack:
        return create_empty_array(space.feature_space, n=0)
    return ()


@first_action.register
def _(space: spaces.Graph) -> Any:
    return spaces.GraphInstance(nodes=first_action(space.node_space)[None], edges=None, edge_links=None)
