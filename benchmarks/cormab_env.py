"""Time a step of the coupled bandits, batched, against two loops over arms that play the same rules from the same random numbers.

    python benchmarks/cormab_env.py [--domains matching capacity interventions] [--arms 20 100] [--batch 1 16 256] [--seconds 1.0]

- batched: `hub_envs.cormab`, `--batch` environments stepped together.
- plain: one Gymnasium environment at a time, as one writes it: NumPy arrays, a loop over arms that draws, moves and adds up, the expected
  reward, and a check of the action (a bipartite matching by SciPy, a search for a packing, a sum).
- tight: the least that a loop can do: Python lists, all random numbers drawn beforehand, no check, no Gymnasium.

Each cell is the least CPU time of several rounds of whole episodes, in microseconds for one step of one environment. All sides run in turn
in the same process and must agree on every level and (to rounding) on every reward. Every round seeds every episode anew, as an evaluation
does; "reset" is that part of the batched time alone, "check" is what the plain environment spends on checking actions.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from hub_envs.cormab import (
    START_PROBABILITY,
    ActionSet,
    BudgetActions,
    CapacityActions,
    CapacityVectorEnv,
    CormabVectorEnv,
    InterventionsVectorEnv,
    MatchingActions,
    MatchingVectorEnv,
    Problem,
    capacity_problem,
    interventions_problem,
    matching_problem,
)
from scipy import sparse
from scipy.sparse import csgraph

PLAIN_EPISODES = 16
"""Episodes in a round of the loops, at most: theirs is the same time for each."""


class Domain(NamedTuple):
    """A bandit and its batched environment."""

    problem: Callable[[int, int], Problem]
    batch: Callable[..., CormabVectorEnv]


DOMAINS = {
    "matching": Domain(lambda arms, budget: matching_problem(0, arms, budget), MatchingVectorEnv),
    "capacity": Domain(lambda arms, budget: capacity_problem(0, arms, budget), CapacityVectorEnv),
    "interventions": Domain(lambda arms, budget: interventions_problem(0, arms, arms // 2, budget), InterventionsVectorEnv),
}


def has_schedule(actions: MatchingActions, action: np.ndarray) -> bool:
    """Match two meetings of every pulled arm to different workers' slots."""
    pulled = np.flatnonzero(action)
    if len(pulled) > actions.budget:
        return False
    asking = np.repeat(pulled, 2)
    _, slots = np.nonzero(actions.worker_slots)
    can_meet = sparse.csr_array(actions.arm_slots[np.ix_(asking, slots)])
    return len(asking) == 0 or bool((csgraph.maximum_bipartite_matching(can_meet, perm_type="column") >= 0).all())


def has_packing(actions: CapacityActions, action: np.ndarray) -> bool:
    """Try to give the arms to workers, dearest arm and tightest worker first."""

    @cache
    def place(costs: tuple[int, ...], rooms: tuple[int, ...]) -> bool:
        if sum(costs) > sum(rooms):
            return False
        if not costs:
            return True
        fitting = (worker for worker, room in enumerate(rooms) if room >= costs[0])
        return any(place(costs[1:], tuple(sorted((*rooms[:worker], rooms[worker] - costs[0], *rooms[worker + 1 :])))) for worker in fitting)

    return place(tuple(sorted(actions.costs[action > 0].tolist(), reverse=True)), tuple(sorted(actions.capacities.tolist())))


def plain_check(actions: ActionSet) -> Callable[[np.ndarray], bool]:
    """Return how one would check an action of the set."""
    if isinstance(actions, MatchingActions):
        return partial(has_schedule, actions)
    if isinstance(actions, CapacityActions):
        return partial(has_packing, actions)
    assert isinstance(actions, BudgetActions)
    return lambda action: bool(action.sum() <= actions.budget)


class PlainEnv(gym.Env[np.ndarray, np.ndarray]):
    """The bandit as one writes it: arm by arm."""

    def __init__(self, problem: Problem) -> None:
        self.arms, self.horizon, self.rewards, self.chances = problem.arms, problem.horizon, problem.rewards, problem.chances
        self.reach = np.eye(problem.arms, dtype=int) if problem.reach is None else problem.reach.astype(int)
        self.allowed = plain_check(problem.actions)
        self.observation_space = gym.spaces.MultiDiscrete([4] * problem.arms)
        self.action_space = gym.spaces.MultiBinary(problem.actions.size)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode."""
        super().reset(seed=seed)
        self.time = 0
        self.state = np.zeros(self.arms, dtype=int)
        for arm in range(self.arms):
            self.state[arm] = self.np_random.random() < START_PROBABILITY
        return self.state.copy(), {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Move every arm."""
        infeasible = not self.allowed(action)
        if infeasible:
            action = np.zeros_like(action)
        state, expected, rewards = np.zeros(self.arms, dtype=int), np.zeros(self.arms), np.zeros(self.arms)
        for arm in range(self.arms):
            p = self.chances[arm, self.reach[arm].dot(action)]
            up, down = min(self.state[arm] + 1, 3), max(self.state[arm] - 1, 0)
            expected[arm] = p * self.rewards[arm, up] + (1 - p) * self.rewards[arm, down]
            state[arm] = up if self.np_random.random() < p else down
            rewards[arm] = self.rewards[arm, state[arm]]
        self.state = state
        self.time += 1
        info = {"expected_reward": expected.sum(), "infeasible": infeasible}
        return state.copy(), rewards.sum(), False, self.time >= self.horizon, info


def tight_episode(problem: Problem, levels: list[int], uniforms: list[list[float]], doses: list[list[int]]) -> tuple[list[int], float]:
    """Play one episode arm by arm, with nothing but lists."""
    chances, rewards = problem.chances.tolist(), problem.rewards.tolist()
    total = 0.0
    for drawn, given in zip(uniforms, doses, strict=True):
        reward = expected = 0.0
        for arm, level in enumerate(levels):
            p = chances[arm][given[arm]]
            up, down = min(level + 1, 3), max(level - 1, 0)
            expected += p * rewards[arm][up] + (1.0 - p) * rewards[arm][down]
            levels[arm] = up if drawn[arm] < p else down
            reward += rewards[arm][levels[arm]]
        total += reward
        assert expected >= 0.0
    return levels, total


def batched_round(env: CormabVectorEnv, actions: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Play one episode in every slot; return last levels and returns."""
    env.reset(seed=seed)
    total = np.zeros(env.num_envs)
    for chosen in actions:
        levels, rewards, _, _, _ = env.step(chosen)
        total += rewards
    return levels, total


def plain_round(env: PlainEnv, actions: np.ndarray, seed: int) -> tuple[list[list[int]], list[float]]:
    """Play the same episodes one by one."""
    ends, totals = [], []
    for slot in range(actions.shape[1]):
        env.reset(seed=seed + slot)
        total = 0.0
        for action in actions[:, slot]:
            levels, reward, _, _, _ = env.step(action)
            total += reward
        ends.append(levels.tolist())
        totals.append(total)
    return ends, totals


def tight_round(problem: Problem, doses: np.ndarray, seed: int) -> tuple[list[list[int]], list[float]]:
    """Play the same episodes one by one, from the same numbers."""
    ends, totals = [], []
    for slot in range(doses.shape[1]):
        uniforms = np.random.default_rng(seed + slot).random((problem.horizon + 1, problem.arms))
        levels = (uniforms[0] < START_PROBABILITY).astype(int).tolist()
        end, total = tight_episode(problem, levels, uniforms[1:].tolist(), doses[:, slot].tolist())
        ends.append(end)
        totals.append(total)
    return ends, totals


def check_round(env: PlainEnv, actions: np.ndarray) -> None:
    """Check the same episodes' actions, and no more."""
    for action in actions.reshape(-1, actions.shape[-1]):
        env.allowed(action)


def best_of(play: Callable[[int], object], seconds: float) -> float:
    """Return the least CPU time of a round, at least three of them, for about `seconds`."""
    shortest, rounds, stop = float("inf"), 0, time.perf_counter() + seconds
    while rounds < 3 or time.perf_counter() < stop:
        begin = time.process_time()
        play(rounds)
        shortest, rounds = min(shortest, time.process_time() - begin), rounds + 1
    return shortest


def draw_actions(problem: Problem, width: int) -> np.ndarray:
    """Return random feasible actions, (horizon, width, N)."""
    drawn = problem.actions.sample_feasible(np.random.default_rng(0), problem.horizon * width)
    return drawn.reshape(problem.horizon, width, -1)


def time_loops(problem: Problem, seconds: float) -> tuple[float, float, float]:
    """Return microseconds a step of the plain environment, of its check alone, and of the tight loop."""
    actions = draw_actions(problem, PLAIN_EPISODES)
    doses = problem.dose(actions.reshape(-1, actions.shape[-1])).reshape(*actions.shape[:2], -1)
    env, steps = PlainEnv(problem), actions.shape[0] * actions.shape[1] / 1e6
    plain = best_of(lambda seed: plain_round(env, actions, seed), seconds) / steps
    check = best_of(lambda _: check_round(env, actions), seconds) / steps
    tight = best_of(lambda seed: tight_round(problem, doses, seed), seconds) / steps
    return plain, check, tight


def agree(problem: Problem, batch: CormabVectorEnv, actions: np.ndarray) -> None:
    """Hold all three to the same levels and rewards."""
    doses = problem.dose(actions.reshape(-1, actions.shape[-1])).reshape(*actions.shape[:2], -1)
    levels, totals = batched_round(batch, actions, 7)
    few = min(PLAIN_EPISODES, batch.num_envs)
    for ends, returns in (plain_round(PlainEnv(problem), actions[:, :few], 7), tight_round(problem, doses[:, :few], 7)):
        assert levels[:few].tolist() == ends
        np.testing.assert_allclose(totals[:few], returns)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", choices=DOMAINS, nargs="+", default=list(DOMAINS))
    parser.add_argument("--arms", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 16, 256])
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each cell")
    options = parser.parse_args()
    print("domain         arms  batch  batched  (reset)    plain  (check)  ratio    tight  ratio")
    for name in options.domains:
        for arms in options.arms:
            problem = DOMAINS[name].problem(arms, max(1, arms // 5 if arms >= 100 else arms // 4))
            plain, check, tight = time_loops(problem, options.seconds)
            for width in options.batch:
                env = DOMAINS[name].batch(width, problem=problem, autoreset_mode="Disabled")
                actions = draw_actions(problem, width)
                agree(problem, env, actions)
                steps = problem.horizon * width / 1e6
                batched = best_of(partial(batched_round, env, actions), options.seconds) / steps
                reset = best_of(lambda seed, env=env: env.reset(seed=seed), options.seconds) / steps  # type: ignore[misc]
                print(
                    f"{name:13s}  {arms:4d}  {width:5d}  {batched:7.2f}  {reset:7.2f}  {plain:7.1f}  {check:7.1f}  {plain / batched:5.1f}"
                    f"  {tight:7.1f}  {tight / batched:5.1f}"
                )


if __name__ == "__main__":
    main()
