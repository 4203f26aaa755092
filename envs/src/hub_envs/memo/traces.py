"""What a form looks like, screen by screen, and what an expert does with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from gymnasium.utils import seeding
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Layout:
    """The sizes of a form, and where in observations and actions its parts stand.

    An observation is (icon, one of `icons`; code, one of `codes`; whether this is the form; the share of screens behind), each but the last
    as zeros and ones. Actions are the icons, then the codes.

    Attributes:
        screens: screens of an episode, at least 3.
        codes: different codes, at least 2.
        icons: different plain actions, at least 2.

    Raises:
        ValueError: a size is too small.
    """

    screens: int = 5
    codes: int = 4
    icons: int = 6

    def __post_init__(self) -> None:
        for name, least in (("screens", 3), ("codes", 2), ("icons", 2)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, and is {getattr(self, name)}")

    @property
    def width(self) -> int:
        """Numbers of an observation."""
        return self.icons + self.codes + 2

    @property
    def actions(self) -> int:
        """Number of actions."""
        return self.icons + self.codes


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """An episode as an expert plays it.

    Attributes:
        observations: (screens, width) float32.
        actions: (screens,) int64.
        notes: (screens,) int64, what a careful expert would write down: 1 + code where the code is shown, 0 for nothing elsewhere.
    """

    observations: NDArray[np.float32]
    actions: NDArray[np.int64]
    notes: NDArray[np.int64]


class Traces:
    """Expert traces of a form, by the seed of the episode."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def trace(self, seed: int) -> Trace:
        """Return how an expert plays the episode that `reset(seed=seed)` starts."""
        return drawn_trace(self.layout, seeding.np_random(seed)[0])


def drawn_trace(layout: Layout, rng: np.random.Generator) -> Trace:
    """Draw an episode: the form is one of the screens from the third on, and the code is shown on one of those before it."""
    form = int(rng.integers(2, layout.screens))
    shown = int(rng.integers(form))
    code = int(rng.integers(layout.codes))
    actions = rng.integers(layout.icons, size=layout.screens)
    observations = np.zeros((layout.screens, layout.width), dtype=np.float32)
    observations[np.arange(layout.screens), actions] = 1
    observations[form, actions[form]] = 0
    actions[form] = layout.icons + code
    observations[shown, layout.icons + code] = 1
    observations[form, layout.icons + layout.codes] = 1
    observations[:, -1] = np.arange(layout.screens) / layout.screens
    notes = np.zeros(layout.screens, dtype=np.int64)
    notes[shown] = 1 + code
    return Trace(observations, actions.astype(np.int64), notes)
