"""A level as MiniGrid generates it from a seed, in numbers, and as a record of a fixed number of bytes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_envs.minigrid.cells import EMPTY, TARGET, TRIPLE, code_of_object
from hub_envs.minigrid.pcg import STATE, state_of
from hub_envs.minigrid.rules import PARAMETERS, Rule, parameters_of, target_of
from hub_envs.minigrid.tasks import Task, task_of

MISSION_BYTES = 120
OBSTACLES = 8
"""Most obstacles that move."""
HEADER = np.dtype(
    [
        ("check", "<u4"),
        ("number", "<i8"),
        ("x", "u1"),
        ("y", "u1"),
        ("direction", "u1"),
        ("parameters", "<i2", (PARAMETERS,)),
        ("obstacles", "i1", (OBSTACLES, 2)),
        ("generator", "<u8", (STATE,)),
        ("mission", f"S{MISSION_BYTES}"),
    ]
)
"""What stands before the cells. `check` is a CRC-32 over all that follows it; obstacles that are not there lie at (-1, -1); `generator` is
where MiniGrid's generator stands when the episode begins, in tasks that draw from it in their steps, else zeros."""
_CHECKED = HEADER.fields["number"][1]  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class Level:
    """The start of an episode.

    Attributes:
        number: the seed that MiniGrid generates it from.
        cells: (W, H, 3) uint8, `grid.encode()` of MiniGrid: type, colour and state at [x, y].
        contents: (W, H, 3) uint8, what the box at [x, y] holds; (1, 0, 0), an empty cell, where there is no box or nothing in it.
        position: of the agent, (x, y).
        direction: of the agent: 0 right, 1 down, 2 left, 3 up.
        mission: MiniGrid's sentence.
        max_steps: steps until truncation.
    """

    number: int
    cells: NDArray[np.uint8]
    contents: NDArray[np.uint8]
    position: tuple[int, int]
    direction: int
    mission: str
    max_steps: int


def level_of(env_id: str, number: int) -> Level:
    """Return level `number` of an environment of this package, `"minigrid/MultiRoom-N7-S4-v0"` say.

    Raises:
        ValueError: there is no such environment.
    """
    from hub_envs.minigrid.store import LevelStore

    task = task_of(env_id.removeprefix("minigrid/"))
    return read(task, LevelStore(task).record(number))


def record_size(task: Task) -> int:
    """Return the bytes of a level's record: the header, then a byte for each cell, then one for what each holds."""
    return HEADER.itemsize + 2 * task.width * task.height


def generate(task: Task, env: Any, number: int) -> NDArray[np.uint8]:
    """Let MiniGrid generate level `number` in `env`, built by `task.build_generator()`, and return its record (record_size,) uint8."""
    env.reset(seed=number)
    record = np.zeros(record_size(task), dtype=np.uint8)
    header = record[: HEADER.itemsize].view(HEADER)
    header["number"] = number
    header["x"], header["y"] = env.agent_pos
    header["direction"] = env.agent_dir
    header["parameters"] = parameters_of(env, task.rule)
    header["mission"] = _encoded(env.mission)
    header["obstacles"] = -1
    if task.rule == Rule.OBSTACLES:
        header["obstacles"][0, : len(env.obstacles)] = [obstacle.cur_pos for obstacle in env.obstacles]
        header["generator"] = state_of(env.np_random)
    cells, contents = planes(task, record)
    for place, thing in enumerate(env.grid.grid):
        x, y = place % env.width, place // env.width
        cells[x, y] = code_of_object(thing)
        contents[x, y] = code_of_object(_held(thing))
    target = target_of(env, task.rule)
    if target is not None:
        cells[target] |= TARGET
    header["check"] = _checksum(record)
    return record


def planes(task: Task, record: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return views (W, H) into a record: the codes of its cells, and of what they hold."""
    both = record[HEADER.itemsize :].reshape(2, task.width, task.height)
    return both[0], both[1]


def is_whole(record: NDArray[np.uint8], number: int) -> bool:
    """Say whether a record holds level `number`, unharmed."""
    header = record[: HEADER.itemsize].view(HEADER)[0]
    return bool(header["number"] == number and header["check"] == _checksum(record))


def mission_of(record: NDArray[np.uint8]) -> str:
    """Return the mission that a record holds."""
    return bytes(record[: HEADER.itemsize].view(HEADER)[0]["mission"]).decode()


def read(task: Task, record: NDArray[np.uint8]) -> Level:
    """Return the level that a record holds."""
    header = record[: HEADER.itemsize].view(HEADER)[0]
    cells, contents = planes(task, record)
    return Level(
        number=int(header["number"]),
        cells=TRIPLE[cells],
        contents=TRIPLE[contents],
        position=(int(header["x"]), int(header["y"])),
        direction=int(header["direction"]),
        mission=mission_of(record),
        max_steps=task.max_steps,
    )


def _checksum(record: NDArray[np.uint8]) -> int:
    return zlib.crc32(record[_CHECKED:].tobytes())


def _encoded(mission: str) -> bytes:
    text = mission.encode()
    if len(text) > MISSION_BYTES:
        raise ValueError(f"the mission {mission!r} is longer than the {MISSION_BYTES} bytes that a level's record has for it")
    return text


def _held(thing: object) -> object:
    held = getattr(thing, "contains", None)
    if code_of_object(getattr(held, "contains", None)) != EMPTY:
        raise ValueError("a box within a box within a box is more than this engine knows")
    return held
