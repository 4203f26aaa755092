"""android_env's tasks under Gymnasium: fingers on a screen, rewards from the device's log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import dm_env
import gymnasium as gym
import numpy as np
from android_env import loader
from android_env.components import config_classes
from android_env.components import specs as android_specs
from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled, ResetNeeded
from numpy.typing import NDArray

from hub_envs.androidworld import doctor

Arrays = dict[str, Any]


class TouchEnv(gym.Env[Arrays, Arrays]):
    """A task of android_env on an Android emulator: the agent touches the screen, lines of the log reward it; no score with a fake one.

    **Observation.** `Dict(pixels=Box(0, 255, (H, W, 3), uint8), timedelta=Box(0, 2^63 - 1, (), int64),
    orientation=Box(0, 1, (4,), uint8))`: the screen, microseconds since the observation before (0 at first), and which way the screen is
    turned, one-hot (0, 90, 180, 270 degrees; all 0 while unknown).

    **Action.** `Dict(action_type=Discrete(3), touch_position=Box(0, 1, (2,), float32))`: 0 touch, 1 lift, 2 repeat; where, as parts of
    width and height. With `fingers` above 1 also `action_type_2`, `touch_position_2` and so on; with `keys` three types more and
    `keycode=Discrete(65535)`, in the emulator's codes.

    **Dynamics.** The device's, in real time: neither seed nor actions determine what happens.

    **Reward.** What the task's `reward`, `score` and `reward_event` expressions found in the log since the step before.

    **End.** android_env ends an episode with discount 0 where the task's `episode_end` expression matched: terminated. It ends one with
    discount 1 where steps or seconds are used up, the app was left, or the emulator failed: truncated. A task with `max_episode_steps: N`
    is truncated in step N + 1. android_env itself would begin the next episode in the step after; here that is refused.

    Infos: `success` and `invalid` are not defined here; `extras` holds the newest value of each of the task's log `extra`s, `fake` is 1
    with the fake simulator and 0 otherwise.

    Args:
        task: path of the task, a textproto of android_env's `Task` message.
        simulator: `"emulator"`, or `"fake"`: android_env's own stand-in for tests, whose screen is noise and whose log is random whatever
            the seed. What an agent earns there says nothing.
        screen_size: width and height of the device, pixels.
        fingers: number of fingers.
        keys: whether the agent may press keys.
        console_port: of an emulator that runs; 0 starts one.
        grpc_port: of an emulator that runs.
        adb: path of the adb program; None looks in PATH and in Android Studio's folder.
        emulator: further fields of android_env's `EmulatorLauncherConfig`, where one is to be started: `avd_name`, `emulator_path`,
            `android_sdk_root`, `android_avd_home`, `kvm_device`, `run_headless` and others.
        render_mode: None or `"rgb_array"`: the last screen.

    Raises:
        DependencyNotInstalled: there is no adb program.
        ValueError: there is no such file, field, simulator or screen.

    Source: Toyama et al., "AndroidEnv", 2021, arXiv 2105.13231; android-env 1.3 (Apache-2.0). Tested with its fake simulator; not yet with
    a device.

    Versions: v0.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012

    def __init__(
        self,
        *,
        task: str,
        simulator: Literal["emulator", "fake"] = "emulator",
        screen_size: Sequence[int] = (1080, 2400),
        fingers: int = 1,
        keys: bool = False,
        console_port: int = 5554,
        grpc_port: int = 8554,
        adb: str | None = None,
        emulator: Mapping[str, Any] | None = None,
        render_mode: str | None = None,
    ) -> None:
        if not Path(task).is_file():
            raise ValueError(f"task must be the path of a textproto of android_env's Task, and {task!r} is no file")
        if simulator not in ("emulator", "fake"):
            raise ValueError(f'simulator must be "emulator" or "fake", not {simulator!r}')
        width, height = screen_size
        if simulator == "fake":
            config: config_classes.SimulatorConfig = config_classes.FakeSimulatorConfig(screen_dimensions=(height, width))
        else:
            config = _emulator(adb, console_port, grpc_port, dict(emulator or {}))
        self._config = config_classes.AndroidEnvConfig(
            task=config_classes.FilesystemTaskConfig(path=task),
            simulator=config,
            coordinator=config_classes.CoordinatorConfig(num_fingers=fingers, enable_key_events=keys),
        )
        self._fake = float(simulator == "fake")
        self._size = (height, width)
        self.action_space = _space(android_specs.base_action_spec(num_fingers=fingers, enable_key_events=keys))
        self.observation_space = self._shown = _space(android_specs.base_observation_spec(height=height, width=width))
        self.render_mode = render_mode
        self._env: Any = None
        self._playing = False
        self._pixels: NDArray[np.uint8] | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Arrays, dict[str, Any]]:
        """Begin an episode; the first one starts or reaches the simulator, which takes minutes for an emulator. No seed determines it."""
        super().reset(seed=seed)
        if self._env is None:
            self._env = loader.load(self._config)
        pixels = self._env.observation_spec()["pixels"].shape
        if pixels[:2] != self._size:
            raise ValueError(
                f"the device's screen has {pixels[1]} x {pixels[0]} pixels: make it with screen_size=({pixels[1]}, {pixels[0]})"
            )
        timestep = self._env.reset()
        self._playing = True
        return self._observation(timestep), self._info()

    def step(self, action: Arrays) -> tuple[Arrays, float, bool, bool, dict[str, Any]]:
        """Move the fingers once."""
        if not self._playing:
            raise ResetNeeded("the episode is over, or none has begun: call reset()")
        timestep = self._env.step({name: np.asarray(value) for name, value in action.items()})
        self._playing = not timestep.last()
        terminated, truncated = ended(timestep)
        return self._observation(timestep), float(timestep.reward), terminated, truncated, self._info()

    def _observation(self, timestep: dm_env.TimeStep) -> Arrays:
        shown = {name: np.array(timestep.observation[name], dtype=space.dtype) for name, space in self._shown.spaces.items()}
        self._pixels = shown["pixels"]
        return shown

    def _info(self) -> dict[str, Any]:
        return {"fake": self._fake, "extras": self._env.task_extras()}

    def render(self) -> NDArray[np.uint8] | None:
        """Return the last screen, uint8 (H, W, 3), when made with `"rgb_array"`."""
        if self.render_mode is None or self._pixels is None:
            return None
        return self._pixels.copy()

    def close(self) -> None:
        """Stop listening to the device; an emulator that was started here ends."""
        self._playing = False
        if self._env is not None:
            self._env.close()
            self._env = None


def ended(timestep: dm_env.TimeStep) -> tuple[bool, bool]:
    """Return whether a time step of dm_env terminates and whether it truncates: the last one does one of both, by its discount."""
    if not timestep.last():
        return False, False
    terminated = timestep.discount == 0.0
    return terminated, not terminated


def _space(declared: Mapping[str, Any]) -> spaces.Dict:
    """Return android_env's specs as a space."""
    return spaces.Dict({name: _one_space(spec) for name, spec in declared.items()})


def _one_space(spec: Any) -> spaces.Space[Any]:
    if isinstance(spec, dm_env.specs.DiscreteArray):
        return spaces.Discrete(spec.num_values)
    shape = tuple(map(int, spec.shape))
    if isinstance(spec, dm_env.specs.BoundedArray):
        low, high = (np.broadcast_to(bound, shape).astype(spec.dtype) for bound in (spec.minimum, spec.maximum))
        return spaces.Box(low, high, dtype=spec.dtype)
    return spaces.Box(0, np.iinfo(spec.dtype).max, shape, spec.dtype)


def _emulator(adb: str | None, console_port: int, grpc_port: int, further: dict[str, Any]) -> config_classes.EmulatorConfig:
    program = doctor.find_adb(adb)
    if program is None:
        raise DependencyNotInstalled('android_env needs the program adb (apt install adb), or simulator="fake" to test interfaces only')
    ports = {"emulator_console_port": console_port, "adb_port": console_port + 1, "grpc_port": grpc_port} if console_port else {}
    try:
        launcher = config_classes.EmulatorLauncherConfig(**{**ports, **further})
    except TypeError as error:
        raise ValueError(f"emulator: android_env's EmulatorLauncherConfig {error}") from error
    return config_classes.EmulatorConfig(emulator_launcher=launcher, adb_controller=config_classes.AdbControllerConfig(adb_path=program))
