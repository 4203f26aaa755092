"""A torch network's parameters as named arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from hub.errors import UsageError


def weights_of(network: nn.Module) -> dict[str, np.ndarray]:
    """Return copies of the parameters of `network` by torch's names; a shared one once."""
    return {name: value.detach().numpy().copy() for name, value in network.named_parameters()}


def load_weights(network: nn.Module, weights: Mapping[str, np.ndarray], what: str) -> None:
    """Copy arrays that `weights_of` an equally built network returned into `network`.

    Args:
        network: takes them over.
        weights: parameters by name.
        what: whose network it is, in the message.

    Raises:
        UsageError: names or shapes differ; the message gives the first difference, and nothing was copied.
    """
    mine = dict(network.named_parameters())
    for name in [*mine, *weights]:
        have = tuple(weights[name].shape) if name in weights else None
        want = tuple(mine[name].shape) if name in mine else None
        if have != want:
            difference = f"has shape {have}, not {want}" if have and want else "is missing" if want else "is unknown"
            raise UsageError(f"the weights do not fit {what}: {name} {difference}")
    with torch.no_grad():
        for name, parameter in mine.items():
            parameter.copy_(torch.from_numpy(np.array(weights[name])))
