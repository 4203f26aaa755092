"""OSWorld's tasks as a Gymnasium environment."""

from __future__ import annotations

import copy
import shutil
import tempfile
import time
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.utils import EzPickle

from hub_envs.osworld import doctor, tasks
from hub_envs.osworld.actions import SPACES, translate
from hub_envs.osworld.client import ActionError, Desktop, DesktopError, Screen
from hub_envs.osworld.context import Context
from hub_envs.osworld.evaluators import OURS, Evaluators, for_foreign_tasks
from hub_envs.osworld.observations import Eyes, Observation
from hub_envs.osworld.provider import Machine
from hub_envs.osworld.remote import find_provider
from hub_envs.osworld.scoring import evaluate
from hub_envs.osworld.setup import prepare
from hub_envs.osworld.task import Part, Task, read_task
from hub_envs.texts import text_space

_ACTION = 16_384
"""Most characters of an action."""

_WAIT = 2.0
"""Seconds that WAIT takes, beside the pause."""

_SETTLE_START, _SETTLE_STEP = 60.0, 6.0
"""Most seconds that a desktop is waited for until it is still: at the start, when programs open, and after an action."""

_METADATA: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 1}


class DesktopEnv(gym.Env[Observation, str], EzPickle):
    """A task on a real desktop with real programs, in OSWorld's format (Xie et al., "OSWorld", NeurIPS 2024, arXiv 2404.07972).

    **Observation.** `Dict`: `instruction` (Text), what is to be done; `screenshot` (uint8 (height, width, 3)), the screen;
    `accessibility_tree` (Text), OSWorld's XML, in ASCII with character references; with `terminal=True` `terminal` (Text), what the
    terminal in front shows; with `marks=True` `elements` (Text), a JSON list of screen elements in AndroidWorld's fields, each of which is
    boxed on the screenshot with its place in the list.

    **Action.** `Text`. In the action space `pyautogui` Python code over `pyautogui`; in `computer_13` a JSON object
    `{"action_type": ..., "parameters": {...}}`: both, and the direction of scrolling, are specified in `hub_envs.osworld.actions`. In
    either `WAIT` waits for two seconds, `DONE` says that the task is done, `FAIL` that it cannot be done.

    **Dynamics.** At a reset the machine of the episode before is thrown away, a fresh one started, and the task's `config` carried out.
    After an action `pause` seconds pass, then the desktop is waited for until the screen stands still and, where the guest can tell,
    no program is at work: for six seconds at most. An action that
    cannot be understood does nothing; code that raises has done what came before. Either consumes the step.

    **Reward.** 0, and in the end the task's score in [0, 1] by OSWorld's rules (`hub_envs.osworld.scoring`).

    **End.** DONE and FAIL terminate; `max_steps` actions truncate. The task is judged in both cases. A desktop that no longer
    answers, since an agent may switch it off, terminates the episode with 0, and `error` says so.

    **Info.** `task` and `task_id` (its name), `success` (1.0 in the end if the score is 1), `invalid` (1.0 where the action was not
    understood or its code raised, and `error` says why), `evaluator` (whose metrics judge: `hub_envs`, or `desktop_env` with its version
    for tasks from elsewhere where that can be imported); in the end `score`, `trouble` (why a metric could not judge) and
    `evaluate_seconds`; after a reset `reset_seconds` and `task_config`, the task as JSON.

    Args:
        task: name of one of this package's tasks (`hub_envs.osworld.tasks.NAMES`), path of a task in OSWorld's JSON format, or the
            mapping; None draws one of the package's for every episode. `reset(options={"task_config": ...})` takes any of these for one
            episode.
        action_space: `"pyautogui"` or `"computer_13"`.
        accessibility_tree: whether it is observed; reading it takes 0.03 s in front of an editor and 0.4 s in front of a
            spreadsheet, most of it the program's own work.
        terminal: whether the terminal is observed.
        marks: whether elements are numbered and boxed.
        provider: `"local"`, a sandbox with this computer's own programs; the address of a running control server; or one of OSWorld's
            own, such as `"docker"`.
        provider_options: keyword arguments of OSWorld's providers (`hub_envs.osworld.remote.VirtualMachines`).
        screen: width and height in pixels.
        pause: seconds after an action before the screen is looked at.
        max_steps: most actions of an episode.
        render_mode: None or `"rgb_array"`: the screen.

    Raises:
        ValueError: an argument or a task is wrong; the message says what would be right.
        gymnasium.error.DependencyNotInstalled: a program or package is missing; the message says what installs it.
        DesktopError: at a reset or a step, the desktop did not come up, could not be prepared, or went away.

    Source: OSWorld, `desktop_env/desktop_env.py`. Departures: rewards come at the end and not from a separate call; the pause is 0.5 s
    and not 2 s, since the screen is waited for; a reset does not wait for a minute, for the same reason.

    Versions: v0.
    """

    metadata: dict[str, Any] = _METADATA

    def __init__(
        self,
        *,
        task: str | Path | Part | None = None,
        action_space: str = "pyautogui",
        accessibility_tree: bool = True,
        terminal: bool = False,
        marks: bool = False,
        provider: str = "local",
        provider_options: Mapping[str, Any] | None = None,
        screen: tuple[int, int] = (1280, 800),
        pause: float = 0.5,
        max_steps: int = 15,
        render_mode: str | None = None,
    ) -> None:
        played = {"task": task, "action_space": action_space, "pause": pause, "max_steps": max_steps}
        seen = {"accessibility_tree": accessibility_tree, "terminal": terminal, "marks": marks, "render_mode": render_mode}
        EzPickle.__init__(self, provider=provider, provider_options=provider_options, screen=screen, **played, **seen)
        if action_space not in SPACES:
            raise ValueError(f"no action space {action_space!r}: there are {', '.join(SPACES)}")
        if max_steps < 1 or pause < 0:
            raise ValueError("max_steps must be at least 1 and pause at least 0")
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f'render_mode is None or "rgb_array", not {render_mode!r}')
        width, height = screen
        if min(width, height) < 1:
            raise ValueError(f"screen is width and height in pixels, not {screen!r}")
        self.render_mode = render_mode
        self.action_space = text_space(_ACTION)
        self._eyes = Eyes((width, height), accessibility_tree, terminal, marks)
        self.observation_space = self._eyes.space()
        self._language, self._screen, self._pause, self._max_steps = action_space, (width, height), pause, max_steps
        self._source = task
        if task is not None and not _is_own(task):
            read_task(task, for_foreign_tasks().known)
        elif provider == "local":
            doctor.require(*tasks.programs(None if task is None else str(task)))
        self._provider = find_provider(provider, self._screen, dict(provider_options or {}))
        self._machine: Machine | None = None
        self._desktop: Desktop | None = None
        self._forget: weakref.finalize[..., DesktopEnv] | None = None
        self._task: Task | None = None
        self._context: Context | None = None
        self._evaluators: Evaluators = OURS
        self._steps = 0
        self._over = True
        self._seen: Observation = {}
        self._last: Screen = np.zeros((height, width, 3), np.uint8)

    @property
    def model(self) -> tasks.Scripts | None:
        """Scripts that solve tasks, and scripts that nearly do; None for tasks from elsewhere and action spaces other than pyautogui."""
        if self._language != "pyautogui" or not (self._source is None or _is_own(self._source)):
            return None
        return tasks.Scripts(None if self._source is None else str(self._source))

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Throw the machine away, start another and prepare the task; `options["task_config"]` is a task for this episode."""
        super().reset(seed=seed)
        start = time.monotonic()
        instance = seed if seed is not None else int(self.np_random.integers(2**31))
        self._discard()
        folder = Path(tempfile.mkdtemp(prefix="osworld-"))
        self._forget = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            self._task, self._evaluators = self._instance((options or {}).get("task_config", self._source), instance, folder)
            desktop, chromium = self._started()
            self._context = Context(desktop, self._task.folder, folder / "cache", self._screen, chromium)
            self._context.cache.mkdir()
            prepare(self._context, self._task.config)
            desktop.settle(_SETTLE_START, looks=5, interval=0.15)
            observation = self._observe()
            self._steps, self._over = 0, False
        except BaseException:
            self._discard()
            raise
        info = {**self._info(), "task_config": copy.deepcopy(dict(self._task.source)), "reset_seconds": time.monotonic() - start}
        return observation, info

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Carry out one action."""
        if self._over or self._desktop is None:
            raise gym.error.ResetNeeded("the episode is over: call reset")
        if not isinstance(action, str):
            raise ValueError(f"an action is a text, and is {action!r}")
        self._steps += 1
        info = self._info()
        try:
            word, error = self._act(action)
            info |= {"invalid": 1.0, "error": error} if error else {}
            terminated = word in ("DONE", "FAIL")
            truncated = not terminated and self._steps >= self._max_steps
            if not terminated:
                time.sleep(self._pause)
                self._desktop.settle(_SETTLE_STEP, looks=2, interval=0.05)
            observation = self._observe()
            self._over = terminated or truncated
            reward = self._judge(word == "FAIL", info) if self._over else 0.0
        except DesktopError as broken:  # an agent may well switch its desktop off
            self._over = True
            return copy.deepcopy(self._seen), 0.0, True, False, {**info, "error": f"the desktop no longer answers: {broken}"}
        return observation, reward, terminated, truncated, info

    def render(self) -> Screen | None:
        """Return the screen as last observed, marks aside."""
        return self._last if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Throw the machine away."""
        self._discard()

    def _instance(self, source: str | Path | Part | None, seed: int, folder: Path) -> tuple[Task, Evaluators]:
        """Return an episode's task, with its files written to `folder` if it is one of this package's, and who judges it."""
        if source is None:
            source = tasks.pick(seed)
        if _is_own(source):
            files = folder / "files"
            task = read_task(tasks.write(str(source), seed, files), OURS.known)
            return replace(task, folder=files), OURS
        evaluators = for_foreign_tasks()
        return read_task(source, evaluators.known), evaluators

    def _started(self) -> tuple[Desktop, str]:
        """Start a machine; return it, and where its browser's DevTools are."""
        self._machine = self._provider.start()
        self._desktop = Desktop(self._machine.url)
        size = self._desktop.screen_size()
        if size != self._screen:
            raise DesktopError(f"the machine's screen is {size[0]}x{size[1]}: make the environment with screen=({size[0]}, {size[1]})")
        return self._desktop, self._machine.chromium_url

    def _act(self, action: str) -> tuple[str, str]:
        """Carry out an action; return it if it is a word, and why it went wrong if it did."""
        assert self._desktop is not None
        try:
            code = translate(action, self._language)
            if code in ("DONE", "FAIL"):
                return code, ""
            if code == "WAIT":
                time.sleep(_WAIT)
            else:
                self._desktop.act(code)
        except (ValueError, ActionError) as mistake:
            return "", str(mistake)
        return "", ""

    def _judge(self, failed: bool, info: dict[str, Any]) -> float:
        assert self._task is not None
        assert self._context is not None
        verdict = evaluate(self._task, self._context, self._evaluators, failed=failed)
        info |= {"success": float(verdict.score == 1.0), "score": verdict.score, "evaluate_seconds": verdict.seconds}
        if verdict.trouble:
            info["trouble"] = verdict.trouble
        return verdict.score

    def _observe(self) -> Observation:
        assert self._desktop is not None
        assert self._task is not None
        self._seen, self._last = self._eyes.look(self._desktop, self._task.instruction)
        return self._seen

    def _info(self) -> dict[str, Any]:
        assert self._task is not None
        return {"task": self._task.id, "task_id": self._task.id, "success": 0.0, "invalid": 0.0, "evaluator": self._evaluators.name}

    def _discard(self) -> None:
        """End the machine and remove the episode's files."""
        self._over = True
        if self._desktop is not None:
            self._desktop.close()
            self._desktop = None
        if self._machine is not None:
            self._machine.stop()
            self._machine = None
        if self._forget is not None:
            self._forget()
            self._forget = None


def _is_own(task: str | Path | Part) -> bool:
    """Return whether a task is one of this package's, by name; a name that is neither that nor a file is a mistake.

    Raises:
        ValueError: it is such a name.
    """
    if not isinstance(task, str):
        return False
    if task in tasks.NAMES:
        return True
    if "/" not in task and not task.endswith(".json") and not Path(task).is_file():
        raise ValueError(tasks.unknown(task))
    return False
