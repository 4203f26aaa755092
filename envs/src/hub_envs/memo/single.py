"""One form at a time."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.memo.traces import Traces
from hub_envs.memo.vector import FormVectorEnv
from hub_envs.slots import Frame


class FormEnv(gym.Env[NDArray[np.float32], np.int64]):
    """A row of screens, one of which shows a code and a later one of which, the form, asks for it.

    **Observation.** `Box(0, 1, (icons + codes + 2,), float32)`, the current screen: which of the icons it shows (one-hot; none on the
    form), which code it shows (one-hot; none on most screens), 1 if it is the form, and the share of the screens behind. Earlier screens
    are not shown again.

    **Action.** `Discrete(icons + codes)`: touch one of the icons, or type one of the codes.

    **Dynamics.** The seed draws the icons, the code, the place of the form (uniformly, the third screen or later) and the screen that shows
    the code (uniformly among those before the form; its right action is a plain one, as on any other). Right is to touch the icon shown,
    and on the form to type the code. The right action leads to the next screen.

    **Reward.** 1 with the right action on the last screen, else 0.

    **End.** A wrong action terminates the episode, and so does the last right one. Infos say `success` (1 at a complete end, else 0) and
    `progress` (share of the screens done).

    `env.unwrapped.model` is a `Traces`: how an expert plays an episode, by its seed.

    Args:
        screens: screens of an episode, at least 3.
        codes: different codes, at least 2; who guesses is right once in as many times.
        icons: different icons, at least 2.
        render_mode: None or `"rgb_array"`: the screen; needs Pillow.

    Raises:
        ValueError: an argument is none of these; the message says what would be right.

    Source: made for this project after the findings of Lu et al., "UI-S1", arXiv 2509.11543; see `hub_envs.memo`.

    Versions: v0.
    """

    metadata: dict[str, Any] = FormVectorEnv.metadata

    def __init__(self, *, screens: int = 5, codes: int = 4, icons: int = 6, render_mode: str | None = None) -> None:
        self._batch = FormVectorEnv(
            1, screens=screens, codes=codes, icons=icons, autoreset_mode=AutoresetMode.DISABLED, render_mode=render_mode
        )
        self.observation_space, self.action_space = self._batch.single_observation_space, self._batch.single_action_space
        self.render_mode = render_mode

    @property
    def model(self) -> Traces:
        """How an expert plays."""
        return self._batch.model

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start an episode: the first screen and an empty info. `options` has no key here."""
        super().reset(seed=seed)
        self._batch.np_random = (self.np_random,)
        screens, info = self._batch.reset()
        return screens[0], info

    def step(self, action: np.int64 | int) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Act on the screen.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: there is no such action.
        """
        screens, rewards, terminations, truncations, infos = self._batch.step(np.asarray(action)[None])
        info = {key: infos[key][0].item() for key in ("success", "progress")}
        return screens[0], float(rewards[0]), bool(terminations[0]), bool(truncations[0]), info

    def render(self) -> Frame | None:
        """Return a frame (height, width, 3); None without a render mode."""
        frames = self._batch.render()
        return None if frames is None else frames[0]
