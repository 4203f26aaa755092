"""Frames: what an environment renders as an array of pixels."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.error import DependencyNotInstalled

from hub.environments import make
from hub.errors import HubError, MissingExtra
from hub.loading import one_line

Frame = npt.NDArray[np.uint8]
"""Pixels, (height, width, 3)."""

MODE = "rgb_array"


def require_pillow() -> None:
    """Raise `MissingExtra` where screens cannot be written."""
    if importlib.util.find_spec("PIL") is None:
        raise MissingExtra("recording screens needs 'pillow', which is not installed: pip install 'gymhub[record]'")


def render_modes(name: str, kwargs: Mapping[str, Any]) -> Sequence[str]:
    """Build environment `name` once and return the render modes that it declares; raises as `hub.make` does."""
    plain = make(name, **kwargs)
    try:
        return list(plain.metadata.get("render_modes") or [])
    finally:
        plain.close()


def frame_of(env_id: str, render: Callable[[], Any]) -> Frame:
    """Return what `render` of an environment returns, (height, width, 3).

    Raises:
        MissingExtra: the environment needs a package for it that is not installed.
        HubError: it raises, or renders something else.
    """
    try:
        frame = render()
    except (DependencyNotInstalled, ModuleNotFoundError) as error:
        raise MissingExtra(f"{env_id} needs a package that is not installed to render: {one_line(error)}") from error
    except Exception as error:
        raise HubError(f"{env_id} cannot be watched: render raised {type(error).__name__}: {one_line(error)}") from error
    if not (isinstance(frame, np.ndarray) and frame.ndim == 3 and frame.shape[2] == 3 and frame.dtype == np.uint8):
        found = f"{frame.dtype} array of shape {frame.shape}" if isinstance(frame, np.ndarray) else type(frame).__name__
        raise HubError(f"{env_id} cannot be watched: render returned {found}; a frame is an array (height, width, 3) of uint8")
    return frame
