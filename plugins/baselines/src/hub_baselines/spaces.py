"""Which spaces the stable-baselines3 networks can read and act in, and which network reads what."""

from __future__ import annotations

from typing import Any, Literal

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.preprocessing import is_image_space, is_image_space_channels_first
from stable_baselines3.common.vec_env import VecTransposeImage

import hub
from hub.errors import ImpossiblePairing

PolicyName = Literal["auto", "MlpPolicy", "CnnPolicy", "MultiInputPolicy"]

_SMALLEST_IMAGE = 36
"""Height and width below which the convolutions of stable-baselines3's image network have nothing left to read."""


def check_spaces(agent: str, task: hub.Task) -> None:
    """Raise `ImpossiblePairing` where stable-baselines3 has no network for the task's spaces; says what would fit."""
    parts = task.observation_space.spaces if isinstance(task.observation_space, spaces.Dict) else {"": task.observation_space}
    for key, part in parts.items():
        reason = _unreadable(part, alone=not key)
        if reason:
            where = f"its observations under {key!r}" if key else "its observations"
            raise ImpossiblePairing(f"{agent} cannot act in {task.env_id}: {where} are {_spelled(part)}; {reason}")
    reason = _unplayable(task.action_space)
    if reason:
        raise ImpossiblePairing(f"{agent} cannot act in {task.env_id}: its actions are {_spelled(task.action_space)}; {reason}")


def policy_name(agent: str, task: hub.Task, chosen: PolicyName) -> str:
    """Return the stable-baselines3 policy for the task: `chosen`, or by itself the one that reads its observations.

    Raises:
        ImpossiblePairing: `chosen` reads other observations.
    """
    space = task.observation_space
    if isinstance(space, spaces.Dict):
        fitting = ["MultiInputPolicy"]
    elif is_image_space(space) and min(_height_and_width(space)) >= _SMALLEST_IMAGE:
        fitting = ["CnnPolicy", "MlpPolicy"]
    else:
        fitting = ["MlpPolicy"]
    if chosen == "auto":
        return fitting[0]
    if chosen not in fitting:
        raise ImpossiblePairing(
            f"{agent} cannot act in {task.env_id} with policy {chosen}: its observations are {space}; {' or '.join(fitting)} fits"
        )
    return chosen


def channels_first(space: gym.Space[Any]) -> gym.Space[Any]:
    """Return the observation space after `move_channels`: images as (channels, height, width)."""
    if isinstance(space, spaces.Dict):
        return spaces.Dict({key: channels_first(part) for key, part in space.spaces.items()})
    if not _channels_last(space):
        return space
    assert isinstance(space, spaces.Box)
    return VecTransposeImage.transpose_space(space)


def move_channels(space: gym.Space[Any], observations: Any) -> Any:
    """Return a batch of observations with the channels of its images moved to the front; no copies."""
    if isinstance(space, spaces.Dict):
        return {key: move_channels(part, observations[key]) for key, part in space.spaces.items()}
    return np.moveaxis(observations, -1, 1) if _channels_last(space) else observations


def has_images(space: gym.Space[Any]) -> bool:
    """Return whether observations are images or hold some."""
    return any(map(has_images, space.spaces.values())) if isinstance(space, spaces.Dict) else is_image_space(space)


def _spelled(space: gym.Space[Any]) -> str:
    return " ".join(str(space).split())


def _channels_last(space: gym.Space[Any]) -> bool:
    return isinstance(space, spaces.Box) and is_image_space(space) and not is_image_space_channels_first(space)


def _height_and_width(space: gym.Space[Any]) -> tuple[int, ...]:
    assert space.shape is not None
    return tuple(channels_first(space).shape or ())[1:]


def _unreadable(space: gym.Space[Any], alone: bool) -> str | None:
    if not isinstance(space, spaces.Box | spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary):
        return "it reads Box, Discrete, MultiDiscrete, MultiBinary and one-level Dict observations"
    if isinstance(space, spaces.Discrete) and space.start != 0:
        return "it reads Discrete observations that count from 0"
    if isinstance(space, spaces.MultiDiscrete) and (space.nvec.ndim != 1 or space.start.any()):
        return "it reads MultiDiscrete observations in one row that count from 0"
    if not alone and is_image_space(space) and min(_height_and_width(space)) < _SMALLEST_IMAGE:
        return f"it reads images of at least {_SMALLEST_IMAGE} x {_SMALLEST_IMAGE} pixels within a Dict"
    return None


def _unplayable(space: gym.Space[Any]) -> str | None:
    if isinstance(space, spaces.Discrete) and space.start != 0:
        return "it acts in Discrete spaces that count from 0"
    if isinstance(space, spaces.MultiDiscrete) and (space.nvec.ndim != 1 or space.start.any()):
        return "it acts in MultiDiscrete spaces in one row that count from 0"
    if isinstance(space, spaces.MultiBinary) and len(space.shape) != 1:
        return "it acts in MultiBinary spaces in one row"
    if isinstance(space, spaces.Box) and not (np.issubdtype(space.dtype, np.floating) and space.is_bounded()):
        return "it acts in Box spaces of floating-point numbers with finite bounds"
    return None
