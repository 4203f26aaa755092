"""Exact maximisation by mixed-integer programming with HiGHS: the paper's embedding, tightened.

Each hidden neuron is a column h = relu(z), as Xu et al. embed it with M = 1e5 for all neurons. Here M is the neuron's own bound in this
state (`bounds`), decided neurons need no binary, nor do neurons whose growth can only lower the output: the solver itself presses those
down to relu(z).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hub_cormab.maximise.answer import GAP, ActionSet, Backend, Embedding, Status
from hub_cormab.maximise.bounds import Bounder, LayerBounds, NetworkBounds
from hub_cormab.maximise.local_search import climb
from hub_cormab.maximise.network import Array, ReluNetwork

OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_abs_gap": 1e-9,
    "mip_feasibility_tolerance": 1e-8,
    "primal_feasibility_tolerance": 1e-8,
    "dual_feasibility_tolerance": 1e-8,
}


class MipBackend(Backend):
    """Maximises over any action set with linear constraints.

    Args:
        actions: the set.
        time_limit: seconds a decision may take; None sets no limit. With a limit, answers can differ from machine to machine.
        gap: relative gap between bound and value at which the search may stop; 0 goes on to the proof.
    """

    def __init__(self, actions: ActionSet, time_limit: float | None = None, gap: float = 0.0) -> None:
        self._actions = actions
        self._options: dict[str, bool | int | float | str] = {**OPTIONS, "mip_rel_gap": gap}
        if time_limit is not None:
            self._options["time_limit"] = time_limit

    def embed(self, network: ReluNetwork) -> MipEmbedding:
        """Compute the first layer's bounds over the set."""
        if network.action_size != self._actions.size:
            raise ValueError(f"the network takes actions of length {network.action_size}, the set's have {self._actions.size}")
        return MipEmbedding(network, self._actions, self._options)


class MipEmbedding(Embedding):
    """One network over one action set."""

    def __init__(self, network: ReluNetwork, actions: ActionSet, options: dict[str, bool | int | float | str]) -> None:
        super().__init__(network)
        self._actions = actions
        self._bounder = Bounder(network, actions)
        self._options = options

    def maximise_one(self, state: NDArray[Any]) -> tuple[NDArray[np.int8], float, float, Status]:
        """Build and solve the program for `state` (J,)."""
        part = self.network.state_part(state)
        bounds = self._bounder.bound(part)
        guess = climb(self.network, self._actions, state, self._actions.maximise_linear(bounds.ceiling[None])[0])
        floor = float(self.network.values_in(guess[None], state)[0])
        if bounds.output.upper[0] - floor <= GAP:
            return guess, floor, max(floor, float(bounds.output.upper[0])), "optimal"
        columns, bound, finished = self._solve(part, bounds)
        action, value = guess, floor
        if columns is not None:
            found = np.rint(columns[self._actions.constraints.action_columns]).astype(np.int8)
            reached = float(self.network.values_in(found[None], state)[0])
            if reached > value:
                action, value = found, reached
        bound = max(value, min(bound, float(bounds.output.upper[0])))
        if bound - value <= GAP:
            return action, value, bound, "optimal"
        return action, value, bound, "tolerance" if finished else "time limit"

    def _solve(self, part: Array, bounds: NetworkBounds) -> tuple[Array | None, float, bool]:
        """Return the best columns found, an upper bound, and whether the search finished.

        The program always has a solution. When presolve's arithmetic denies it, the search runs once more without presolve; should that
        fail too, the propagated bound stands and the answer counts as unproved.
        """
        program = network_program(self.network, self._actions, part, bounds)
        for presolve in ("choose", "off"):
            solver = highspy.Highs()  # type: ignore[no-untyped-call]
            for option, setting in {**self._options, "presolve": presolve}.items():
                solver.setOptionValue(option, setting)
            solver.passModel(program)
            solver.run()
            status, info = solver.getModelStatus(), solver.getInfo()
            if status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit):
                found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
                columns = np.array(solver.getSolution().col_value) if found else None
                return columns, float(info.mip_dual_bound), status == highspy.HighsModelStatus.kOptimal
        return None, float(bounds.output.upper[0]), True


def network_program(network: ReluNetwork, actions: ActionSet, part: Array, bounds: NetworkBounds) -> highspy.HighsLp:
    """Return the program `max q(a, s) over the set`; its first columns are the set's own.

    Args:
        network: q.
        actions: the set.
        part: (h,) what the state adds to the first layer (`ReluNetwork.state_part`).
        bounds: of all layers in that state.
    """
    rows = _Rows(actions)
    below, weight, bias = actions.constraints.action_columns, network.action_weights, part
    for layer, (limits, effect) in enumerate(zip(bounds.layers, effects(network, bounds), strict=True)):
        below = rows.add_layer(below, weight, bias, limits, effect)
        weight, bias = network.weights[layer + 1], network.biases[layer + 1]
    return rows.program(below, weight[0], float(bias[0]))


def effects(network: ReluNetwork, bounds: NetworkBounds) -> list[NDArray[np.int8]]:
    """Say for each hidden neuron how the output moves when the neuron grows: 1 never down, -1 never up, 0 unknown or both ways."""
    sign = np.sign(network.weights[-1])
    answer = [sign[0].astype(np.int8)]
    for layer in range(len(bounds.layers) - 1, 0, -1):
        alive = bounds.layers[layer].upper > 0
        paths = np.sign(network.weights[layer][alive]) * answer[0][alive, None]
        unknown = ((answer[0][alive, None] == 0) & (network.weights[layer][alive] != 0)).any(axis=0)
        up, down = (paths >= 0).all(axis=0), (paths <= 0).all(axis=0)
        answer.insert(0, np.where(unknown | (up == down), 0, np.where(up, 1, -1)).astype(np.int8))
    return answer


@dataclass
class _Rows:
    """The program as it grows: columns with bounds, and rows `lower <= x <= upper` as sparse triplets."""

    actions: ActionSet
    column_lower: list[float] = field(init=False)
    column_upper: list[float] = field(init=False)
    integer: list[bool] = field(init=False)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    entries: list[tuple[NDArray[np.int64], Array]] = field(default_factory=list)

    def __post_init__(self) -> None:
        constraints = self.actions.constraints
        self.column_lower, self.column_upper = constraints.col_lower.tolist(), constraints.col_upper.tolist()
        self.integer = (constraints.integrality > 0).tolist()

    def add_layer(
        self, below: NDArray[np.int64], weight: Array, bias: Array, limits: LayerBounds, effect: NDArray[np.int8]
    ) -> NDArray[np.int64]:
        """Add columns h = relu(weight x[below] + bias) and return their numbers."""
        first = len(self.column_lower)
        for upper in np.maximum(limits.upper, 0.0):
            self._column(float(upper))
        for neuron, (lower, upper) in enumerate(zip(limits.lower, limits.upper, strict=True)):
            if upper > 0:
                row = np.append(below, first + neuron), np.append(-weight[neuron], 1.0)
                self._neuron(row, float(bias[neuron]), (float(lower), float(upper)), int(effect[neuron]))
        return np.arange(first, first + len(weight))

    def _neuron(self, row: tuple[NDArray[np.int64], Array], bias: float, limits: tuple[float, float], effect: int) -> None:
        """Tie h to z, given the `row` of h - (z - bias), whose last column is h."""
        columns, coefficients = row
        lower, upper = limits
        if lower >= 0:
            self._row(columns, coefficients, bias, bias)
            return
        if effect <= 0:
            self._row(columns, coefficients, bias, np.inf)
        if effect >= 0:
            on = self._column(1.0, integer=True)
            self._row(np.append(columns, on), np.append(coefficients, -lower), -np.inf, bias - lower)
            self._row(np.array([columns[-1], on]), np.array([1.0, -upper]), -np.inf, 0.0)

    def _column(self, upper: float, integer: bool = False) -> int:
        self.column_lower.append(0.0)
        self.column_upper.append(upper)
        self.integer.append(integer)
        return len(self.integer) - 1

    def _row(self, columns: NDArray[np.int64], coefficients: Array, lower: float, upper: float) -> None:
        self.entries.append((columns, coefficients))
        self.row_lower.append(lower)
        self.row_upper.append(upper)

    def program(self, below: NDArray[np.int64], weight: Array, bias: float) -> highspy.HighsLp:
        """Return the finished program, maximising weight x[below] + bias."""
        constraints = self.actions.constraints
        width = len(self.column_lower)
        own = sparse.csr_array(constraints.matrix)
        own.resize(own.shape[0], width)
        row = np.repeat(np.arange(len(self.entries)), [len(columns) for columns, _ in self.entries])
        column = np.concatenate([columns for columns, _ in self.entries] or [np.zeros(0, dtype=np.int64)])
        value = np.concatenate([coefficients for _, coefficients in self.entries] or [np.zeros(0)])
        grown = sparse.csr_array((value, (row, column)), shape=(len(self.entries), width))
        matrix = sparse.csr_array(sparse.vstack([own, grown], format="csr"))
        objective = np.zeros(width)
        objective[below] = weight
        return _highs_model(
            matrix,
            np.concatenate([constraints.row_lower, self.row_lower]),
            np.concatenate([constraints.row_upper, self.row_upper]),
            (np.array(self.column_lower), np.array(self.column_upper), np.array(self.integer)),
            (objective, bias),
        )


def _highs_model(
    matrix: sparse.csr_array,
    row_lower: Array,
    row_upper: Array,
    columns: tuple[Array, Array, NDArray[np.bool_]],
    objective: tuple[Array, float],
) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.offset_ = objective
    model.col_lower_, model.col_upper_, integer = columns
    model.integrality_ = [highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous for whole in integer]
    model.row_lower_, model.row_upper_ = row_lower, row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    return model
