"""Compare hub's evaluator with stable-baselines3's `evaluate_policy` and with a bare loop, on CartPole with one PPO policy, in CPU time.

    python benchmarks/evaluator.py [--episodes 100] [--repeats 5] [--threads N]

Needs gymhub-baselines. Contenders take turns; each figure is the median over the turns, without building environments. Targets: at its best
width at least 2.5 times stable-baselines3 at its best; the same mean at every width; at most 10 % more CPU time than a loop of Gymnasium's
batched step and the same forward pass. The bare loop, stricter, plays the same episodes with nothing else in it.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import gymnasium as gym
import numpy as np
import torch
from hub_baselines.tiles import Tiles
from rich.console import Console
from rich.table import Table
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

import hub
from hub.environments import describe
from hub.running.loop import Rules, play
from hub.running.seeds import evaluation_seeds
from hub.running.worlds import open_world

ENV = "CartPole-v1"
WIDTHS = (1, 2, 7, 32, 64, 256)
SB3_WIDTHS = (1, 8, 32, 64, 128, 256)
BARE_WIDTHS = (64, 256)
TILE_ROWS = 64

Outcome = TypeVar("Outcome")

Turn = tuple[float, int, float]
"""CPU seconds, steps and mean return of one turn."""


class Logits(torch.nn.Module):
    """The actor of a stable-baselines3 policy."""

    def __init__(self, policy: Any) -> None:
        super().__init__()
        self.body, self.head = policy.mlp_extractor.policy_net, policy.action_net

    def forward(self, observations: torch.Tensor) -> Any:
        return self.head(self.body(observations))


class Greedy(hub.Agent):
    """Plays the most probable action."""

    def __init__(self, task: hub.Task, network: Tiles) -> None:
        super().__init__(task)
        self.network = network

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        return self.network(observations)[0].argmax(axis=1)


def cpu(action: Callable[[], Outcome]) -> tuple[float, Outcome]:
    start = time.process_time()
    outcome = action()
    return time.process_time() - start, outcome


def hub_evaluator(network: Tiles, seeds: Sequence[int], width: int) -> Turn:
    world, agent = open_world(ENV, {}, width), Greedy(describe(ENV, {}), network)
    seconds, episodes = cpu(lambda: list(play(world, agent, enumerate(seeds), Rules())))
    episodes.sort(key=lambda episode: episode.index)
    return seconds, sum(episode.length for episode in episodes), float(np.mean([episode.return_ for episode in episodes]))


def stable_baselines(model: PPO, episodes: int, width: int) -> Turn:
    """Evaluate as stable-baselines3's documentation shows it."""
    env = make_vec_env(ENV, width, seed=0)
    seconds, (returns, lengths) = cpu(lambda: evaluate_policy(model, env, n_eval_episodes=episodes, return_episode_rewards=True))
    return seconds, int(np.sum(lengths)), float(np.mean(returns))


def bare_loop(network: Tiles, seeds: Sequence[int], width: int) -> Turn:
    """Play the same episodes in the same slots with nothing but batched steps and batched forward passes: no checks, no records."""
    environments = [gym.make(ENV, disable_env_checker=True) for _ in range(width)]
    seconds, (steps, total) = cpu(lambda: _bare_loop(network, iter(seeds), environments))
    return seconds, steps, total / len(seeds)


def _bare_loop(network: Tiles, seeds: Iterator[int], environments: Sequence[gym.Env[Any, Any]]) -> tuple[int, float]:
    steps, total = 0, 0.0
    live = [(environment, environment.reset(seed=seed)[0]) for environment, seed in zip(environments, seeds, strict=False)]
    while live:
        actions = network(np.stack([observation for _, observation in live]))[0].argmax(axis=1)
        playing = []
        for (environment, _), action in zip(live, actions, strict=True):
            observation, reward, terminated, truncated, _ = environment.step(action)
            total += float(reward)
            if terminated or truncated:
                seed = next(seeds, None)
                if seed is None:
                    continue
                observation, _ = environment.reset(seed=seed)
            playing.append((environment, observation))
        steps += len(live)
        live = playing
    return steps, total


def vector_loop(network: Tiles, seeds: Sequence[int], width: int) -> Turn:
    """Take as many steps as those episodes have, all slots busy throughout, with Gymnasium's `SyncVectorEnv` as the batched step."""
    _, steps, _ = hub_evaluator(network, seeds, width)
    environments = gym.vector.SyncVectorEnv([partial(gym.make, ENV, disable_env_checker=True)] * width)
    seconds, _ = cpu(lambda: _vector_loop(network, environments, steps // width))
    return seconds, steps // width * width, float("nan")


def _vector_loop(network: Tiles, environments: gym.vector.SyncVectorEnv, ticks: int) -> None:
    observations, _ = environments.reset(seed=0)
    for _ in range(ticks):
        observations, *_ = environments.step(network(observations)[0].argmax(axis=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=100, help="episodes evaluated in each turn")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each contender")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="torch's threads; left as torch sets them by default")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = PPO("MlpPolicy", ENV, seed=0, device="cpu", n_steps=512).learn(5120)
    network = Tiles(Logits(model.policy), rows=TILE_ROWS)
    seeds = evaluation_seeds("benchmark", 1, ENV, arguments.episodes)
    contenders = {f"hub, width {width}": partial(hub_evaluator, network, seeds, width) for width in WIDTHS}
    contenders |= {f"evaluate_policy, width {width}": partial(stable_baselines, model, arguments.episodes, width) for width in SB3_WIDTHS}
    contenders |= {f"bare loop, width {width}": partial(bare_loop, network, seeds, width) for width in BARE_WIDTHS}
    contenders |= {f"SyncVectorEnv loop, width {width}": partial(vector_loop, network, seeds, width) for width in BARE_WIDTHS}
    report(measure(contenders, arguments.repeats))


def measure(contenders: Mapping[str, Callable[[], Turn]], repeats: int) -> dict[str, tuple[float, set[float]]]:
    """Return for each contender the median steps per CPU second over `repeats` turns, and its mean returns."""
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    means: dict[str, set[float]] = {name: set() for name in contenders}
    for _ in range(repeats):
        for name, contender in contenders.items():
            seconds, steps, mean = contender()
            speeds[name].append(steps / seconds)
            means[name].add(mean)
    return {name: (statistics.median(speeds[name]), means[name]) for name in contenders}


def report(found: Mapping[str, tuple[float, set[float]]]) -> None:
    table = Table("contender", "steps per CPU-second", "mean return")
    for name, (speed, means) in found.items():
        played = " or ".join(f"{mean:.4f}" for mean in sorted(means) if mean == mean)
        table.add_row(name, f"{speed:,.0f}", played or "not kept")
    console = Console()
    console.print(table)
    ours, theirs, bare = (
        max(speed for name, (speed, _) in found.items() if name.startswith(side)) for side in ("hub", "evaluate_policy", "bare loop")
    )
    console.print(f"bare loop / evaluate_policy, the ceiling for any evaluator that steps these environments: {bare / theirs:.2f}")
    distinct = set().union(*(means for name, (_, means) in found.items() if name.startswith("hub")))
    console.print(f"hub / evaluate_policy, each at its best width: {ours / theirs:.2f} (target: at least 2.5)")
    console.print(f"distinct means of hub over widths {WIDTHS}: {len(distinct)} (target: 1)")
    for loop, width in itertools.product(("SyncVectorEnv loop", "bare loop"), BARE_WIDTHS):
        overhead = found[f"{loop}, width {width}"][0] / found[f"hub, width {width}"][0] - 1
        console.print(f"CPU time of hub over the {loop} at width {width}: {overhead:+.1%} (target: at most +10 %)")


if __name__ == "__main__":
    main()
