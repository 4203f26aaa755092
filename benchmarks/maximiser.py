"""Milliseconds a decision: three exact ways of choosing SEQUOIA's action, and the released formulation rebuilt, state for state in one run.

    python benchmarks/maximiser.py [--instances 2] [--states 4] [--time-limit 60]

- table: every feasible action evaluated (`hub_cormab.maximise`, method "table").
- program: tight bounds, few binaries, Hall rows over the action columns (method "mip"), solved to proof by HiGHS.
- released: one binary for each hidden neuron with M = 1e5, z = x - y, x <= M (1 - d), y <= M d, and a binary for each possible meeting of
  worker, arm and slot; rebuilt for every decision and solved by the same HiGHS, once to proof and once to the released gap of 2 %.

The networks are SEQUOIA's warm starts (fitted to expected one-step rewards), the states random. CPU time of one thread. A `*` marks
a median over decisions of which some ended without a solution: at the time limit, or because the solver's arithmetic takes the program with
M = 1e5 for infeasible; the zero action is then what the shortfall (true maximum less value found) is measured at.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time
from collections.abc import Callable
from functools import partial

import highspy
import numpy as np
import torch
from hub_cormab.maximise import Embedding, ReluNetwork, backend
from hub_cormab.pretraining import strategic_data, warm_start
from hub_cormab.qnetwork import QNetwork
from hub_cormab.settings import HUB
from hub_envs.cormab import LinearConstraints, MatchingActions, Problem, matching_problem
from rich.console import Console
from rich.table import Table
from scipy import sparse

BIG_M = 1e5


def released_model(network: ReluNetwork, constraints: LinearConstraints, state: np.ndarray) -> highspy.HighsLp:
    """Build the released formulation: for each neuron columns x, y >= 0 and a binary d, with x - y = z."""
    own = constraints.matrix.shape[1]
    hidden = network.weights[:-1]
    width = own + 3 * sum(len(weight) for weight in hidden)
    rows, lower, upper = [], [constraints.row_lower], [constraints.row_upper]
    first, below, part = own, constraints.action_columns, network.state_part(state)
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
        first, below = first + 3 * size, x
    matrix = sparse.csr_array(constraints.matrix)
    matrix.resize(matrix.shape[0], width)
    matrix = sparse.csr_array(sparse.vstack([matrix, *map(sparse.csr_array, rows)], format="csr"))
    binary = np.zeros(width, dtype=bool)
    binary[:own] = constraints.integrality > 0
    top = np.full(width, np.inf)
    top[:own] = constraints.col_upper
    start = own
    for weight in hidden:
        binary[start + 2 * len(weight) : start + 3 * len(weight)] = True
        top[start + 2 * len(weight) : start + 3 * len(weight)] = 1.0
        start += 3 * len(weight)
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


def solve_released(network: ReluNetwork, actions: MatchingActions, state: np.ndarray, gap: float, limit: float) -> tuple[float, bool]:
    """Return the value at the rounded action, and whether the search ended within the limit."""
    constraints = actions.assignment_constraints()
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, setting in {"output_flag": False, "threads": 1, "mip_rel_gap": gap, "time_limit": limit}.items():
        solver.setOptionValue(option, setting)
    solver.passModel(released_model(network, constraints, state))
    solver.run()
    columns = np.array(solver.getSolution().col_value)
    found = solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    action = np.rint(columns[constraints.action_columns]) if found else np.zeros(actions.size)
    return float(network.values_in(action[None], state)[0]), solver.getModelStatus() == highspy.HighsModelStatus.kOptimal


def solve_exactly(embedding: Embedding, state: np.ndarray) -> tuple[float, bool]:
    """Return the maximum and that it was proved."""
    _, value, _, status = embedding.maximise_one(state)
    return value, status == "optimal"


def warm_network(problem: Problem, seed: int) -> ReluNetwork:
    """Return SEQUOIA's network before its loop."""
    rng = np.random.default_rng(seed)
    network = QNetwork(problem.actions.size, problem.arms, generator=torch.Generator().manual_seed(seed))
    short = dataclasses.replace(HUB, pretrain_epochs=5, fresh_actions=10)
    warm_start(network, strategic_data(problem, rng, short.fresh_actions), short, rng)
    return network.relu_network()


def timed(decide: Callable[[], tuple[float, bool]]) -> tuple[float, float, bool]:
    """Return CPU milliseconds, value and whether the decision was finished."""
    start = time.process_time()
    value, finished = decide()
    return 1e3 * (time.process_time() - start), value, finished


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=2, help="instances of cormab/Matching-v0 with 20 arms, from number 1000 on")
    parser.add_argument("--states", type=int, default=4, help="random states of each instance")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds a released decision may take")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    table = Table(
        "instance", "actions", "way", "median ms", "x table", "x program", "worst shortfall", title="20 arms, 5 workers; CPU, one thread"
    )
    for instance in range(1000, 1000 + arguments.instances):
        problem = matching_problem(instance)
        actions = problem.actions
        assert isinstance(actions, MatchingActions)
        network = warm_network(problem, instance)
        listed, program = backend(actions, "table").embed(network), backend(actions, "mip").embed(network)
        states = np.random.default_rng(instance).integers(0, 4, size=(arguments.states, problem.arms))
        listed.maximise(states[:1])
        runs: dict[str, list[tuple[float, float, bool]]] = {"table": [], "program": [], "released, gap 0": [], "released, gap 2 %": []}
        for state in states:
            for name, way in (("table", listed), ("program", program)):
                runs[name].append(timed(partial(solve_exactly, way, state)))
            for name, gap in (("released, gap 0", 0.0), ("released, gap 2 %", 0.02)):
                runs[name].append(timed(partial(solve_released, network, actions, state, gap, arguments.time_limit)))
        medians = {name: statistics.median(run[0] for run in rows) for name, rows in runs.items()}
        best = np.array([run[1] for run in runs["table"]])
        every = actions.enumerate(10**6)
        size = 0 if every is None else len(every)
        for name, rows in runs.items():
            mark = "" if all(run[2] for run in rows) else "*"
            shortfall = float((best - np.array([run[1] for run in rows])).max())
            table.add_row(
                str(instance),
                str(size),
                name,
                f"{medians[name]:.2f}{mark}",
                f"{medians[name] / medians['table']:.0f}",
                f"{medians[name] / medians['program']:.2f}",
                f"{shortfall:.1e}",
            )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
