"""How a policy with notes acts in episodes: it remembers what it wrote and did, and never sees an earlier screen again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from hub_baselines.episodes import EpisodeGenerators, drawn_categories
from hub_baselines.multi.memory import SlotMemory
from hub_baselines.relative.tiny import NotePolicy
from hub_baselines.tiles import Tiles
from numpy.typing import NDArray
from torch import nn


class NoteTaker:
    """A frozen copy of a policy that plays episodes in numbered slots; a row's bits do not depend on the batch.

    Args:
        policy: to be copied.
        deterministic: write the most probable note and take the most probable action; else draw both from the policy.
    """

    def __init__(self, policy: NotePolicy, *, deterministic: bool) -> None:
        self._notes, self._actions, self._remember = (Tiles(part(policy)) for part in (_Notes, _Actions, _Remember))
        self._memory, self._generators = SlotMemory(policy.hidden), EpisodeGenerators()
        self._deterministic = deterministic

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Forget what `slots` remember, and start the draws of new episodes."""
        self._memory.begin(slots)
        self._generators.begin(slots, seeds)

    def act(self, screens: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return an action (n,) for each of `screens` (n, features), and remember it with the note before it."""
        hidden = self._memory[slots]
        uniform = None if self._deterministic else self._generators.uniform(slots, 2)
        seen = {"hidden": hidden, "screens": screens}
        notes = _chosen(self._notes(seen)[0], None if uniform is None else uniform[:, 0])
        actions = _chosen(self._actions({**seen, "notes": notes})[0], None if uniform is None else uniform[:, 1])
        self._memory[slots] = self._remember({"hidden": hidden, "pairs": np.stack([notes, actions], axis=1)})[0]
        return actions


def _chosen(probabilities: NDArray[np.float32], uniform: NDArray[np.float64] | None) -> NDArray[np.int64]:
    chosen: NDArray[np.int64] = probabilities.argmax(axis=1) if uniform is None else drawn_categories(probabilities, uniform)
    return chosen


class _Part(nn.Module):
    def __init__(self, policy: NotePolicy) -> None:
        super().__init__()
        self.policy = policy


class _Notes(_Part):
    def forward(self, seen: dict[str, Any]) -> torch.Tensor:
        return self.policy.note_logits(seen["hidden"], seen["screens"]).softmax(dim=1)


class _Actions(_Part):
    def forward(self, seen: dict[str, Any]) -> torch.Tensor:
        return self.policy.action_logits(seen["hidden"], seen["screens"], seen["notes"]).softmax(dim=1)


class _Remember(_Part):
    def forward(self, seen: dict[str, Any]) -> torch.Tensor:
        return self.policy.remember(seen["hidden"], seen["pairs"])
