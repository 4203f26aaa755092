"""A package with the interfaces of an android_world checkout and no device: what `hub_envs.androidworld` calls, and a list of the calls.

It stands in for nobody's benchmark: two tasks of its own, on a screen of 4 x 6 pixels.
"""

from __future__ import annotations

from pathlib import Path

FILES = {
    "__init__.py": "calls = []\nbroken = set()\n",
    "registry.py": """
import random

import android_world


class Task:
    start_on_home_screen = True
    complexity = 1.2
    template = "Add {name}."

    def __init__(self, params):
        self.params = params
        self.initialized = False

    @property
    def name(self):
        return type(self).__name__

    @property
    def goal(self):
        return self.template.format(**self.params)

    @classmethod
    def generate_random_params(cls):
        return {"name": random.choice(["Ada", "Grace", "Edsger"]) + str(random.random())}

    def initialize_task(self, env):
        android_world.calls.append(f"initialize {self.name}")
        if self.initialized:
            raise RuntimeError("initialize_task() is already called.")
        if "initialize" in android_world.broken:
            raise IndexError("list index out of range")
        random.seed(self.params["seed"])
        env.typed = []
        self.initialized = True

    def is_successful(self, env):
        assert self.initialized
        android_world.calls.append(f"score {self.name}")
        if "score" in android_world.broken:
            raise ValueError("no such table: playing_queue")
        return {0: 0.0, 1: 0.5}.get(len(env.typed), 1.0)

    def tear_down(self, env):
        android_world.calls.append(f"tear down {self.name}")
        self.initialized = False


class ContactsAddContact(Task):
    pass


class MiniWobClickTest(Task):
    start_on_home_screen = False
    complexity = 3


class TaskRegistry:
    def get_registry(self, family):
        return {"android_world": {"ContactsAddContact": ContactsAddContact}, "miniwob": {"MiniWobClickTest": MiniWobClickTest}}[family]
""",
    "suite_utils.py": """
import hashlib
import random


def create_suite(task_registry, n_task_combinations=1, seed=None, tasks=None, use_identical_params=False, env=None):
    suite = {}
    for name, task_type in task_registry.items():
        suite[name] = []
        for i in range(n_task_combinations):
            instance_seed = int(hashlib.sha256(f"{seed}_{name}_{i}".encode()).hexdigest(), 16) % 2**32
            random.seed(instance_seed)
            params = task_type.generate_random_params()
            params["seed"] = instance_seed
            suite[name].append(task_type(params))
    return suite
""",
    "env/__init__.py": "",
    "env/json_action.py": """
import dataclasses


@dataclasses.dataclass
class JSONAction:
    action_type: str = None
    index: int = None
    x: int = None
    y: int = None
    text: str = None
    direction: str = None
    goal_status: str = None
    app_name: str = None
    keycode: str = None
    clear_text: bool = None
""",
    "env/env_launcher.py": """
import types

import android_world
import numpy as np


class Env:
    def __init__(self):
        self.typed = []
        self.turned = False

    def reset(self, go_home=False):
        android_world.calls.append(f"reset go_home={go_home}")

    def get_state(self, wait_to_stabilize=False):
        if "device" in android_world.broken:
            raise RuntimeError("Could not get a11y tree.")
        box = types.SimpleNamespace(x_min=0.0, x_max=3.0, y_min=1, y_max=5)
        element = types.SimpleNamespace(
            text=" ".join(self.typed) or None, class_name="android.widget.EditText", is_editable=True, is_checked=False,
            bbox=None, bbox_pixels=box, resource_id=None, metadata=None,
        )
        pixels = np.full((4, 6, 3) if self.turned else (6, 4, 3), len(self.typed) + 1, np.uint8)
        return types.SimpleNamespace(pixels=pixels, forest=None, ui_elements=[element])

    def execute_action(self, action):
        android_world.calls.append(action.action_type)
        if action.index is not None and action.index > 0:
            raise ValueError(f"Invalid element index: {action.index}, must be between 0 and 0.")
        if action.action_type == "input_text":
            self.typed.append(action.text)
        self.turned = action.action_type == "open_app"

    def close(self):
        android_world.calls.append("close")


def load_and_setup_env(console_port=5554, emulator_setup=False, freeze_datetime=True, adb_path="", grpc_port=8554):
    if "emulator" in android_world.broken:
        raise RuntimeError("adb: device offline")
    android_world.calls.append(f"load setup={emulator_setup} freeze={freeze_datetime}")
    return Env()
""",
    "task_evals/__init__.py": "",
    "task_evals/miniwob/__init__.py": "",
    "task_evals/miniwob/miniwob_base.py": "def is_episode_terminated(env):\n    return len(env.typed) >= 2\n",
}


def write(folder: Path) -> None:
    """Write the package into `folder`."""
    for name, text in FILES.items():
        file = folder / "android_world" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
