"""What a task of this package is made of, and the words that its scripts are written in."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from hub_envs.osworld.elements import Element, parse

HOME = "/home/user"
"""Home folder of OSWorld's guests."""

Parameters = Mapping[str, Any]
Plan = Generator[str, Mapping[str, Any], None]
"""Moves of an episode: yields actions, is sent what is then seen; when it returns, the answer is DONE."""


class OwnTask(ABC):
    """A family of tasks in OSWorld's format: seeded parameters make an instance.

    Attributes:
        name: the task's name.
        apps: programs that it needs, in OSWorld's names.
        looks: whether its scripts look at the accessibility tree.
    """

    name: ClassVar[str]
    apps: ClassVar[tuple[str, ...]]
    looks: ClassVar[bool] = False

    @abstractmethod
    def draw(self, rng: random.Random) -> Parameters:
        """Draw an instance's parameters (JSON values)."""

    @abstractmethod
    def describe(self, p: Parameters) -> dict[str, Any]:
        """Return `instruction`, `config` and `evaluator` of the instance with parameters `p`."""

    def files(self, p: Parameters) -> dict[str, bytes]:
        """Return the local files that `config` and `evaluator` name."""
        return {}

    @abstractmethod
    def oracle(self, p: Parameters) -> Plan:
        """Return the moves that solve the instance, through its windows alone."""

    @abstractmethod
    def wrong(self, p: Parameters) -> dict[str, Plan]:
        """Return moves that nearly solve it, by what is wrong with them."""


# What the desktop starts with


def upload(*names: str, folder: str = HOME) -> dict[str, Any]:
    """Return the step that puts local files into a folder of the guest."""
    return {"type": "upload_file", "parameters": {"files": [{"local_path": name, "path": f"{folder}/{name}"} for name in names]}}


def launch(*command: str, window: str) -> list[dict[str, Any]]:
    """Return the steps that start a program and wait until a window with `window` in its title is there."""
    seen = {"command": ["true"], "verification": {"window_exists": window}, "max_wait_time": 60, "check_interval": 0.2}
    return [
        {"type": "launch", "parameters": {"command": list(command)}},
        {"type": "execute_with_verification", "parameters": seen},
        {"type": "activate_window", "parameters": {"window_name": window}},
    ]


def shell(script: str) -> dict[str, Any]:
    """Return the step that runs a shell script."""
    return {"type": "execute", "parameters": {"command": ["bash", "-c", script]}}


def fetched(path: str) -> dict[str, str]:
    """Return the getter of a file of the guest."""
    return {"type": "vm_file", "path": path, "dest": path.rsplit("/", 1)[-1]}


def printed(script: str) -> dict[str, Any]:
    """Return the getter of what a shell script prints."""
    return {"type": "vm_command_line", "command": ["bash", "-c", script]}


def rule(rules: Any) -> dict[str, Any]:
    """Return the getter of what a metric is told."""
    return {"type": "rule", "rules": rules}


# What scripts do


def code(*lines: str) -> str:
    """Return one action of several lines."""
    return "\n".join(lines)


def hotkey(*keys: str, rest: float = 0.2) -> str:
    """Press keys together, then rest for `rest` seconds: programs carry shortcuts out late."""
    return f"pyautogui.hotkey({', '.join(map(repr, keys))}); time.sleep({rest})"


def press(key: str, times: int = 1, rest: float = 0.1) -> str:
    """Press a key several times."""
    return f"pyautogui.press({key!r}, presses={times}, interval=0.05); time.sleep({rest})"


def typed(text: str) -> str:
    """Type a text."""
    return f"pyautogui.typewrite({text!r}, interval=0.02)"


def click(place: tuple[int, int], clicks: int = 1, button: str = "left") -> str:
    """Click at a pixel."""
    return f"pyautogui.click({place[0]}, {place[1]}, clicks={clicks}, button={button!r}); time.sleep(0.2)"


def sleep(seconds: float) -> str:
    """Do nothing for a time."""
    return f"time.sleep({seconds})"


def find(seen: Mapping[str, Any], name: str, *roles: str) -> Element | None:
    """Return the first element with a name or a text, and of one of the roles if any are given."""
    for element in parse(seen["accessibility_tree"]):
        if name in (element.name, element.text) and (not roles or element.role in roles):
            return element
    return None


def click_on(seen: Mapping[str, Any], name: str, *roles: str, clicks: int = 1) -> str:
    """Click an element in its middle; where it is not to be seen, look again."""
    element = find(seen, name, *roles)
    return "time.sleep(1)" if element is None else click(element.centre, clicks)


def answer(word: str) -> Plan:
    """Say DONE or FAIL at once."""
    yield word
