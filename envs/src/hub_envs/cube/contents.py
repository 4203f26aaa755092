"""CUBE's observations: lists of typed contents, of which texts, structures and images can be shown."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from hub_envs.cube.rpc import CubeError

_PNG = "data:image/png;base64,"


@dataclass(frozen=True, slots=True)
class Shown:
    """What an observation says.

    Attributes:
        text: its texts, and its structures as JSON, each under its name if it has one, with empty lines between.
        images: its images, uint8 (H, W, 3), in order.
        left_out: types of contents that are neither, such as `AudioContent`.
    """

    text: str
    images: Sequence[NDArray[np.uint8]]
    left_out: Sequence[str]


def read(observation: Any) -> Shown:
    """Read an `Observation` as CUBE's servers write it; raises `CubeError` where it is none."""
    contents = observation.get("contents") if isinstance(observation, dict) else None
    if not isinstance(contents, list) or not all(isinstance(content, dict) and "data" in content for content in contents):
        raise CubeError("the server's observation is no CUBE observation: it lacks a list of contents with data")
    texts, images, left_out = [], [], []
    for content in contents:
        kind = str(content.get("_type", "")).rpartition(".")[2]
        data = content["data"]
        if _is_image(kind, data):
            images.append(_image(data))
        elif kind in ("AudioContent", "VideoContent"):
            left_out.append(kind)
        else:
            texts.append(_text(content, data))
    return Shown("\n\n".join(texts), images, left_out)


def _is_image(kind: str, data: Any) -> bool:
    return kind == "ImageContent" or (isinstance(data, str) and data.startswith(_PNG))


def _text(content: Mapping[str, Any], data: Any) -> str:
    body = data if isinstance(data, str) else json.dumps(data)
    return f"## {content['name']}\n{body}" if content.get("name") else body


def _image(data: Any) -> NDArray[np.uint8]:
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(str(data).removeprefix(_PNG), validate=True)))
        return np.asarray(picture.convert("RGB"))
    except (binascii.Error, UnidentifiedImageError, OSError) as error:
        raise CubeError(f"the server's observation has an image that cannot be read: {error}") from error
