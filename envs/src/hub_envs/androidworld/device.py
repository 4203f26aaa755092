"""An emulator or phone on this machine, driven by an `android_world` checkout.

The calls are those that the reference's `suite_utils.run` and its agents make, in their order. Tested with a package of the same
interfaces; nobody who wrote this had a device.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from hub_envs.androidworld import checkout, elements
from hub_envs.androidworld.actions import Action, dumps
from hub_envs.androidworld.phone import Begun, RefusedError, Screen, TaskError


class Device:
    """Plays tasks of one family on the emulator behind two ports; connects when the first episode begins.

    Args:
        family: family of tasks, one of `checkout.FAMILIES`.
        adb: path of the adb program.
        console_port: the emulator's console port; adb's is the next one.
        grpc_port: the port given to the emulator as `-grpc`.
        setup: whether to install the suite's apps on connecting, which is needed once and takes minutes.
        pause: seconds between an action and the look at the screen; None waits until the elements stay the same, 6 s at most.
    """

    def __init__(self, *, family: str, adb: str, console_port: int, grpc_port: int, setup: bool, pause: float | None) -> None:
        self._family = family
        self._ports = {"adb_path": adb, "console_port": console_port, "grpc_port": grpc_port}
        self._setup = setup
        self._pause = pause
        self._env: Any = None
        self._task: Any = None

    def names(self) -> Sequence[str]:
        """Return the names of the family's tasks, sorted."""
        return sorted(checkout.task_types(self._family))

    def begin(self, task: str, suite_seed: int) -> Begun:
        """Draw the task's first instance and set it up: clock, apps' snapshots, its own data, home screen.

        Raises:
            ConnectionError: the emulator does not answer.
            checkout.CheckoutError: the checkout cannot be imported.
        """
        env = self._connected()
        (drawn,) = checkout.instances(self._family, task, suite_seed, 1, env)
        budget = int(10 * drawn.complexity)
        try:
            with checkout.own_random():
                drawn.initialize_task(env)
            begun = Begun(drawn.goal, budget)
            self._task = drawn
        except Exception as error:  # whatever a task raises is a failed episode, as in the reference
            begun = Begun("", budget, failed=_said(error))
        env.reset(go_home=drawn.start_on_home_screen)
        return begun

    def _connected(self) -> Any:
        if self._env is None:
            launcher = checkout.module("env.env_launcher")
            try:
                self._env = launcher.load_and_setup_env(emulator_setup=self._setup, freeze_datetime=True, **self._ports)
            except Exception as error:
                raise ConnectionError(f"the Android emulator could not be set up ({self._ports}): {_said(error)}") from error
        return self._env

    def screen(self) -> Screen:
        """Ask the device for its screen and its accessibility tree."""
        state = self._env.get_state(wait_to_stabilize=self._pause is None)
        return Screen(np.asarray(state.pixels, dtype=np.uint8), [elements.described(element) for element in state.ui_elements])

    def perform(self, action: Action) -> None:
        """Carry out an action through the checkout's executor, and pause."""
        try:
            self._env.execute_action(checkout.module("env.json_action").JSONAction(**json.loads(dumps(action))))
        except Exception as error:  # the reference's agents go on, whatever the executor raises
            raise RefusedError(_said(error)) from error
        if self._pause:
            time.sleep(self._pause)

    def over(self) -> bool:
        """Whether a MiniWoB++ page has given its reward; other tasks never end by themselves."""
        if not self._task.name.lower().startswith("miniwob"):
            return False
        return bool(checkout.module("task_evals.miniwob.miniwob_base").is_episode_terminated(self._env))

    def score(self) -> float:
        """Read the score from the device's state."""
        try:
            return float(self._task.is_successful(self._env))
        except Exception as error:  # as for `begin`
            raise TaskError(_said(error)) from error

    def end(self) -> None:
        """Restore the apps' snapshots and close them."""
        task, self._task = self._task, None
        if task is not None:
            task.tear_down(self._env)

    def close(self) -> None:
        """Disconnect; the emulator goes on running."""
        if self._env is not None:
            self._env.close()
            self._env = None


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
