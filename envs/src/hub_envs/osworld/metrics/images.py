"""Metrics of files as such, and of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_envs.osworld.metrics.kind import Metric, Rule


def _pixels(path: str) -> NDArray[np.int16]:
    from PIL import Image

    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), np.int16)


def _check_file_exists(result: str, rules: Rule | None = None) -> float:
    return float(Path(result).is_file())


def _check_image_size(result: str, rules: Rule) -> float:
    """Score whether a picture has the `width` and the `height`, where they are given."""
    height, width, _ = _pixels(result).shape
    return float(rules.get("width") in (None, width) and rules.get("height") in (None, height))


def _check_image_file_size(result: str, rules: Rule) -> float:
    return float(Path(result).stat().st_size < rules["max_size"])


def _compare_image_list(result: str | list[str], expected: str | list[str]) -> float:
    """Score whether pictures are pixel for pixel the golden ones, sizes included."""
    pairs = [(result, expected)] if isinstance(result, str) else zip(result, expected, strict=True)
    return float(all(np.array_equal(_pixels(one), _pixels(other)) for one, other in _typed(pairs)))


def _typed(pairs: Any) -> list[tuple[str, str]]:
    return [(str(one), str(other)) for one, other in pairs]


def _check_image_mirror(result: str, expected: str) -> float:
    """Score whether one picture is the other's mirror image, left and right changed, to 1% of the brightness on average."""
    one, other = _pixels(result), _pixels(expected)
    return float(one.shape == other.shape and np.abs(one[:, ::-1] - other).mean() < 0.01 * 255)


METRICS: dict[str, Metric] = {
    "check_file_exists": _check_file_exists,
    "check_image_file_size": _check_image_file_size,
    "check_image_mirror": _check_image_mirror,
    "check_image_size": _check_image_size,
    "compare_image_list": _compare_image_list,
}
