"""Recorded episodes as an environment: the screens that were, as long as one does what was done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium as gym
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from gymnasium.utils import seeding

from hub_envs.androidcontrol.matching import evaluation_match
from hub_envs.androidcontrol.outputs import action_text, read_output
from hub_envs.androidcontrol.traces import Step, Trace, load
from hub_envs.pictures import FAINT, INK, finished, open_picture
from hub_envs.slots import Frame
from hub_envs.texts import fit, text_space

GOAL, INSTRUCTION, HISTORY, ACTION = 1000, 1000, 20_000, 4000
"""Most characters of each text."""

_STOP = '{"action": "terminate", "status": "success"}'


class SOPEnv(gym.Env[dict[str, str], str]):
    """AndroidControl-SOP (no screenshots): a person's recorded episode on a phone, to be repeated until the first mismatch.

    What an agent does here shows how well it guesses a person's steps from the goal, the person's instructions and its own history. Without
    screens that says nothing about how well it would use a phone, and is no number of the papers'.

    **Observation.** `Dict` of `Text`: `goal`; `instruction`, what the person meant to do in this step (empty with `instructions=False`);
    `history`, the agent's own outputs of this episode, one a line (the latest, where they are too many).

    **Action.** `Text`: an action as JSON, alone or as `<think>...</think><action>...</action>`; see `hub_envs.androidcontrol.outputs`.

    **Dynamics.** The seed picks the trace. An action that `evaluation_match` takes for the person's leads to the person's next step, one
    that it does not, or that cannot be read, ends the episode.

    **Reward.** 1 with the last step's match, else 0.

    **End.** The first mismatch terminates, and so does the last match. Infos say `success` (1 at a complete end, else 0), `progress`
    (share of the steps matched), `invalid` (1 where the action could not be read, and then `error`, why) and `task` (the episode's number
    in the data). Over all traces the means of `progress` and `success` are SOP's PG and TSR.

    `env.unwrapped.model` tells solutions by seed.

    Args:
        traces: file of traces; by default the one that the environment variable HUB_ANDROIDCONTROL names.
        trace: number of the only trace to play; None lets seeds pick.
        instructions: whether the person's instructions are shown.
        render_mode: None or `"rgb_array"`: the observation, written down; needs Pillow.

    Raises:
        DependencyNotInstalled: no file is given, and the environment variable names none.
        ValueError: there are no such traces; the message says what would be right.

    Source: Li et al., arXiv 2406.03679 (data); Lu et al., "UI-S1", arXiv 2509.11543 (metric).

    Versions: v0.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 1}  # noqa: RUF012

    def __init__(
        self,
        *,
        traces: str | Path | None = None,
        trace: int | None = None,
        instructions: bool = True,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode must be None or one of {self.metadata['render_modes']}, and is {render_mode!r}")
        self._traces, self._instructions, self.render_mode = load(traces), instructions, render_mode
        if trace is not None and not 0 <= trace < len(self._traces):
            raise ValueError(f"trace must be None or a number from 0 to {len(self._traces) - 1}, and is {trace}")
        self._only = trace
        self.observation_space: gym.Space[Any] = spaces.Dict(
            {"goal": text_space(GOAL), "history": text_space(HISTORY), "instruction": text_space(INSTRUCTION)}
        )
        self.action_space = text_space(ACTION)
        self._trace: Trace | None = None
        self._history: list[str] = []
        self._over = True

    @property
    def model(self) -> Solutions:
        """What the person did, and what is wrong."""
        return Solutions(self._traces, self._only)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, str], dict[str, Any]]:
        """Start an episode; `options` has no key here."""
        super().reset(seed=seed)
        drawn = int(self.np_random.integers(len(self._traces)))
        self._trace = self._traces[drawn if self._only is None else self._only]
        self._history, self._over = [], False
        return self._observation(self._trace), {"task": str(self._trace.episode)}

    def step(self, action: str) -> tuple[dict[str, str], float, bool, bool, dict[str, Any]]:
        """Compare an action with the person's.

        Raises:
            ResetNeeded: no episode is running.
        """
        if self._trace is None or self._over:
            raise ResetNeeded("no episode is running; reset before the next step")
        trace, done = self._trace, len(self._history)
        error = None
        try:
            matched = evaluation_match(read_output(action).action, trace.steps[done], trace.size).exact
        except ValueError as found:
            matched, error = False, str(found)
        if matched:
            self._history.append(action)
        complete = len(self._history) == len(trace.steps)
        self._over = complete or not matched
        info: dict[str, Any] = {
            "success": float(complete),
            "progress": len(self._history) / len(trace.steps),
            "invalid": float(error is not None),
            "task": str(trace.episode),
        }
        return self._observation(trace), float(complete), self._over, False, info if error is None else {**info, "error": error}

    def render(self) -> Frame | None:
        """Return a picture (height, width, 3) of what the agent is told; None without a render mode."""
        if self.render_mode is None:
            return None
        if self._trace is None:
            raise ResetNeeded("there is nothing to draw before the first reset")
        return _picture(self._observation(self._trace), f"step {len(self._history) + 1} of {len(self._trace.steps)}")

    def _observation(self, trace: Trace) -> dict[str, str]:
        step = trace.steps[min(len(self._history), len(trace.steps) - 1)]
        history = fit("\n".join(self._history), ACTION * len(trace.steps))
        return {
            "goal": fit(trace.goal, GOAL),
            "instruction": fit(step.instruction, INSTRUCTION) if self._instructions else "",
            "history": history[-HISTORY:],
        }


class Solutions:
    """The person's own steps, and what ends too early; see `hub_envs.solutions`."""

    def __init__(self, traces: tuple[Trace, ...], only: int | None) -> None:
        self._traces, self._only = traces, only

    def oracle(self, seed: int) -> Replay:
        """Return the person's steps."""
        return Replay(self._trace(seed).steps)

    def wrong(self, seed: int) -> Mapping[str, Replay]:
        """Return the claim to be done already, and the person's steps but the last."""
        return {"nothing": Replay(()), "all but the last step": Replay(self._trace(seed).steps[:-1])}

    def _trace(self, seed: int) -> Trace:
        drawn = int(seeding.np_random(seed)[0].integers(len(self._traces)))
        return self._traces[drawn if self._only is None else self._only]


class Replay:
    """Repeats a person's steps, then says that the task is done."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._left = list(steps)

    def act(self, observation: Mapping[str, Any]) -> str:
        """Return the next action."""
        return action_text(self._left.pop(0).action) if self._left else _STOP


def _picture(observation: Mapping[str, str], title: str) -> Frame:
    image, pen = open_picture((480, 640))
    pen.text((16, 16), title, fill=FAINT)
    lines = [observation["goal"], "", observation["instruction"], "", *observation["history"].splitlines()[-16:]]
    cut = [line[start : start + 64] for line in lines for start in range(0, max(len(line), 1), 64)]
    for number, line in enumerate(cut[:34]):
        pen.text((16, 44 + 17 * number), line, fill=INK)
    return finished(image)
