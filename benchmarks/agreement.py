"""Hold every way of maximising to plain enumeration on many random networks and states: more than tests have time for.

    python benchmarks/agreement.py [--pairs 200] [--arms 10]

For each domain it draws instances, networks (16 and 32 neurons as SEQUOIA has, weights of three sizes) and states, and prints the largest
difference from the true maximum, how many answers were not proved, and the largest bound minus value.
"""

from __future__ import annotations

import argparse
from itertools import pairwise

import numpy as np
from hub_cormab.maximise import Method, ReluNetwork, maximise
from hub_cormab.reproduction import DOMAINS
from hub_envs.cormab import Problem, capacity_problem, interventions_problem, matching_problem, path_problem
from rich.progress import track

STATES = 4
"""States tried with each network."""

WAYS: tuple[Method, ...] = ("table", "branch", "mip")


def draw(domain: str, instance: int, arms: int) -> Problem:
    if domain == "interventions":
        return interventions_problem(instance, arms=2 * arms, interventions=6, budget=3)
    makers = {"matching": matching_problem, "capacity": capacity_problem, "path": path_problem}
    return makers[domain](instance, arms=arms, budget=3)


def random_network(rng: np.random.Generator, actions: int, states: int) -> ReluNetwork:
    sizes = [actions + states, 16, 32, 1]
    scale = rng.choice([0.5, 1.0, 3.0])
    weights = tuple(scale * rng.normal(size=(out, into)) / np.sqrt(into) for into, out in pairwise(sizes))
    return ReluNetwork(weights, tuple(0.5 * rng.normal(size=size) for size in sizes[1:]), actions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=200, help="networks and states of each domain")
    parser.add_argument("--arms", type=int, default=10, help="arms of an instance (twice as many with interventions)")
    options = parser.parse_args()
    print("domain         way     pairs  largest difference  not proved  largest gap  infeasible")
    for domain in DOMAINS:
        worst = {way: np.zeros(4) for way in WAYS}
        for instance in track(range(options.pairs // STATES), domain, transient=True):
            rng = np.random.default_rng(instance)
            problem = draw(domain, instance, options.arms)
            network = random_network(rng, problem.actions.size, problem.arms)
            states = rng.integers(0, 4, size=(STATES, problem.arms))
            every = problem.actions.enumerate(10**6)
            assert every is not None
            truth = np.array([network.values_in(every, state).max() for state in states])
            for way in WAYS:
                answer = maximise(network, problem.actions, states, method=way)
                found = worst[way]
                found[0] = max(found[0], np.abs(answer.values - truth).max())
                found[1] += (~answer.proved).sum()
                found[2] = max(found[2], (answer.upper_bounds - answer.values).max())
                found[3] += (~problem.actions.is_feasible(answer.actions)).sum()
        for way, (difference, unproved, gap, infeasible) in worst.items():
            print(f"{domain:13s}  {way:6s}  {options.pairs:5d}  {difference:18.1e}  {unproved:10.0f}  {gap:11.1e}  {infeasible:10.0f}")


if __name__ == "__main__":
    main()
