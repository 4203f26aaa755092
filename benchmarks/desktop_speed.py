"""What a desktop of the provider `local` costs: to start, to stop, to act and look, to read its tree, in memory, and for a whole step.

    python benchmarks/desktop_speed.py [--programs mousepad calc chromium] [--rounds 20] [--only machines programs steps]

Times are wall-clock medians in seconds, as a client sees them over HTTP; memory is the proportional set size of all processes of the
sandbox in MB, so that what programs share is counted once. `window` is the time from asking for a program until its window has a title,
`still` until the screen stands still after that. Programs are started warm: each ran once before in a sandbox of its own.

A whole step is `DesktopEnv.step` with `pause=0`, as an agent sees it, that moves the pointer over the open window. Beside its median and
shortest time stands the processor time that it takes, of this process and of everything in the sandbox: where a computer is busy with
other things, that alone can be compared.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import psutil
from hub_envs.osworld.environment import DesktopEnv
from hub_envs.osworld.local import LocalMachine, LocalProvider

PROGRAMS = {
    "mousepad": ["mousepad"],
    "calc": ["libreoffice", "--calc"],
    "writer": ["libreoffice", "--writer"],
    "chromium": ["chromium", "about:blank"],
    "terminal": ["xfce4-terminal"],
    "pcmanfm": ["pcmanfm"],
    "gimp": ["gimp"],
}
HAS_TITLE = r"wmctrl -l | grep -qE '^\S+ +\S+ +\S+ +\S'"


class Client:
    """A kept connection to a machine's control server."""

    def __init__(self, machine: LocalMachine) -> None:
        self._connection = http.client.HTTPConnection(machine.url.removeprefix("http://"))

    def get(self, path: str) -> bytes:
        self._connection.request("GET", path)
        return self._connection.getresponse().read()

    def post(self, path: str, **values: Any) -> bytes:
        self._connection.request("POST", path, json.dumps(values), {"Content-Type": "application/json"})
        return self._connection.getresponse().read()

    def close(self) -> None:
        self._connection.close()


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def median(call: Callable[[], object], rounds: int) -> float:
    return statistics.median(seconds(call) for _ in range(rounds))


def megabytes(machine: LocalMachine) -> float:
    first = psutil.Process(machine.pid)
    return float(sum(process.memory_full_info().pss for process in (first, *first.children(recursive=True)))) / 1e6


def measure_machines(rounds: int) -> None:
    provider = LocalProvider()
    starts, stops = [], []
    for _ in range(max(3, rounds // 4)):
        start = time.perf_counter()
        machine = provider.start()
        starts.append(time.perf_counter() - start)
        stops.append(seconds(machine.stop))
    print(f"start {statistics.median(starts):.2f}   stop {statistics.median(stops):.2f}")


def measure_steps(rounds: int) -> None:
    with LocalProvider().start() as machine:
        client = Client(machine)
        client.post("/act", code="")  # the worker is up
        place = iter(range(100, 100 + 4 * rounds))

        def act() -> None:
            client.post("/act", code=f"pyautogui.moveTo({next(place)}, 300)")

        def step() -> None:
            act()
            client.get("/screenshot.raw")

        print(f"act {median(act, rounds):.3f}   raw screen {median(lambda: client.get('/screenshot.raw'), rounds):.3f}", end="   ")
        print(f"PNG {median(lambda: client.get('/screenshot'), rounds):.3f}   act + raw screen {median(step, rounds):.3f}", end="   ")
        code = f"import pyautogui; pyautogui.FAILSAFE = False; pyautogui.moveTo({next(place)}, 300)"
        print(f"a Python for each action {median(lambda: client.post('/execute', command=['python', '-c', code]), 3):.2f}", end="   ")
        print(f"idle memory {megabytes(machine):.0f} MB")
        client.close()


def measure_program(name: str) -> str:
    with LocalProvider().start() as machine:
        client = Client(machine)
        client.post("/act", code="")
        client.get("/accessibility")
        start = time.perf_counter()
        client.post("/setup/launch", command=PROGRAMS[name])
        wanted = {"command_success": HAS_TITLE}
        client.post("/setup/execute_with_verification", command="true", verification=wanted, max_wait_time=60, check_interval=0.05)
        window = time.perf_counter() - start
        still = seconds(lambda: client.get("/idle?frames=4&interval=0.25&limit=30"))
        tree = json.loads(client.get("/accessibility"))["AT"]
        reading = median(lambda: client.get("/accessibility"), 3)
        client.close()
        return f"{name:10s} {window:6.2f} {still:6.2f} {reading:6.2f} {tree.count('</'):6d} {megabytes(machine):6.0f}"


def measure_whole_steps(name: str, rounds: int) -> None:
    for tree in (False, True):
        env = DesktopEnv(task=waiting(name), accessibility_tree=tree, pause=0, max_steps=rounds + 2)
        env.reset()
        env.step("pyautogui.moveTo(396, 300)")
        took, before = [], processor_seconds()
        for number in range(rounds):
            start = time.perf_counter()
            seen = env.step(f"pyautogui.moveTo({400 + 4 * number}, 300)")[0]
            took.append(time.perf_counter() - start)
        worked = (processor_seconds() - before) / rounds
        nodes = seen["accessibility_tree"].count("</") if tree else 0
        env.close()
        print(f"{name:10s} {'yes' if tree else 'no':>4s} {statistics.median(took):8.3f} {min(took):9.3f} {worked:10.3f} {nodes:6d}")


def waiting(name: str) -> dict[str, Any]:
    """Return a task with nothing to do, in front of a program, or of none."""
    verified = {"command": "true", "verification": {"command_success": HAS_TITLE}, "max_wait_time": 60}
    launch = {"type": "launch", "parameters": {"command": PROGRAMS.get(name)}}
    config = [launch, {"type": "execute_with_verification", "parameters": verified}]
    nothing = {"func": "exact_match", "result": {"type": "vm_command_line", "command": "true"}, "expected": {"type": "rule", "rules": {}}}
    return {"id": f"waiting-{name}", "instruction": "Wait.", "config": config if name in PROGRAMS else [], "evaluator": nothing}


def processor_seconds() -> float:
    """Return the processor time that this process and all below it have taken."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", nargs="*", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--rounds", type=int, default=20)
    parts = ("machines", "programs", "steps")
    parser.add_argument("--only", nargs="*", choices=parts, default=parts)
    options = parser.parse_args()
    with LocalProvider().start():
        pass  # the template of homes is made, if it was not
    if "machines" in options.only:
        measure_machines(options.rounds)
        measure_steps(options.rounds)
    if "programs" in options.only:
        print("program    window  still   tree  nodes     MB")
        for name in options.programs:
            measure_program(name)  # its files are read, once
            print(measure_program(name))
    if "steps" in options.only:
        print("step       tree   median  shortest  processor  nodes")
        for name in ("nothing", *options.programs):
            measure_whole_steps(name, options.rounds)


if __name__ == "__main__":
    main()
