"""Compiling a function with numba, once a machine; where numba is missing, the same function runs interpreted."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeVar, cast

try:
    import numba as _numba
except ModuleNotFoundError:
    numba: Any = None
else:
    numba = _numba

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """Compile a function when it is first called, and keep the machine code on disk where there is a place for it.

    Without numba return `function` itself and warn once: the results are the same, many times slower.
    """
    if numba is None:
        _warn()
        return function
    try:
        return cast(_F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # neither the package's folder nor the user's cache folder can be written
        return cast(_F, numba.njit(nogil=True)(function))


def _warn() -> None:
    text = "numba is not installed: hub_envs runs interpreted, many times slower; pip install numba"
    warnings.warn(text, RuntimeWarning, stacklevel=3)
