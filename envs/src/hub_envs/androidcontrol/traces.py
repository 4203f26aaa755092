"""Recorded episodes in files of JSON lines, one episode each.

    {"episode_id": 8197, "goal": "I'd like to add this item to my cart.", "width": 1080, "height": 2400, "steps": [
        {"instruction": "click on the Add to cart button", "action": {"action": "click", "coordinate": [542, 2226]},
         "check": {"action": "click", "candidate_bbox": [[0, 262, 1084, 2339]]}, "screenshot": "8197/0.png"}]}

`width` and `height`, pixels of the screen, may be missing: the test split does not record them, and most of its screens have 1080 x 2400.
`instruction`, `check` and `screenshot` (path of a picture, from the file's folder) may be missing as well.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gymnasium.error import DependencyNotInstalled

from hub_envs.androidcontrol.outputs import Action, checked_action

VARIABLE = "HUB_ANDROIDCONTROL"
"""Environment variable with the path of a file of traces."""

SCREEN = (1080, 2400)
"""Width and height in pixels where a trace does not tell."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a person.

    Attributes:
        action: what was done.
        instruction: what was meant by it; empty where it was not recorded.
        boxes: (left, top, right, bottom), in pixels, of what a click may hit; for `open`, of the app's icon.
        direction: of a swipe as the data name it: up and down are those of the view, inverse to the finger's.
        screenshot: path of the screen before the action; None where there is none.
    """

    action: Action
    instruction: str = ""
    boxes: tuple[Box, ...] = ()
    direction: str | None = None
    screenshot: Path | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A recorded episode.

    Attributes:
        episode: its number in the data.
        goal: what the person was asked to do.
        steps: what the person did.
        size: width and height of the screen in pixels.
    """

    episode: int
    goal: str
    steps: tuple[Step, ...]
    size: tuple[int, int] = SCREEN


def load(path: str | Path | None = None) -> tuple[Trace, ...]:
    """Read a file of traces, `.jsonl` or `.jsonl.gz`; by default the one that the environment variable names.

    Raises:
        DependencyNotInstalled: no file is given, and the environment variable names none; the message says what it must be.
        ValueError: there is no such file, or a line of it is no trace; the message says where and what would be right.
    """
    named = os.environ.get(VARIABLE, "")
    file = Path(path or named).expanduser().resolve()
    if path is None and not (named and file.is_file()):
        found = f"{VARIABLE} names {file}, which is no file" if named else f"{VARIABLE} is not set"
        raise DependencyNotInstalled(
            f"AndroidControl's traces are not part of this package, and {found}: set it to a file of traces, or say traces=FILE"
            " (JSON lines; see hub_envs.androidcontrol.traces)"
        )
    if not file.is_file():
        raise ValueError(f"there is no file of traces {file}")
    return _loaded(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _loaded(file: Path, changed: int) -> tuple[Trace, ...]:
    traces = tuple(_read(file))
    if not traces:
        raise ValueError(f"{file} holds no traces")
    return traces


def _read(file: Path) -> Iterator[Trace]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        yield _trace(json.loads(line), file.parent)
                    except (ValueError, KeyError, TypeError, AttributeError) as error:
                        said = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else error
                        raise _BadLine(f"{file}, line {number}: this is no trace: {said}") from error
    except _BadLine as error:
        raise ValueError(str(error)) from error.__cause__
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from error


class _BadLine(Exception):  # noqa: N818
    pass


def _trace(document: Mapping[str, Any], folder: Path) -> Trace:
    steps = tuple(_step(step, folder) for step in document["steps"])
    if not steps:
        raise ValueError("it has no steps")
    size = (int(document.get("width", SCREEN[0])), int(document.get("height", SCREEN[1])))
    return Trace(int(document["episode_id"]), str(document["goal"]), steps, size)


def _step(document: Mapping[str, Any], folder: Path) -> Step:
    check = document.get("check", {})
    boxes: list[Box] = []
    for box in check.get("candidate_bbox", ()):
        left, top, right, bottom = map(float, box)
        boxes.append((left, top, right, bottom))
    screenshot = document.get("screenshot")
    return Step(
        checked_action(document["action"]),
        str(document.get("instruction") or ""),
        tuple(boxes),
        check.get("direction"),
        None if screenshot is None else folder / screenshot,
    )
