"""How long resets and steps of the simulated phone take, and how much memory Chromium uses for each phone.

    python benchmarks/phone_speed.py [--phones 1 4 16] [--steps 24] [--chromium /usr/bin/chromium-headless-shell]

Every step is one action on every phone: opening apps, tapping random elements, scrolling, typing, going back. Shown are medians of wall
time for all phones together, and means of CPU time for one phone, which is this process's and all of Chromium's, and does not depend on
what else the machine does. Memory is the proportional set size of all of Chromium's processes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psutil
from hub_envs.phonesim import PhoneVectorEnv, browser, chromium

EPISODE = 8
"""Steps after each reset: no task has a smaller budget."""


class Stopwatch:
    """Collects how long calls take: wall milliseconds of each, CPU milliseconds of all."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu = 0.0

    def time(self, action: Callable[[], Any]) -> Any:
        """Return the action's value."""
        others = chromium_seconds()  # asking takes as long as a step does
        own, start = time.process_time(), time.perf_counter()
        value = action()
        wall, own = time.perf_counter() - start, time.process_time() - own
        self.wall.append(wall * 1000)
        self.cpu += (own + chromium_seconds() - others) * 1000
        return value

    def told(self, phones: int) -> str:
        """Return the median of wall time, and CPU time a phone."""
        return f"{statistics.median(self.wall):7.0f} {self.cpu / len(self.wall) / phones:9.1f}"


def chromium_seconds() -> float:
    """Return the CPU time of this process's children."""
    times = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return float(sum(each.user + each.system for each in times))


def choose(elements: str, rng: random.Random) -> str:
    """Return an action that this screen allows."""
    shown = json.loads(elements)
    clickable = [index for index, element in enumerate(shown) if element.get("is_clickable")]
    fields = [index for index, element in enumerate(shown) if element.get("is_editable")]
    kind = rng.choice(["open_app", "click", "click", "click", "scroll", "input_text", "navigate_back"])
    if kind == "open_app":
        return json.dumps({"action_type": kind, "app_name": rng.choice(["Contacts", "Messages", "Notes", "Calendar", "Settings"])})
    if kind == "scroll":
        return json.dumps({"action_type": kind, "direction": rng.choice(["up", "down"])})
    if kind == "input_text" and fields:
        return json.dumps({"action_type": kind, "index": rng.choice(fields), "text": "some words", "clear_text": True})
    if kind == "navigate_back":
        return json.dumps({"action_type": kind})
    return json.dumps({"action_type": "click", "index": rng.choice(clickable)})


def memory() -> float:
    """Return MiB of this process's Chromium."""
    assert browser._shared is not None
    root = psutil.Process(browser._shared.pid)
    used: float = sum(process.memory_full_info().pss for process in (root, *root.children(recursive=True))) / 2**20
    return used


def measure(phones: int, screenshot: bool, steps: int) -> str:
    """Return the rest of a row of the table."""
    env = PhoneVectorEnv(phones, screenshot=screenshot, autoreset_mode="Disabled")
    rng = random.Random(0)
    start, resets, played = Stopwatch(), Stopwatch(), Stopwatch()
    start.time(lambda: env.reset(seed=0))
    for episode in range(steps // EPISODE):
        observations, _ = resets.time(partial(env.reset, seed=100 * episode))
        for _ in range(EPISODE):
            actions = tuple(choose(elements, rng) for elements in observations["elements"])
            observations, *_ = played.time(partial(env.step, actions))
    used = memory()
    env.close()
    return "  ".join([*(watch.told(phones) for watch in (start, resets, played)), f"{used:6.0f}"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", nargs="+", type=int, default=[1, 4, 16])
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--chromium", help=f"program to use, as in {chromium.VARIABLE}")
    options = parser.parse_args()
    if options.chromium:
        os.environ[chromium.VARIABLE] = options.chromium
    print(f"{chromium.find()}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("                       first reset              reset               step  Chromium")
    print("phones pixels       ms  CPU-ms/ph.     ms  CPU-ms/ph.     ms  CPU-ms/ph.     MiB")
    for phones in options.phones:
        for screenshot in (True, False):
            print(f"{phones:6d} {'yes' if screenshot else 'no':6s}  {measure(phones, screenshot, options.steps)}", flush=True)


if __name__ == "__main__":
    main()
