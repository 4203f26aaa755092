"""Forms in many slots at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.memo.drawing import drawn_form
from hub_envs.memo.traces import Layout, Traces, drawn_trace
from hub_envs.slots import Frame, Outcome, SlotVectorEnv


class FormVectorEnv(SlotVectorEnv[NDArray[np.float32], NDArray[np.int64]]):
    """`num_envs` forms, stepped together; `FormEnv` is the specification, both compute the same bits."""

    def __init__(
        self,
        num_envs: int = 1,
        *,
        screens: int = 5,
        codes: int = 4,
        icons: int = 6,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        self.layout = Layout(screens, codes, icons)
        super().__init__(
            num_envs,
            spaces.Box(0.0, 1.0, (self.layout.width,), np.float32),
            spaces.Discrete(self.layout.actions),
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )
        self.model = Traces(self.layout)
        # After the last screen an empty one is shown.
        self._screens = np.zeros((num_envs, screens + 1, self.layout.width), dtype=np.float32)
        self._right = np.zeros((num_envs, screens), dtype=np.int64)
        self._done = np.zeros(num_envs, dtype=np.int64)
        self._slots = np.arange(num_envs)

    def _start(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        for slot in slots:
            trace = drawn_trace(self.layout, self._rng(slot))
            self._screens[slot, :-1], self._right[slot] = trace.observations, trace.actions
            self._done[slot] = 0

    def _read(self, actions: Any, ignored: NDArray[np.bool_]) -> NDArray[np.int64]:
        given = np.asarray(actions)
        if given.shape != (self.num_envs,) or not np.issubdtype(given.dtype, np.integer):
            raise ValueError(f"actions must be {self.num_envs} whole numbers, and are of shape {given.shape} and type {given.dtype}")
        wrong = ~ignored & ((given < 0) | (given >= self.layout.actions))
        if wrong.any():
            slot = int(wrong.argmax())
            raise ValueError(f"slot {slot}: an action is a whole number from 0 to {self.layout.actions - 1}, and is {given[slot]}")
        return given.astype(np.int64)

    def _play(self, actions: NDArray[np.int64], playing: NDArray[np.bool_]) -> Outcome:
        asked = np.minimum(self._done, self.layout.screens - 1)
        right = playing & (actions == self._right[self._slots, asked])
        self._done += right
        complete = self._done == self.layout.screens
        success = (right & complete).astype(np.float64)
        values = {"success": success, "progress": self._done / self.layout.screens}
        return Outcome(success.copy(), playing & (complete | ~right), np.zeros(self.num_envs, dtype=np.bool_), values)

    def _observe(self) -> NDArray[np.float32]:
        shown: NDArray[np.float32] = self._screens[self._slots, self._done]
        return shown

    def _observe_slot(self, slot: int) -> NDArray[np.float32]:
        shown: NDArray[np.float32] = self._screens[slot, self._done[slot]].copy()
        return shown

    def _draw(self, slot: int) -> Frame:
        return drawn_form(self.layout, self._screens[slot, self._done[slot]], int(self._done[slot]))
