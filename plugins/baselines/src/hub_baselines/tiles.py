"""Network outputs that do not depend on who else is in the batch.

A matrix product of another height may run another kernel and round differently, so `network(x)[i]` and `network(x[i:i+1])` can differ in
the last bit; over an episode that bit becomes another action. `Tiles` removes both causes:

* every forward pass has the same number of rows; a smaller batch is padded, a larger one cut into tiles, always on one thread;
* linear layers whose input width is no multiple of 16, or whose output is narrower than 16, are padded with zero weights. Rows would
  otherwise start at different memory alignments, and the kernels for narrow outputs sum in an order that depends on the alignment, or on
  the row's place in a low tile (seen with MKL for widths such as 7 -> 4, and for 64 -> 2 in tiles of 8 rows).

What a row gives is then the same alone, in a batch of any size, at any place in it. That holds for layers that treat rows
separately: linear, convolution, activation, layer normalisation, embedding, recurrent steps; not for batch normalisation in training mode.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import nn

_ALIGNED_FLOATS = 16


@runtime_checkable
class Alignable(Protocol):
    """A layer other than torch's own that multiplies matrices, and can be made to do so at whole cache lines."""

    def aligned(self, floats: int) -> nn.Module:
        """Return the same layer with input rows padded to a multiple of `floats` numbers, and output rows to at least as many."""
        ...


class Tiles:
    """A frozen copy of a network, evaluated in tiles of a fixed number of rows.

    Args:
        network: called with one tensor of `rows` rows (or a dict of such tensors, when `Tiles` is called with a dict of arrays); returns a
            tensor or a tuple of tensors with `rows` rows. It is copied; train the original on and build `Tiles` anew.
        rows: rows of a tile. Part of what defines the bits: the same network with another `rows` may differ in the last place.

    Example:
        >>> tiles = Tiles(nn.Linear(3, 2))
        >>> x = np.ones((5, 3), np.float32)
        >>> bool((tiles(x)[0][2:3] == tiles(x[2:3])[0]).all())
        True
    """

    def __init__(self, network: nn.Module, rows: int = 32) -> None:
        self._network = _with_aligned_layers(copy.deepcopy(network)).cpu().eval().requires_grad_(False)
        self._rows = rows
        self._tile: dict[str, torch.Tensor] = {}
        self._array: dict[str, np.ndarray] = {}
        self._kind: dict[str, np.dtype[Any]] = {}

    def __call__(self, inputs: np.ndarray | Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...]:
        """Return the network's outputs for n input rows, each as an array (n, ...) that the caller owns.

        Floating-point inputs are read as float32, all others as they are.
        """
        named = inputs if isinstance(inputs, Mapping) else {"": inputs}
        count = len(next(iter(named.values())))
        with torch.inference_mode(), one_thread():
            pieces = [self._evaluated(named, start, min(self._rows, count - start)) for start in range(0, count, self._rows)]
        return pieces[0] if len(pieces) == 1 else tuple(np.concatenate(parts) for parts in zip(*pieces, strict=True))

    def _evaluated(self, named: Mapping[str, np.ndarray], start: int, size: int) -> tuple[np.ndarray, ...]:
        for name, rows in named.items():
            array = self._array.get(name)
            if array is None or array.shape[1:] != rows.shape[1:] or self._kind[name] != rows.dtype:
                array = self._allocated(name, rows)
            # The rows behind `size` keep what an earlier call left there: they are never returned and influence no other row.
            array[:size] = rows[start : start + size]
        outputs = self._network(self._tile if "" not in named else self._tile[""])
        return tuple(output.numpy()[:size].copy() for output in (outputs if isinstance(outputs, tuple) else (outputs,)))

    def _allocated(self, name: str, rows: np.ndarray) -> np.ndarray:
        kind = np.dtype(np.float32) if np.issubdtype(rows.dtype, np.floating) else rows.dtype
        # By torch, which aligns to cache lines.
        self._tile[name] = torch.from_numpy(np.zeros(0, kind)).new_zeros((self._rows, *rows.shape[1:]))
        self._array[name], self._kind[name] = self._tile[name].numpy(), rows.dtype
        return self._array[name]


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on one thread inside, and on as many as before afterwards."""
    threads = torch.get_num_threads()
    if threads == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class _AlignedLinear(nn.Module):
    """A linear layer whose input rows are padded with zeros to whole cache lines, and whose output to at least one."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self._missing, self._outputs = -layer.in_features % _ALIGNED_FLOATS, layer.out_features
        narrow = max(0, _ALIGNED_FLOATS - layer.out_features)
        self.weight = nn.Parameter(nn.functional.pad(layer.weight.detach(), (0, self._missing, 0, narrow)))
        self.bias = None if layer.bias is None else nn.Parameter(nn.functional.pad(layer.bias.detach(), (0, narrow)))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(nn.functional.pad(rows, (0, self._missing)), self.weight, self.bias)[..., : self._outputs]


def _with_aligned_layers(network: nn.Module) -> nn.Module:
    if isinstance(network, Alignable):
        return network.aligned(_ALIGNED_FLOATS)
    if type(network) is nn.Linear:
        aligned = network.in_features % _ALIGNED_FLOATS == 0 and network.out_features >= _ALIGNED_FLOATS
        return network if aligned else _AlignedLinear(network)
    for name, layer in list(network.named_children()):
        setattr(network, name, _with_aligned_layers(layer))
    return network
