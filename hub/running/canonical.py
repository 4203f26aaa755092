"""Canonical bytes: one spelling for every value of every Gymnasium space, whatever machine it is on."""

from __future__ import annotations

import json
from functools import singledispatch
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import iterate

from hub.errors import HubError
from hub.running.worlds.leaves import Leaf, Players, short


def array_bytes(array: np.ndarray) -> bytes:
    """Return an array's elements in C order, little endian."""
    return array_elements(array).tobytes()


def array_elements(array: np.ndarray) -> np.ndarray:
    """Return the same as a flat array, for hashing: no copy of an array that lies so already."""
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(-1)


def header(leaf: Leaf) -> bytes:
    """Return what is written once before a leaf's values: its path, and dtype and shape where they are fixed."""
    kind = [leaf.dtype.newbyteorder("<").str, list(leaf.shape)] if leaf.fixed else [type(leaf.space).__name__]
    return sized(json.dumps([list(leaf.path), *kind]).encode())


def sized(data: bytes) -> bytes:
    """Return `data` after its length as 8 bytes, so that no two lists of pieces have the same concatenation."""
    return len(data).to_bytes(8, "little") + data


@singledispatch
def value_bytes(space: gym.Space[Any], value: Any) -> bytes:
    """Return the bytes of one value.

    Spaces of unknown kinds go by the JSON that they define themselves (`Space.to_jsonable`), arrays in it by dtype, shape and elements.

    Raises:
        HubError: it is no JSON.
    """
    try:
        text = json.dumps(space.to_jsonable([value]), sort_keys=True, separators=(",", ":"), default=_spelled)
    except (TypeError, ValueError) as error:
        raise HubError(
            f"a value of the space {short(space)} cannot be recorded: {error}; its to_jsonable must return what JSON holds, or arrays"
        ) from error
    return sized(text.encode())


@value_bytes.register(spaces.Box)
@value_bytes.register(spaces.Discrete)
@value_bytes.register(spaces.MultiDiscrete)
@value_bytes.register(spaces.MultiBinary)
def _(space: gym.Space[Any], value: Any) -> bytes:
    return array_bytes(np.asarray(value, space.dtype))


@value_bytes.register(spaces.Text)
def _(space: spaces.Text, value: str) -> bytes:
    return sized(value.encode())


@value_bytes.register(spaces.Dict)
def _(space: spaces.Dict, value: Any) -> bytes:
    return b"".join(value_bytes(space[key], value[key]) for key in sorted(space.spaces, key=str))


@value_bytes.register(spaces.Tuple)
def _(space: spaces.Tuple[Any], value: Any) -> bytes:
    return b"".join(map(value_bytes, space.spaces, value))


@value_bytes.register(spaces.Sequence)
def _(space: spaces.Sequence, value: Any) -> bytes:
    items = list(iterate(space.stacked_feature_space, value)) if space.stack else value
    return len(items).to_bytes(8, "little") + b"".join(value_bytes(space.feature_space, item) for item in items)


@value_bytes.register(spaces.OneOf)
def _(space: spaces.OneOf[Any], value: Any) -> bytes:
    return int(value[0]).to_bytes(8, "little") + value_bytes(space.spaces[value[0]], value[1])


@value_bytes.register(spaces.Graph)
def _(space: spaces.Graph, value: spaces.GraphInstance) -> bytes:
    parts = []
    for array in (value.nodes, value.edges, value.edge_links):
        found = np.zeros(0, np.int64) if array is None else np.asarray(array)
        parts.append(sized(f"{array is None}{found.dtype.str}{found.shape}".encode()) + sized(array_bytes(found)))
    return b"".join(parts)


@value_bytes.register(Players)
def _(space: Players, value: dict[str, Any]) -> bytes:
    named = (sized(player.encode()) + value_bytes(space.spaces[player], value[player]) for player in sorted(value))
    return len(value).to_bytes(8, "little") + b"".join(named)


def _spelled(value: Any) -> Any:
    """Return what stands in JSON for a value that JSON does not know."""
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return [value.dtype.newbyteorder("<").str, list(value.shape), array_bytes(value).hex()]
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{short(value)} is a {type(value).__name__}")
