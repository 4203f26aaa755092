"""The linear relaxation of a network over an action set, kept in one HiGHS solver from state to state and from node to node.

Columns are the action set's own, then z and h of each hidden layer: z = W x + b as equality rows, h >= z and h >= 0 as the floor,
h <= k (z - lower) with k = upper / (upper - lower) as the chord above. A state changes right-hand sides and chords; a node of the search
changes column bounds and the floors of the neurons that it switches on, which is what a dual simplex takes up fastest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hub_cormab.maximise.bounds import NetworkBounds
from hub_cormab.maximise.network import Array, ReluNetwork

if TYPE_CHECKING:
    from hub_envs.cormab.constraints import Cuts, LinearConstraints

OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "solver": "simplex",
    "presolve": "off",
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}


@dataclass(frozen=True, eq=False)
class Box:
    """A node of the search: bounds of all columns, and which neurons are switched on.

    Attributes:
        lower: of each column, (C,).
        upper: of each column, (C,).
        on: (neurons,) True where h = z is imposed.
    """

    lower: Array
    upper: Array
    on: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Point:
    """An optimum of the relaxation in a box.

    Attributes:
        bound: its objective: no feasible action in the box has a greater value.
        columns: of the action set, (C,).
        pre: z of all neurons, first layer first, (neurons,).
        post: h of all neurons, (neurons,).
    """

    bound: float
    columns: Array
    pre: Array
    post: Array


class Relaxation:
    """One network over one action set: `enter` a state, then `solve` boxes.

    Args:
        network: the network.
        program: the action set's linear constraints; integrality is the search's affair.
    """

    def __init__(self, network: ReluNetwork, program: LinearConstraints) -> None:
        sizes = [len(weight) for weight in network.weights[:-1]]
        self.neurons, self.own = sum(sizes), program.matrix.shape[1]
        self.pre, self.post = self.own + np.arange(2 * self.neurons).reshape(2, self.neurons)
        self._first_layer = sizes[0] if sizes else 0
        self._wire(network, program, sizes)
        self._kept_rows = self._solver.getNumRow()
        self._on = np.zeros(self.neurons, dtype=np.bool_)
        self._slope = np.full(self.neurons, np.nan)
        self._rise = self._slope.copy()

    def _wire(self, network: ReluNetwork, program: LinearConstraints, sizes: Sequence[int]) -> None:
        width = self.own + 2 * self.neurons
        z, h = (sparse.eye_array(self.neurons, width, k=int(first), format="csr") for first in (self.own, self.own + self.neurons))
        inputs = sparse.lil_array((self.neurons, width))
        start, below = 0, program.action_columns
        for size, weight in zip(sizes, (network.action_weights, *network.weights[1:-1]), strict=False):
            inputs[start : start + size, below] = weight
            below, start = self.post[start : start + size], start + size
        own = sparse.csr_array(program.matrix)
        own.resize(own.shape[0], width)
        self._equal, self._floor, self._chord = own.shape[0] + np.arange(3 * self.neurons).reshape(3, self.neurons)
        biases = np.concatenate([np.zeros(0), *network.biases[:-1]])
        neurons, endless = np.zeros(self.neurons), np.full(self.neurons, np.inf)
        cost = np.zeros(width)
        cost[below] = network.weights[-1][0] if sizes else network.action_weights[0]
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = own.shape[0] + 3 * self.neurons, width
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_, model.offset_ = cost, float(network.biases[-1][0])
        model.col_lower_ = np.concatenate([program.col_lower, neurons, neurons])
        model.col_upper_ = np.concatenate([program.col_upper, neurons, neurons])
        model.row_lower_ = np.concatenate([program.row_lower, biases, neurons, -endless])
        model.row_upper_ = np.concatenate([program.row_upper, biases, endless, neurons])
        matrix = sparse.csr_array(sparse.vstack([own, z - inputs, h - z, h - z], format="csr"))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, setting in OPTIONS.items():
            self._solver.setOptionValue(option, setting)
        self._solver.passModel(model)
        self._limits = program.col_lower, program.col_upper
        self._columns = np.arange(width, dtype=np.int32)

    def add(self, cuts: Cuts) -> None:
        """Add rows; they go when another state is entered."""
        rows = sparse.csr_array(cuts.matrix)
        starts, indices = rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32)
        self._solver.addRows(len(starts), cuts.lower, np.full(len(starts), np.inf), rows.nnz, starts, indices, rows.data)

    def enter(self, part: Array, bounds: NetworkBounds) -> Box:
        """Take up the state that adds `part` to the first layer, and return the box of everything that `bounds` allow.

        The solver forgets what it learned in other states: a state's answer is its own, whatever was asked before.
        """
        lower = np.concatenate([np.zeros(0), *[layer.lower for layer in bounds.layers]])
        upper = np.concatenate([np.zeros(0), *[layer.upper for layer in bounds.layers]])
        added = np.arange(self._kept_rows, self._solver.getNumRow(), dtype=np.int32)
        if added.size:
            self._solver.deleteRows(len(added), added)
        if not self.neurons:
            self._solver.changeObjectiveOffset(float(part[0]))
        for row, value in zip(self._equal[: self._first_layer].tolist(), part.tolist(), strict=False):
            self._solver.changeRowBounds(row, value, value)
        undecided = (lower < 0) & (upper > 0)
        slope = np.where(undecided, upper / np.where(undecided, upper - lower, 1.0), (upper > 0).astype(np.float64))
        rise = np.where(undecided, -slope * lower, 0.0)
        for row, column, k, most in zip(self._chord.tolist(), self.pre.tolist(), slope.tolist(), rise.tolist(), strict=True):
            self._solver.changeCoeff(row, column, -k)
            self._solver.changeRowBounds(row, -np.inf, most)
        self._solver.clearSolver()
        return Box(
            np.concatenate([self._limits[0], lower, np.zeros(self.neurons)]),
            np.concatenate([self._limits[1], upper, np.maximum(upper, 0.0)]),
            lower >= 0,
        )

    def switch(self, box: Box, neuron: int) -> list[Box]:
        """Return the boxes in which a neuron is on (z >= 0, h = z) and off (z <= 0, h = 0)."""
        lower, upper, on = box.lower.copy(), box.upper.copy(), box.on.copy()
        lower[self.pre[neuron]], on[neuron] = 0.0, True
        upper[[self.pre[neuron], self.post[neuron]]] = 0.0
        return [Box(lower, box.upper, on), Box(box.lower, upper, box.on)]

    def solve(self, box: Box) -> Point | None:
        """Return the relaxation's optimum in `box`; None when nothing is in it.

        Raises:
            ArithmeticError: the solver gave up.
        """
        self._solver.changeColsBounds(len(self._columns), self._columns, box.lower, box.upper)
        for neuron in np.flatnonzero(self._on != box.on):
            self._solver.changeRowBounds(int(self._floor[neuron]), 0.0, 0.0 if box.on[neuron] else np.inf)
        self._on = box.on
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"HiGHS ended with {self._solver.modelStatusToString(status)}")
        x = np.array(self._solver.getSolution().col_value)
        return Point(float(self._solver.getInfo().objective_function_value), x[: self.own], x[self.pre], x[self.post])
