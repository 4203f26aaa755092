"""Which spaces the stable-baselines3 networks can read and act in, which network reads what, and how observations reach it."""

from __future__ import annotations

from typing import Any, Literal

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.preprocessing import is_image_space, is_image_space_channels_first
from stable_baselines3.common.vec_env import VecTransposeImage

import hub
from hub.errors import ImpossiblePairing
from hub_baselines.words import PLACES, sentences_to_vectors

PolicyName = Literal["auto", "MlpPolicy", "CnnPolicy", "MultiInputPolicy"]
SmallImages = Literal["numbers", "pixels"]

_SMALLEST_IMAGE = 36
"""Height and width below which the convolutions of stable-baselines3's image network have nothing left to read."""


def check_spaces(agent: str, task: hub.Task, small_images: SmallImages) -> None:
    """Raise `ImpossiblePairing` where stable-baselines3 has no network for the task's spaces; says what would fit."""
    parts = task.observation_space.spaces if isinstance(task.observation_space, spaces.Dict) else {"": task.observation_space}
    for key, part in parts.items():
        reason = _unreadable(part, alone=not key, small_images=small_images)
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


class Reader:
    """How observations reach a network: sentences as vectors (`hub_baselines.words`), images with their channels first.

    Images too small for convolutions are mostly grids of symbols, whose numbers mean what they are. stable-baselines3 would divide them by
    255, and nothing is learned from what is left (`hub run --agent ppo --env minigrid-doorkey-5x5`: a mean return of 0.96, and of 0 with
    `--agent-arg small_images=pixels`).

    Args:
        space: of the environment's observations.
        small_images: `numbers` reads such an image as a row of numbers, `pixels` as stable-baselines3 does.
    """

    def __init__(self, space: gym.Space[Any], small_images: SmallImages = "numbers") -> None:
        self._space, self._small_images = space, small_images
        self._parts = {key: Reader(part, small_images) for key, part in space.spaces.items()} if isinstance(space, spaces.Dict) else {}

    @property
    def space(self) -> gym.Space[Any]:
        """The space of what `read` returns."""
        if self._parts:
            return spaces.Dict({key: part.space for key, part in self._parts.items()})
        if _is_text(self._space):
            return spaces.Box(-np.inf, np.inf, (PLACES,), np.float32)
        if self._is_numbers:
            assert isinstance(self._space, spaces.Box)
            return spaces.Box(self._space.low.ravel(), self._space.high.ravel(), dtype=np.uint8)
        if _channels_last(self._space):
            assert isinstance(self._space, spaces.Box)
            return VecTransposeImage.transpose_space(self._space)
        return self._space

    def read(self, observations: Any) -> Any:
        """Return a batch of observations as the network takes it."""
        if self._parts:
            return {key: part.read(observations[key]) for key, part in self._parts.items()}
        if _is_text(self._space):
            return sentences_to_vectors(observations)
        if self._is_numbers:
            return observations.reshape(len(observations), -1)
        return np.moveaxis(observations, -1, 1) if _channels_last(self._space) else observations

    def read_one(self, observation: Any) -> Any:
        """Return a single observation as the network takes it."""
        if self._parts:
            return {key: part.read_one(observation[key]) for key, part in self._parts.items()}
        return self.read([observation] if _is_text(self._space) else np.asarray(observation)[None])[0]

    @property
    def _is_numbers(self) -> bool:
        return self._small_images == "numbers" and is_image_space(self._space) and min(_height_and_width(self._space)) < _SMALLEST_IMAGE


def has_images(space: gym.Space[Any]) -> bool:
    """Return whether observations are images or hold some."""
    return any(map(has_images, space.spaces.values())) if isinstance(space, spaces.Dict) else is_image_space(space)


def _spelled(space: gym.Space[Any]) -> str:
    return " ".join(str(space).split())


def _channels_last(space: gym.Space[Any]) -> bool:
    return isinstance(space, spaces.Box) and is_image_space(space) and not is_image_space_channels_first(space)


def _is_text(space: gym.Space[Any]) -> bool:
    return space.dtype is not None and np.dtype(space.dtype).kind == "U"


def _height_and_width(space: gym.Space[Any]) -> tuple[int, ...]:
    shape = space.shape
    assert shape is not None
    return shape[:-1] if _channels_last(space) else shape[1:]


def _unreadable(space: gym.Space[Any], alone: bool, small_images: SmallImages) -> str | None:
    if _is_text(space) and not alone:
        return None
    if not isinstance(space, spaces.Box | spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary):
        return "it reads Box, Discrete, MultiDiscrete, MultiBinary and one-level Dict observations, text among the Dict's"
    if isinstance(space, spaces.Discrete) and space.start != 0:
        return "it reads Discrete observations that count from 0"
    if isinstance(space, spaces.MultiDiscrete) and (space.nvec.ndim != 1 or space.start.any()):
        return "it reads MultiDiscrete observations in one row that count from 0"
    if not alone and small_images == "pixels" and is_image_space(space) and min(_height_and_width(space)) < _SMALLEST_IMAGE:
        least = f"{_SMALLEST_IMAGE} x {_SMALLEST_IMAGE}"
        return f"it reads images of at least {least} pixels within a Dict, and smaller ones with small_images=numbers"
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
