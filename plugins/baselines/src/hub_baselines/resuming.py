"""An unfinished training as named arrays: those of its parts (networks, optimisers, replay), each under the part's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


def joined(**parts: Mapping[str, NDArray[Any]]) -> Arrays:
    """Return the arrays of all `parts` as one mapping, `PART/NAME` to array."""
    return {f"{part}/{name}": array for part, arrays in parts.items() for name, array in arrays.items()}


def part_of(arrays: Mapping[str, NDArray[Any]], part: str) -> Arrays:
    """Return the arrays that `joined` put under `part`, by their own names."""
    prefix = f"{part}/"
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def optimiser_arrays(optimiser: torch.optim.Optimizer) -> Arrays:
    """Return an optimiser's moments and counts, `PARAMETER/NAME` to array; none before its first step."""
    state = optimiser.state_dict()["state"]
    return {f"{number}/{name}": tensor.numpy() for number, moments in state.items() for name, tensor in moments.items()}


def load_optimiser(optimiser: torch.optim.Optimizer, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Take over what `optimiser_arrays` of an equally built optimiser returned; rates stay as they are."""
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, array in arrays.items():
        number, _, name = key.partition("/")
        state.setdefault(int(number), {})[name] = torch.from_numpy(array).clone()
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
