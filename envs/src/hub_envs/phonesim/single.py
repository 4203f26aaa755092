"""One phone at a time: the batch of one."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium.utils import EzPickle
from gymnasium.vector import AutoresetMode

from hub_envs.phonesim.solutions import PhoneSolutions
from hub_envs.phonesim.vector import PhoneVectorEnv
from hub_envs.slots import Frame


class PhoneEnv(gym.Env[dict[str, Any], str], EzPickle):
    """PhoneSim: tasks on a small phone of web apps, rendered by a real Chromium; a benchmark of its own in AndroidWorld's forms.

    **Observation.** `Dict`:

    - `goal`: text, what is to be done.
    - `elements`: text, a JSON list of what is visible, in the order of the page; an element's place in the list is its index. Fields are
      AndroidWorld's: text, content_description, class_name, bbox_pixels {x_min, x_max, y_min, y_max}, hint_text, is_checked, is_checkable,
      is_clickable, is_editable, is_enabled, is_focused, is_focusable, is_long_clickable, is_scrollable, is_selected, is_visible,
      package_name, resource_name, tooltip; fields that are false or empty are left out. A box is the visible part of an element, and what
      is listed can be reached at its middle. What would go beyond 20,000 characters is left out.
    - `screenshot`: `Box(0, 255, (915, 412, 3), uint8)`, one pixel a CSS pixel; not with `screenshot=False`, which is faster.

    **Action.** Text: one of AndroidWorld's JSON actions (`hub_envs.androidworld.actions`), such as `{"action_type":"click","index":3}`.
    Pixels count from the top left. `input_text` taps, puts the cursor at the end or empties the field, types, and presses enter. `scroll`
    moves whatever scrolls at the element, or at the screen's middle, by half of its height or width; `swipe` is its inverse. `wait` and
    `unknown` do nothing: the phone has no timers. `status` ends the episode, whatever it says.

    **Dynamics.** Taps and typing are Chromium's real input events, and the phone answers at once; scrolling moves the page directly,
    since gestures take their time. It is always Sunday, 15 October 2023, 15:34, and there is no network.
    A step whose text is no action, or is impossible on this screen (an index beyond the list, an unknown app, nothing to type into),
    changes nothing but what was tapped on the way, and counts.

    **Reward.** 0 until the end; when the agent says that it is done, the task's score in [0, 1], read from the apps' own store and from
    the last `answer`. Whoever never says so gets 0, as in AndroidWorld.

    **End.** `status` terminates; the task's budget of steps, `int(10 * complexity)`, truncates.

    **Infos** of every step: `success` (1.0 in the last step if the score is 1), `invalid` (1.0 where the action was), `error` (why, or
    empty), `task` (its name).

    **Episodes.** `reset(seed=s)` plays task number s modulo their count, with parameters drawn by AndroidWorld's formula: Python's `random`
    seeded with sha256("s_task_0") mod 2**32. The same seed and actions give the same bits on the same machine; elsewhere fonts differ.

    All phones of a process are pages of one Chromium, each in a browser context of its own; it starts at the first reset and ends when the
    last environment is closed. A copy, by pickle or `copy.deepcopy`, is a new phone, to be reset. `unwrapped.model` gives each episode's
    own solutions (`hub_envs.solutions.Solutions`).

    Args:
        task: name of the only task to play; None for all.
        level: `"easy"`, `"medium"` or `"hard"`, the only tasks to play; None for all.
        screenshot: whether observations have pixels.
        render_mode: None or `"rgb_array"`: the screen.

    Raises:
        ValueError: there is no such task or level.
        DependencyNotInstalled: Chromium or Pillow is missing.

    Source: AndroidWorld (Rawles et al., "AndroidWorld: A Dynamic Benchmarking Environment for Autonomous Agents", ICLR 2025) for actions,
        elements, seeds, budgets and scoring; apps and tasks are our own, so no score here is one of AndroidWorld.

    Versions: v0.
    """

    metadata: dict[str, Any] = PhoneVectorEnv.metadata

    def __init__(
        self, *, task: str | None = None, level: str | None = None, screenshot: bool = True, render_mode: str | None = None
    ) -> None:
        EzPickle.__init__(self, task=task, level=level, screenshot=screenshot, render_mode=render_mode)
        self._batch = PhoneVectorEnv(
            1, task=task, level=level, screenshot=screenshot, autoreset_mode=AutoresetMode.DISABLED, render_mode=render_mode
        )
        self.observation_space, self.action_space = self._batch.single_observation_space, self._batch.single_action_space
        self.render_mode = render_mode

    @property
    def model(self) -> PhoneSolutions:
        """The tasks' own solutions, right and wrong, by the seeds of episodes."""
        return self._batch.model

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Start an episode; `options` has no key here.

        Raises:
            gymnasium.error.Error: the seed is negative.
            BrowserError: Chromium does not start.
        """
        super().reset(seed=seed)
        self._batch.np_random = (self.np_random,)
        observations, infos = self._batch.reset(seed=[seed])
        return _first(observations), _told(infos)

    def step(self, action: str) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Play one step.

        Raises:
            ResetNeeded: no episode is running.
            BrowserError: Chromium crashed; the next reset starts another.
        """
        observations, rewards, terminations, truncations, infos = self._batch.step((action,))
        return _first(observations), float(rewards[0]), bool(terminations[0]), bool(truncations[0]), _told(infos)

    def render(self) -> Frame | None:
        """Return the screen (915, 412, 3); None without a render mode."""
        frames = self._batch.render()
        return None if frames is None else frames[0]

    def close(self) -> None:
        """Throw the phone away."""
        self._batch.close()


def _first(observations: dict[str, Any]) -> dict[str, Any]:
    return {name: batch[0] for name, batch in observations.items()}


def _told(infos: dict[str, Any]) -> dict[str, Any]:
    return {key: infos[key][0].item() for key in infos if f"_{key}" in infos}
