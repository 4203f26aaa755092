"""Milliseconds a decision: exact ways of choosing SEQUOIA's action beside the released formulation, state for state in one run.

    python benchmarks/maximiser.py [--domains matching capacity path interventions] [--arms 20 40 100] [--states 3] [--time-limit 60]

- table: every feasible action evaluated, where at most 300,000 are (`hub_cormab.maximise`, method "table").
- branch: our branch and bound over one warm linear program (method "branch").
- mip: tight bounds, few binaries, HiGHS's branch and cut (method "mip").
- released: one binary for each hidden neuron with M = 1e5, z = x - y, x <= M (1 - d), y <= M d, and the released variables of the action
  set (a binary for each possible meeting, each worker and arm, each edge and moment); rebuilt for every decision and solved by the same
  HiGHS, to proof and to the released gap of 2 %. The released path program lets loops stand for visits, so its optimum may be no walk at
  all: its time is that of another, easier problem.

The network of each instance is SEQUOIA's after `--train-steps` steps (0: its warm start), the states are those of its own greedy play. CPU
time of one thread. `*` marks medians over decisions of which some ended without a proof: at the time limit, or because the solver takes
the program with M = 1e5 for infeasible; "missed" is the true maximum less the value found, at worst, over the decisions proved by ours.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import highspy
import numpy as np
import torch
from hub_cormab.maximise import BranchBackend, Embedding, ReluNetwork, backend
from hub_cormab.reproduction import DOMAINS, SIZES
from hub_cormab.sequoia import train_q_network
from hub_cormab.settings import HUB
from hub_cormab.training import climbing
from hub_envs.cormab import CapacityActions, LinearConstraints, MatchingActions, PathActions, Problem
from rich.console import Console
from rich.table import Table
from scipy import sparse

from hub.environments import describe
from hub.training import Training

BIG_M = 1e5

INSTANCE = 1000
"""No board and no reproduction uses it."""


def released_program(network: ReluNetwork, constraints: LinearConstraints, state: np.ndarray) -> highspy.HighsLp:
    """Build the released formulation: for each neuron columns x, y >= 0 and a binary d, with x - y = z."""
    own = constraints.matrix.shape[1]
    hidden = network.weights[:-1]
    width = own + 3 * sum(len(weight) for weight in hidden)
    rows, lower, upper = [], [constraints.row_lower], [constraints.row_upper]
    first, below, part = own, constraints.action_columns, network.state_part(state)
    binary, top = np.zeros(width, dtype=bool), np.full(width, np.inf)
    binary[:own], top[:own] = constraints.integrality > 0, constraints.col_upper
    for layer, weight in enumerate(hidden):
        size = len(weight)
        x, y, d = (np.arange(first + k * size, first + (k + 1) * size) for k in range(3))
        used = network.action_weights if layer == 0 else weight
        shift = part if layer == 0 else network.biases[layer]
        equal, on, off = np.zeros((size, width)), np.zeros((size, width)), np.zeros((size, width))
        each = np.arange(size)
        equal[:, below] = -used
        equal[each, x], equal[each, y] = 1.0, -1.0
        on[each, x], on[each, d] = 1.0, BIG_M
        off[each, y], off[each, d] = 1.0, -BIG_M
        rows += [equal, on, off]
        lower += [shift, np.full(2 * size, -np.inf)]
        upper += [shift, np.full(size, BIG_M), np.zeros(size)]
        binary[d], top[d] = True, 1.0
        first, below = first + 3 * size, x
    matrix = sparse.csr_array(constraints.matrix)
    matrix.resize(matrix.shape[0], width)
    matrix = sparse.csr_array(sparse.vstack([matrix, *map(sparse.csr_array, rows)], format="csr"))
    cost = np.zeros(width)
    cost[below] = network.weights[-1][0]
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.offset_ = cost, float(network.biases[-1][0])
    model.col_lower_, model.col_upper_ = np.zeros(width), top
    model.integrality_ = [highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous for whole in binary]
    model.row_lower_, model.row_upper_ = np.concatenate(lower), np.concatenate(upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    return model


def released_constraints(problem: Problem) -> LinearConstraints:
    """Return the released variables and rows of the problem's action set."""
    actions = problem.actions
    if isinstance(actions, MatchingActions | CapacityActions):
        return actions.assignment_constraints()
    return unrolled_walk(actions) if isinstance(actions, PathActions) else actions.constraints


def unrolled_walk(actions: PathActions) -> LinearConstraints:
    """Return the released walk: a binary for each arc and moment, loops included, which the one-arc-a-moment row does not count."""
    arms, edges = actions.network.arms, actions.network.edges
    start = np.concatenate([edges[:, 0], edges[:, 1], np.arange(arms)])
    end = np.concatenate([edges[:, 1], edges[:, 0], np.arange(arms)])
    arcs, moments = len(start), actions.length
    leaves = sparse.csr_array((np.ones(arcs), (start, np.arange(arcs))), shape=(arms, arcs))
    enters = sparse.csr_array((np.ones(arcs), (end, np.arange(arcs))), shape=(arms, arcs))
    source = actions.network.source
    real = sparse.csr_array((start != end).astype(float)[None])
    first, last = np.eye(moments)[:1], np.eye(moments)[-1:]
    onward = sparse.kron(sparse.eye_array(moments - 1, moments), enters) - sparse.kron(sparse.eye_array(moments - 1, moments, k=1), leaves)
    blocks = [
        [None, sparse.kron(sparse.eye_array(moments), real)],
        [None, onward],
        [None, sparse.kron(first, leaves[[source]])],
        [None, sparse.kron(last, enters[[source]])],
        [sparse.eye_array(arms), -sparse.kron(np.ones((1, moments)), enters)],
        [sparse.csr_array(np.ones((1, arms))), None],
    ]
    matrix = sparse.csr_array(sparse.block_array(blocks, format="csr"))
    balanced = arms * (moments - 1)
    width = arms + arcs * moments
    return LinearConstraints(
        matrix=matrix,
        row_lower=np.concatenate([np.full(moments, -np.inf), np.zeros(balanced), [1.0, 1.0], np.full(arms + 1, -np.inf)]),
        row_upper=np.concatenate([np.ones(moments), np.zeros(balanced), [1.0, 1.0], np.zeros(arms), [actions.budget]]),
        col_lower=np.zeros(width),
        col_upper=np.ones(width),
        integrality=np.ones(width, dtype=np.uint8),
        action_columns=np.arange(arms),
    )


@dataclass(frozen=True)
class Decision:
    """One decision of one way: CPU milliseconds, the network's value at the action, and whether it was proved."""

    ms: float
    value: float
    proved: bool


def released(network: ReluNetwork, problem: Problem, gap: float, limit: float, state: np.ndarray) -> tuple[float, bool]:
    """Rebuild and solve the released formulation."""
    constraints = released_constraints(problem)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, setting in {"output_flag": False, "threads": 1, "mip_rel_gap": gap, "time_limit": limit}.items():
        solver.setOptionValue(option, setting)
    solver.passModel(released_program(network, constraints, state))
    solver.run()
    found = solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    columns = np.array(solver.getSolution().col_value) if found else np.zeros(len(constraints.col_lower))
    action = np.rint(columns[constraints.action_columns])
    return float(network.values_in(action[None], state)[0]), solver.getModelStatus() == highspy.HighsModelStatus.kOptimal


def ours(embedding: Embedding, state: np.ndarray) -> tuple[float, bool]:
    """Return the best value found and whether it was proved."""
    _, value, _, status = embedding.maximise_one(state)
    return value, status == "optimal"


def timed(decide: Callable[[np.ndarray], tuple[float, bool]], state: np.ndarray) -> Decision:
    """Time one decision."""
    start = time.process_time()
    value, proved = decide(state)
    return Decision(1e3 * (time.process_time() - start), value, proved)


def trained(domain: str, arms: int, steps: int) -> tuple[Problem, ReluNetwork]:
    """Return an instance and SEQUOIA's network for it."""
    budget = SIZES[arms]
    sizes = {"instance": INSTANCE, "arms": arms, "budget": budget} | ({"interventions": 2 * budget} if domain == "interventions" else {})
    task = describe(f"cormab-{domain}", sizes)
    problem: Problem = task.model
    network = train_q_network(problem, Training(task, steps=steps), HUB, climbing(problem.actions), 0)
    return problem, network.relu_network()


def met_states(problem: Problem, embedding: Embedding, count: int) -> np.ndarray:
    """Return states that greedy play meets, spread over an episode."""
    rng = np.random.default_rng(INSTANCE)
    states = (rng.random((1, problem.arms)) < 0.2).astype(np.int64)
    met = []
    for step in range(problem.horizon):
        met.append(states[0])
        action = embedding.maximise_one(states[0])[0]
        states = problem.step(states, action[None], rng.random(states.shape)).levels
        if step >= 3 * count:
            break
    return np.array(met[1::3][:count])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", nargs="+", default=list(DOMAINS), choices=DOMAINS)
    parser.add_argument("--arms", nargs="+", type=int, default=[20], choices=list(SIZES))
    parser.add_argument("--states", type=int, default=3, help="decisions timed for each instance")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds a decision may take, ours or released")
    parser.add_argument("--train-steps", type=int, default=2000, help="steps that each network trains for")
    parser.add_argument("--skip", nargs="*", default=[], choices=["mip", "released"], help="ways to leave out")
    options = parser.parse_args()
    torch.set_num_threads(1)
    shown = Table("problem", "arms", "way", "median ms", "worst ms", "x branch", "missed", title="CPU of one thread")
    for domain in options.domains:
        for arms in options.arms:
            problem, network = trained(domain, arms, options.train_steps)
            branch = BranchBackend(problem.actions, options.time_limit).embed(network)
            ways: dict[str, Callable[[np.ndarray], tuple[float, bool]]] = {"branch": partial(ours, branch)}
            if problem.actions.enumerate(300_000) is not None:
                ways = {"table": partial(ours, backend(problem.actions, "table").embed(network)), **ways}
            if "mip" not in options.skip:
                ways["mip"] = partial(ours, backend(problem.actions, "mip", time_limit=options.time_limit).embed(network))
            if "released" not in options.skip:
                for name, gap in (("released, to proof", 0.0), ("released, gap 2 %", 0.02)):
                    ways[name] = partial(released, network, problem, gap, options.time_limit)
            states = met_states(problem, branch, options.states)
            made = {name: [timed(way, state) for state in states] for name, way in ways.items()}
            base = statistics.median(decision.ms for decision in made["branch"])
            for name, decisions in made.items():
                missed = [best.value - own.value for best, own in zip(made["branch"], decisions, strict=True) if best.proved]
                mark = "" if all(decision.proved for decision in decisions) else "*"
                median = statistics.median(decision.ms for decision in decisions)
                shown.add_row(
                    domain,
                    str(arms),
                    name,
                    f"{median:.2f}{mark}",
                    f"{max(decision.ms for decision in decisions):.2f}",
                    f"{median / base:.2f}",
                    f"{max(missed):.1e}" if missed else "?",
                )
    Console(width=110).print(shown)


if __name__ == "__main__":
    main()
