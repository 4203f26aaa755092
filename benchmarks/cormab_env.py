"""Time a step of cormab/Matching-v0, batched, against a loop over arms in plain Python that plays the same rules.

    python benchmarks/cormab_env.py [--arms 20 100] [--batch 1 16 256] [--seconds 1.0]

Each cell is the least CPU time of several rounds of whole episodes; both sides run in turn in the same process and must agree on every
level and (to rounding) every reward. Every round seeds every slot anew, as an evaluation does; the third column is that part alone.
The environment checks that actions are feasible, the loop does not.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from hub_envs.cormab import START_PROBABILITY, MatchingVectorEnv, Problem, matching_problem


def loop_episode(problem: Problem, levels: list[int], uniforms: list[list[float]], actions: list[list[int]]) -> tuple[list[int], float]:
    """Play one episode arm by arm."""
    passive, active, rewards = problem.passive.tolist(), problem.active.tolist(), problem.rewards.tolist()
    total = 0.0
    for drawn, action in zip(uniforms, actions, strict=True):
        reward = expected = 0.0
        for arm, level in enumerate(levels):
            p = active[arm] if action[arm] else passive[arm]
            up, down = min(level + 1, 3), max(level - 1, 0)
            expected += p * rewards[arm][up] + (1.0 - p) * rewards[arm][down]
            levels[arm] = up if drawn[arm] < p else down
            reward += rewards[arm][levels[arm]]
        total += reward
        assert expected >= 0.0
    return levels, total


def batched_round(env: MatchingVectorEnv, actions: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Play one episode in every slot; return last levels and returns."""
    env.reset(seed=seed)
    total = np.zeros(env.num_envs)
    for chosen in actions:
        levels, rewards, _, _, _ = env.step(chosen)
        total += rewards
    return levels, total


def loop_round(problem: Problem, width: int, actions: np.ndarray, seed: int) -> tuple[list[list[int]], list[float]]:
    """Play the same episodes one by one, from the same numbers."""
    ends, totals = [], []
    for slot in range(width):
        uniforms = np.random.default_rng(seed + slot).random((problem.horizon + 1, problem.arms))
        levels = (uniforms[0] < START_PROBABILITY).astype(int).tolist()
        end, total = loop_episode(problem, levels, uniforms[1:].tolist(), actions[:, slot].tolist())
        ends.append(end)
        totals.append(total)
    return ends, totals


def best_of(play: Callable[[int], object], seconds: float) -> float:
    """Return the least CPU time of a round, at least three of them, for about `seconds`."""
    shortest, rounds, stop = float("inf"), 0, time.perf_counter() + seconds
    while rounds < 3 or time.perf_counter() < stop:
        begin = time.process_time()
        play(rounds)
        shortest, rounds = min(shortest, time.process_time() - begin), rounds + 1
    return shortest


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arms", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 16, 256])
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each cell")
    options = parser.parse_args()
    print("arms  batch  batched us/env-step  of which reset  loop us/env-step  ratio")
    for arms in options.arms:
        problem = matching_problem(0, arms, max(1, arms // 5 if arms >= 100 else arms // 4))
        for width in options.batch:
            env = MatchingVectorEnv(width, problem=problem, autoreset_mode="Disabled")
            actions = problem.actions.sample_feasible(np.random.default_rng(0), problem.horizon * width).reshape(
                problem.horizon, width, arms
            )
            levels, totals = batched_round(env, actions, 7)
            loop_levels, loop_totals = loop_round(problem, width, actions, 7)
            assert levels.tolist() == loop_levels
            np.testing.assert_allclose(totals, loop_totals)
            steps = problem.horizon * width / 1e6
            batched = best_of(lambda seed: batched_round(env, actions, seed), options.seconds) / steps  # noqa: B023
            reset = best_of(lambda seed: env.reset(seed=seed), options.seconds) / steps  # noqa: B023
            loop = best_of(lambda seed: loop_round(problem, width, actions, seed), options.seconds) / steps  # noqa: B023
            print(f"{arms:4d}  {width:5d}  {batched:19.2f}  {reset:14.2f}  {loop:16.2f}  {loop / batched:5.1f}")


if __name__ == "__main__":
    main()
