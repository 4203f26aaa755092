"""The paper's embedding of a network in a mixed-integer program, tightened: plain arrays for any solver.

Each hidden neuron is a column h = relu(z), as Xu et al. embed it with M = 1e5 for all neurons. Here M is the neuron's own bound in this
state (`bounds`), decided neurons need no binary, nor do neurons whose growth can only lower the output: the solver itself presses those
down to relu(z).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hub_cormab.maximise.answer import ActionSet
from hub_cormab.maximise.bounds import LayerBounds, NetworkBounds
from hub_cormab.maximise.network import Array, ReluNetwork


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Program:
    """max objective . x + constant over row_lower <= matrix x <= row_upper, col_lower <= x <= col_upper, x whole where `integer`.

    Attributes:
        matrix: (R, C).
        row_lower: (R,) may hold `-inf`.
        row_upper: (R,) may hold `inf`.
        col_lower: (C,).
        col_upper: (C,).
        integer: (C,) bool.
        objective: (C,).
        constant: added to the objective.
    """

    matrix: sparse.csr_array
    row_lower: Array
    row_upper: Array
    col_lower: Array
    col_upper: Array
    integer: NDArray[np.bool_]
    objective: Array
    constant: float


def network_program(network: ReluNetwork, actions: ActionSet, part: Array, bounds: NetworkBounds) -> Program:
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

    def program(self, below: NDArray[np.int64], weight: Array, bias: float) -> Program:
        """Return the finished program, maximising weight x[below] + bias."""
        constraints = self.actions.constraints
        width = len(self.column_lower)
        own = sparse.csr_array(constraints.matrix)
        own.resize(own.shape[0], width)
        row = np.repeat(np.arange(len(self.entries)), [len(columns) for columns, _ in self.entries])
        column = np.concatenate([columns for columns, _ in self.entries] or [np.zeros(0, dtype=np.int64)])
        value = np.concatenate([coefficients for _, coefficients in self.entries] or [np.zeros(0)])
        grown = sparse.csr_array((value, (row, column)), shape=(len(self.entries), width))
        objective = np.zeros(width)
        objective[below] = weight
        return Program(
            matrix=sparse.csr_array(sparse.vstack([own, grown], format="csr")),
            row_lower=np.concatenate([constraints.row_lower, self.row_lower]),
            row_upper=np.concatenate([constraints.row_upper, self.row_upper]),
            col_lower=np.array(self.column_lower),
            col_upper=np.array(self.column_upper),
            integer=np.array(self.integer, dtype=np.bool_),
            objective=objective,
            constant=bias,
        )
