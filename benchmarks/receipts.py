"""Measure in CPU time what receipts cost while episodes are recorded, and how long 50,000 CartPole steps take to verify.

    python benchmarks/receipts.py [--repeats 5]

Target: 50,000 steps verified in at most 1.5 CPU seconds.
"""

import argparse
import hashlib
import math
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib import metadata
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import hub
from hub.environments import describe
from hub.results.models import AgentRecord, EnvironmentRecord, ProtocolRecord, Result
from hub.results.statistics import summarise
from hub.results.verify import verify
from hub.running.loop import Rules, play
from hub.running.receipts import Recorder, chain
from hub.running.seeds import evaluation_seeds
from hub.running.worlds import Tick, World, open_world
from hub.running.worlds.layouts import Layout

ENV = "CartPole-v1"
STEPS = 50_000


class Balancing(hub.Agent):
    """Keeps the pole up for all 500 steps."""

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        return (observations @ np.array([0.02, 0.05, 1, 0.3], np.float32) > 0).astype(np.int64)


def recorded() -> Result:
    """Play 100 episodes of 500 steps and return their result."""
    seeds = evaluation_seeds("standard", 1, ENV, STEPS // 500)
    episodes = chain(play(open_world(ENV, {}, 32), Balancing(describe(ENV, {})), enumerate(seeds), Rules()))
    assert sum(episode.length for episode in episodes) == STEPS
    return Result(
        env=EnvironmentRecord(id=ENV, plugin="gymnasium", distribution="gymnasium", version=metadata.version("gymnasium")),
        agent=AgentRecord(name="balancing", seed=0, plugin="benchmarks", distribution="benchmarks", version="0"),
        protocol=ProtocolRecord(name="standard", version=1, episodes=len(seeds)),
        episodes=episodes,
        summary=summarise([episode.return_ for episode in episodes], "return"),
        versions={},
    )


def record_only(world: World, slots: int = 32) -> None:
    """Record 50,000 steps of unchanging observations in 32 slots: the receipts' own share."""
    recorder = Recorder(world.observations, world.actions, slots)
    observations, actions = [np.zeros((slots, 4), np.float32)], [np.zeros(slots, np.int64)]
    tick = Tick(observations, np.ones(slots), np.zeros(slots, bool), np.zeros(slots, bool), ())
    live = np.arange(slots)
    for start in range(0, STEPS, 500 * slots):
        recorder.begin(live.tolist(), observations)
        for _ in range(min(500, (STEPS - start) // slots)):
            recorder.acted(live, actions)
            recorder.stepped(live, tick)
        for slot in live.tolist():
            recorder.finish(slot)


def hash_images(shape: tuple[int, int, int], steps: int, slots: int = 4) -> float:
    """Record pictures of bytes and return how many megabytes they were."""
    from gymnasium import spaces

    pictures = Layout(spaces.Box(0, 255, shape, np.uint8))
    recorder = Recorder(pictures, Layout(spaces.Discrete(4)), slots)
    columns, live = [np.zeros((slots, *shape), np.uint8)], np.arange(slots)
    tick = Tick(columns, np.ones(slots), np.zeros(slots, bool), np.zeros(slots, bool), ())
    recorder.begin(live.tolist(), columns)
    for _ in range(steps):
        recorder.acted(live, [np.zeros(slots, np.int64)])
        recorder.stepped(live, tick)
    for slot in live.tolist():
        recorder.finish(slot)
    return steps * slots * math.prod(shape) / 1e6


def hash_alone(megabytes: float) -> None:
    """Hash as many bytes in one piece: what no bookkeeping can be faster than."""
    hashlib.blake2b(bytes(int(megabytes * 1e6)), digest_size=16).digest()


def cpu(action: Callable[[], object], repeats: int) -> float:
    """Return the median CPU seconds of `action`."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="turns; the median counts")
    repeats = parser.parse_args().repeats
    result, world = recorded(), open_world(ENV, {}, 1)
    verdict = verify(result)
    kinds = {"small pictures, 84 x 84 x 4": ((84, 84, 4), 500), "screens, 412 x 915": ((915, 412, 3), 12)}
    table = Table("what", "CPU seconds", "target")
    table.add_row(f"verify {verdict.steps:,} CartPole steps: {verdict.state}", f"{cpu(lambda: verify(result), repeats):.2f}", "at most 1.5")
    table.add_row(f"record receipts of {STEPS:,} steps, no environment", f"{cpu(lambda: record_only(world), repeats):.3f}", "")
    for name, (shape, steps) in kinds.items():
        megabytes = hash_images(shape, steps)
        table.add_row(f"record receipts of {megabytes:,.0f} MB of {name}", f"{cpu(partial(hash_images, shape, steps), repeats):.3f}", "")
        table.add_row("BLAKE2b alone of as much", f"{cpu(partial(hash_alone, megabytes), repeats):.3f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()
