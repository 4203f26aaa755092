"""MiniGrid's tasks as a Gymnasium vector environment: a thin shell over `kernel`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.minigrid.kernel import Ends, step
from hub_envs.minigrid.level import MISSION_BYTES, mission_of, record_size
from hub_envs.minigrid.state import empty_slots, load, one
from hub_envs.minigrid.store import TRAINING_LEVELS, LevelSet, LevelStore, range_of
from hub_envs.minigrid.tasks import VIEW, task_of
from hub_envs.minigrid.view import observe
from hub_envs.slots import Frame, Outcome, SlotVectorEnv

Observation = NDArray[np.uint8] | dict[str, Any]
"""Images (n, 7, 7, 3), or a dict of images, directions (n,) and a tuple of n missions."""

_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,.'-"


class MiniGridVectorEnv(SlotVectorEnv[Observation, NDArray[np.int64]]):
    """`num_envs` independent episodes of a task of MiniGrid, stepped together; `SlotVectorEnv` says how slots behave.

    The single environment's docstring, `MiniGridEnv`, is the specification; both compute the same bits.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int = 1,
        *,
        task: str,
        levels: LevelSet = "train",
        num_levels: int = TRAINING_LEVELS,
        observation: Literal["image", "dict"] = "image",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        if observation not in ("image", "dict"):
            raise ValueError(f'observation must be "image" or "dict", and is {observation!r}')
        self.task = task_of(task)
        image = spaces.Box(0, 255, (VIEW, VIEW, 3), np.uint8)
        whole = spaces.Dict({"direction": spaces.Discrete(4), "image": image, "mission": spaces.Text(MISSION_BYTES, charset=_CHARACTERS)})
        super().__init__(
            num_envs,
            image if observation == "image" else whole,
            spaces.Discrete(self.task.actions),
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )
        self._with_mission = observation == "dict"
        self._range = None if levels == "any" else range_of(levels, num_levels)
        self._store = LevelStore(self.task)
        self._records = np.zeros((num_envs, record_size(self.task)), dtype=np.uint8)
        self._slots = empty_slots(self.task, num_envs)
        self._levels = np.zeros(num_envs, dtype=np.int64)
        self._missions = [""] * num_envs

    def _start(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        for slot, seed in zip(slots, seeds, strict=True):
            self._levels[slot] = self._level(slot, seed)
        which = np.asarray(slots, dtype=np.intp)
        records, rows = self._prepared(which)
        load(self._slots, self.task, which, records, rows)
        if self._with_mission:
            for slot, row in zip(slots, rows.tolist(), strict=True):
                self._missions[slot] = mission_of(records[row])

    def _level(self, slot: int, seed: int | None) -> int:
        if self._range is None:
            return int(self._rng(slot).integers(2**31)) if seed is None else seed
        return self._range.number(int(self._rng(slot).integers(2**31)) if seed is None else seed)

    def _prepared(self, which: NDArray[np.intp]) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
        """Return records, and the row among them of each slot's level."""
        numbers = self._levels[which]
        if self._range is not None:
            for number in numbers.tolist():
                self._store.ensure(number)
            return self._store.records, numbers
        for slot, number in zip(which.tolist(), numbers.tolist(), strict=True):
            self._records[slot] = self._store.generated(number)
        return self._records, which

    def _beginnings(self) -> Mapping[str, NDArray[Any]]:
        return {"level": self._levels}

    def _read(self, actions: Any, ignored: NDArray[np.bool_]) -> NDArray[np.int64]:
        given = np.asarray(actions)
        if given.shape != (self.num_envs,) or given.dtype.kind not in "iu":
            raise ValueError(f"actions must be {self.num_envs} whole numbers, and are {given.dtype} of shape {given.shape}")
        wrong = ((given < 0) | (given >= self.task.actions)) & ~ignored
        if wrong.any():
            slot = int(wrong.argmax())
            raise ValueError(f"slot {slot}: an action lies between 0 and {self.task.actions - 1}, and is {given[slot]}")
        return given.astype(np.int64)

    def _play(self, actions: NDArray[np.int64], playing: NDArray[np.bool_]) -> Outcome:
        flags = np.empty((2, self.num_envs), dtype=np.bool_)
        ends = Ends(np.empty(self.num_envs), flags[0], flags[1])
        step(self._slots, int(self.task.rule), self.task.max_steps, actions, playing, ends)
        return Outcome(*ends, {})

    def _observe(self) -> Observation:
        images = np.empty((self.num_envs, VIEW, VIEW, 3), dtype=np.uint8)
        observe(self._slots, self.task.see_through_walls, images)
        if not self._with_mission:
            return images
        return {"direction": self._slots.agent[:, 2].astype(np.int64), "image": images, "mission": tuple(self._missions)}

    def _observe_slot(self, slot: int) -> Any:
        alone = one(self._slots, slot)
        images = np.empty((1, VIEW, VIEW, 3), dtype=np.uint8)
        observe(alone, self.task.see_through_walls, images)
        if not self._with_mission:
            return images[0]
        return {"direction": np.int64(alone.agent[0, 2]), "image": images[0], "mission": self._missions[slot]}

    def close_extras(self, **kwargs: Any) -> None:
        """Let go of the file of levels."""
        store = getattr(self, "_store", None)  # None while arguments are refused: Gymnasium closes what was never whole, too
        if store is not None:
            store.close()

    def _draw(self, slot: int) -> Frame:
        from hub_envs.minigrid.drawing import draw

        return draw(self.task, self._slots, slot)
