"""AndroidWorld's episodes as Gymnasium's: `SuiteEnv` on a device here, `ServerEnv` on one behind AndroidWorld's HTTP server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled, ResetNeeded
from numpy.typing import NDArray

from hub_envs.androidworld import actions, checkout, doctor, elements, suite
from hub_envs.androidworld.device import Device
from hub_envs.androidworld.phone import Begun, Phone, RefusedError, Screen, TaskError
from hub_envs.androidworld.server import Server
from hub_envs.texts import fit, text_space

GOAL, ACTION, ELEMENTS = 10_000, 10_000, 200_000
"""Longest texts, in characters."""

STAND_INS = (
    "Without a device: phonesim/Suite-v0 (a phone of web apps, with a name of its own), miniwob/click-test-2-v1 and the other miniwob/ ids,"
    " or androidworld/Server-v0 with the url of an AndroidWorld HTTP server"
)
"""What to play instead; none of these but the last may call its scores AndroidWorld's."""

Observation = dict[str, Any]


class PhoneEnv(gym.Env[Observation, str]):
    """One device's episodes: the rules that `SuiteEnv` and `ServerEnv` share, which those describe.

    Args:
        phone: the device.
        task: name of the task, or None.
        suite_seed: seed of the suite, or None.
        screen_size: width and height of screenshots, pixels.
        tells_elements: whether the phone tells UI elements.
        render_mode: None or `"rgb_array"`.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 1}  # noqa: RUF012

    def __init__(
        self,
        phone: Phone,
        *,
        task: str | None,
        suite_seed: int | None,
        screen_size: Sequence[int],
        tells_elements: bool,
        render_mode: str | None,
    ) -> None:
        width, height = screen_size
        self._phone = phone
        self._task = task
        self._suite_seed = suite_seed
        self.render_mode = render_mode
        shown: dict[str, spaces.Space[Any]] = {
            "goal": text_space(GOAL),
            "screenshot": spaces.Box(0, 255, (height, width, 3), np.uint8),
        }
        if tells_elements:
            shown["elements"] = text_space(ELEMENTS)
        self.observation_space = spaces.Dict(shown)
        self.action_space = text_space(ACTION)
        self._begun: Begun | None = None
        self._name = ""
        self._steps = 0
        self._screen: Screen | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Tear down what is being played, and set up a task: the given one, or one that the seed picks."""
        super().reset(seed=seed)
        self._end()
        names = self._phone.names()
        self._name = self._task or names[int(self.np_random.integers(len(names)))]
        suite_seed = self._suite_seed
        if suite_seed is None:
            suite_seed = seed if seed is not None else int(self.np_random.integers(2**31))
        self._begun = self._phone.begin(self._name, suite_seed)
        self._steps = 0
        self._screen = self._phone.screen()
        height, width, _ = self._screen.pixels.shape
        expected = self.observation_space["screenshot"].shape  # type: ignore[index]
        if (height, width) != expected[:2]:
            raise ValueError(
                f"the device's screen has {width} x {height} pixels: make the environment with screen_size=({width}, {height})"
            )
        return self._observation(self._begun.goal), {**self._info(self._begun.failed), "suite_seed": suite_seed}

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Carry out one action; at the end of the episode, score the task and tear it down."""
        begun = self._begun
        if begun is None:
            raise ResetNeeded("the episode is over, or none has begun: call reset()")
        self._steps += 1
        declared, error = (False, begun.failed) if begun.failed else self._act(action)
        done = declared or bool(begun.failed) or self._phone.over()
        truncated = not done and self._steps >= begun.budget
        reward = 0.0
        if done and not begun.failed:
            try:
                reward = self._phone.score()
            except TaskError as problem:
                error = str(problem)
        if done or truncated:
            self._end()
        return self._observation(begun.goal), reward, done, truncated, self._info(error, success=reward == 1.0)

    def _act(self, text: str) -> tuple[bool, str | None]:
        """Return whether the agent declared the task done, and why nothing happened, if nothing did."""
        try:
            action = actions.parse(text)
            if action.action_type == "status":
                return True, None
            self._phone.perform(action)
        except (ValueError, RefusedError) as problem:
            return False, str(problem)
        else:
            return False, None
        finally:
            self._screen = self._phone.screen()

    def _observation(self, goal: str) -> Observation:
        assert self._screen is not None
        spaces_of = self.observation_space.spaces  # type: ignore[attr-defined]
        shown = {"goal": fit(goal, GOAL), "screenshot": _fitted(self._screen.pixels, spaces_of["screenshot"].shape)}
        if "elements" in spaces_of:
            shown["elements"] = elements.dumps(self._screen.elements, ELEMENTS)
        return shown

    def _info(self, error: str | None, *, success: bool = False) -> dict[str, Any]:
        info: dict[str, Any] = {"task": self._name, "success": float(success), "invalid": float(error is not None)}
        return info if error is None else {**info, "error": error}

    def render(self) -> NDArray[np.uint8] | None:
        """Return the last screenshot, uint8 (H, W, 3), when made with `"rgb_array"`."""
        if self.render_mode is None or self._screen is None:
            return None
        return self._screen.pixels.copy()

    def close(self) -> None:
        """Tear down what is being played, and let go of the device, which goes on running."""
        self._end()
        self._phone.close()

    def _end(self) -> None:
        if self._begun is not None:
            self._begun = None
            self._phone.end()


def _fitted(pixels: NDArray[np.uint8], shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return a copy of that shape in which every pixel keeps its coordinates: a turned screen is cut off and filled up with black."""
    shown = np.zeros(shape, np.uint8)
    height, width = min(shape[0], pixels.shape[0]), min(shape[1], pixels.shape[1])
    shown[:height, :width] = pixels[:height, :width]
    return shown


class SuiteEnv(PhoneEnv):
    """AndroidWorld's tasks on a running Android emulator, through a checkout of google-research/android_world.

    **Observation.** `Dict(goal=Text, screenshot=Box(0, 255, (H, W, 3), uint8), elements=Text)`. `elements` is a JSON list of UI elements
    (`hub_envs.androidworld.elements`), whose places in the list are the indices that actions name. When the screen is turned, what lies
    outside H x W is cut off; coordinates stay true.

    **Action.** `Text`: one JSON action (`hub_envs.androidworld.actions`). What is no action, or cannot be carried out, takes a step and
    does nothing; `info["invalid"]` is 1 and `info["error"]` says why.

    **Dynamics.** The apps'. Before an episode the clock is set to 15 October 2023, the apps' snapshots are restored and the task's own data
    written; afterwards it is torn down. Screens are looked at `pause` seconds after an action. A device runs in real time: neither seed
    nor actions determine what happens.

    **Reward.** At the end, and 0 before: the task's score in [0, 1] as read from the device, if the agent said that it is done.

    **End.** `status`, whatever it says, terminates; so does a MiniWoB++ page's own end. A budget of int(10 x complexity) steps truncates,
    and earns nothing. When the task's own set-up or check raises, the episode earns nothing and `info["error"]` tells; after a set-up
    that raised the first step ends it. The reference counts such episodes as failed trials, and leaves them out of its rates.

    Infos: `success` (1 at the end if the score is 1), `invalid`, `error`, `task`; from `reset` also `suite_seed`.

    Args:
        task: name of a task, such as `ContactsAddContact`; None lets each episode's seed pick one.
        family: `android_world` (the 116 tasks), `android`, `information_retrieval`, `miniwob` or `miniwob_subset`.
        suite_seed: seed of the suite whose first instance of the task is played; None: each episode's own seed. The reference plays 30.
        screen_size: width and height of the device, pixels.
        console_port: the emulator's console port.
        grpc_port: the port given to the emulator as `-grpc`.
        adb: path of the adb program; None looks in PATH and in Android Studio's folder.
        setup: whether to install the suite's apps on connecting, which is needed once and takes minutes.
        pause: seconds between an action and the look at the screen, 2 in the reference's agents; None waits until it stays the same.
        render_mode: None or `"rgb_array"`: the last screenshot.

    Raises:
        DependencyNotInstalled: there is no adb, checkout or emulator; the message says how to get them, and what to play without.
        ValueError: there is no such task, family or screen.

    Source: Rawles et al., "AndroidWorld", 2024, arXiv 2405.14573; google-research/android_world (Apache-2.0) at d9c569f7. Tested with a
    package of the same interfaces; not yet with a device.

    Versions: v0.
    """

    def __init__(
        self,
        *,
        task: str | None = None,
        family: str = "android_world",
        suite_seed: int | None = None,
        screen_size: Sequence[int] = (1080, 2400),
        console_port: int = 5554,
        grpc_port: int = 8554,
        adb: str | None = None,
        setup: bool = False,
        pause: float | None = 2.0,
        render_mode: str | None = None,
    ) -> None:
        if family not in checkout.FAMILIES:
            raise ValueError(f"family must be one of {', '.join(checkout.FAMILIES)}, not {family!r}")
        if family == "android_world":
            _check_task(task)
        lacking = [found for found in doctor.examine(adb, console_port, grpc_port) if not found["ok"]]
        if lacking:
            what = "; ".join(f"{found['detail']} ({found['remedy']})" for found in lacking)
            raise DependencyNotInstalled(f"AndroidWorld is played on a real Android device: {what}. {STAND_INS}. See docs/androids.md")
        program = doctor.find_adb(adb)
        assert program is not None
        device = Device(family=family, adb=program, console_port=console_port, grpc_port=grpc_port, setup=setup, pause=pause)
        super().__init__(device, task=task, suite_seed=suite_seed, screen_size=screen_size, tells_elements=True, render_mode=render_mode)


class ServerEnv(PhoneEnv):
    """AndroidWorld's 116 tasks on a device behind AndroidWorld's HTTP server, as its Docker image starts one: `SuiteEnv` without elements.

    **Observation.** `Dict(goal=Text, screenshot=Box(0, 255, (H, W, 3), uint8))`: the server tells pixels only.

    **Action, Dynamics, Reward, End** and infos are those of `SuiteEnv`. An action that names an `index` is carried out by elements that
    the agent never saw. Every episode draws the server's suite anew, so a server can serve one client at a time.

    Args:
        url: where the server listens.
        task: name of a task; None lets each episode's seed pick one.
        suite_seed: as for `SuiteEnv`.
        screen_size: width and height of the device, pixels.
        pause: as for `SuiteEnv`.
        timeout: seconds until a request has failed; setting a task up may take a minute.
        render_mode: None or `"rgb_array"`: the last screenshot.

    Raises:
        DependencyNotInstalled: no server answers at `url`.
        ValueError: there is no such task or screen.

    Source: as for `SuiteEnv`; `server/android_server.py` there. Tested with a server of the same end points; not yet with a device.

    Versions: v0.
    """

    def __init__(
        self,
        *,
        url: str = "http://localhost:5000",
        task: str | None = None,
        suite_seed: int | None = None,
        screen_size: Sequence[int] = (1080, 2400),
        pause: float | None = 2.0,
        timeout: float = 120.0,
        render_mode: str | None = None,
    ) -> None:
        _check_task(task)
        server = Server(url, pause=pause, timeout=timeout)
        problem = server.healthy()
        if problem is not None:
            raise DependencyNotInstalled(
                f"no AndroidWorld server is ready: {problem}. In an android_world checkout:"
                f" docker build -t android_world . && docker run --privileged -p 5000:5000 -it android_world. See docs/androids.md"
            )
        super().__init__(server, task=task, suite_seed=suite_seed, screen_size=screen_size, tells_elements=False, render_mode=render_mode)


def _check_task(task: str | None) -> None:
    if task is not None and task not in suite.tasks():
        raise ValueError(f"AndroidWorld's suite has no task {task!r}; hub_envs.androidworld.suite.tasks() lists them")
