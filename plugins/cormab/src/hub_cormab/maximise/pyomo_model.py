"""The embedding as a pyomo model, so that any solver pyomo knows can choose the action: Gurobi, CPLEX, Xpress, SCIP, CBC, ..."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_cormab.maximise.answer import ActionSet, Backend
from hub_cormab.maximise.bounds import Bounder
from hub_cormab.maximise.network import ReluNetwork
from hub_cormab.maximise.program import Program, network_program
from hub_cormab.maximise.search import ProgramEmbedding, Solved

_HIGHS = {"mip_feasibility_tolerance": 1e-8, "primal_feasibility_tolerance": 1e-8, "dual_feasibility_tolerance": 1e-8}
_GUROBI = {"IntFeasTol": 1e-9, "FeasibilityTol": 1e-9, "OptimalityTol": 1e-9}

EXACT: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "appsi_highs": ("mip_rel_gap", _HIGHS),
    "highs": ("mip_rel_gap", _HIGHS),
    "gurobi": ("MIPGap", _GUROBI),
    "gurobi_direct": ("MIPGap", _GUROBI),
    "gurobi_persistent": ("MIPGap", _GUROBI),
    "cplex": ("mip_tolerances_mipgap", {}),
    "scip": ("limits/gap", {}),
    "cbc": ("ratioGap", {}),
    "glpk": ("mipgap", {}),
}
"""What solvers call the relative gap at which they stop, and tolerances tighter than their own, without which a proof to 1e-6 can fail.

Solvers that are not here run as they are; the answer's bound says what was proved.
"""


def pyomo_model(network: ReluNetwork, actions: ActionSet, state: NDArray[Any]) -> Any:
    """Return the program `max q(a, s) over the set` as a `pyomo.environ.ConcreteModel`, to be solved or extended by hand.

    The columns are `model.x[0], model.x[1], ...`; those of the action are `model.x[c]` for c in `actions.constraints.action_columns`.
    The objective is `model.value`.

    Args:
        network: q.
        actions: the set.
        state: (J,).

    Raises:
        ModuleNotFoundError: pyomo is not installed.
    """
    part = network.state_part(state)
    return _concrete(network_program(network, actions, part, Bounder(network, actions).bound(part)))


def _concrete(program: Program) -> Any:
    import pyomo.environ as pyo
    from pyomo.core.expr.numeric_expr import LinearExpression

    rows, columns = program.matrix.shape
    model = pyo.ConcreteModel()

    def domain(_: Any, column: int) -> Any:
        return pyo.Integers if program.integer[column] else pyo.Reals

    def bounds(_: Any, column: int) -> tuple[float, float]:
        return float(program.col_lower[column]), float(program.col_upper[column])

    model.x = pyo.Var(range(columns), domain=domain, bounds=bounds)
    starts, indices, values = program.matrix.indptr, program.matrix.indices.tolist(), program.matrix.data.tolist()

    def row(_: Any, number: int) -> Any:
        inside = slice(starts[number], starts[number + 1])
        body = LinearExpression(constant=0, linear_coefs=values[inside], linear_vars=[model.x[column] for column in indices[inside]])
        lower, upper = program.row_lower[number], program.row_upper[number]
        if lower == upper:
            return body == float(lower)
        return pyo.inequality(float(lower) if np.isfinite(lower) else None, body, float(upper) if np.isfinite(upper) else None)

    model.rows = pyo.Constraint([number for number in range(rows) if starts[number + 1] > starts[number]], rule=row)
    used = np.flatnonzero(program.objective)
    model.value = pyo.Objective(
        expr=LinearExpression(
            constant=program.constant,
            linear_coefs=program.objective[used].tolist(),
            linear_vars=[model.x[column] for column in used.tolist()],
        ),
        sense=pyo.maximize,
    )
    return model


class PyomoBackend(Backend):
    """Maximises over any action set with linear constraints, by a solver that pyomo knows.

    Args:
        actions: the set.
        solver: what pyomo calls it.
        time_limit: seconds a decision may take; None sets no limit.
        gap: relative gap between bound and value at which the search may stop.

    Raises:
        ModuleNotFoundError: pyomo is not installed.
        ValueError: pyomo does not know the solver, or does not find it on this machine.
    """

    def __init__(self, actions: ActionSet, solver: str, time_limit: float | None = None, gap: float = 0.0) -> None:
        import pyomo.environ as pyo

        self._actions, self._time_limit, self._gap = actions, time_limit, gap
        self._name = solver
        known = solver in pyo.SolverFactory
        if not known or not pyo.SolverFactory(solver).available(exception_flag=False):
            raise ValueError(
                f"pyomo {'finds' if known else 'knows'} no solver {solver!r}{' on this machine' if known else ''}; choose another:"
                " `pyomo help --solvers` lists what it knows and finds, and 'appsi_highs' is always there"
            )

    def embed(self, network: ReluNetwork) -> ProgramEmbedding:
        """Compute the first layer's bounds over the set."""
        return ProgramEmbedding(network, self._actions, self._gap, self._solve)

    def _solve(self, program: Program) -> Solved:
        """Solve a program with a solver of its own: some keep state from one model to the next.

        Raises:
            ArithmeticError: the solver ended otherwise than with a solution or at its time limit.
        """
        import pyomo.environ as pyo
        from pyomo.opt import TerminationCondition

        model = _concrete(program)
        gap_option, tolerances = EXACT.get(self._name, (None, {}))
        options = dict(tolerances) if gap_option is None else {gap_option: self._gap, **tolerances}
        limit = {} if self._time_limit is None else {"timelimit": self._time_limit}
        results = pyo.SolverFactory(self._name).solve(model, load_solutions=False, options=options, **limit)
        condition = results.solver.termination_condition
        if condition not in (TerminationCondition.optimal, TerminationCondition.maxTimeLimit):
            raise ArithmeticError(f"{self._name} ended with {condition}")
        columns = None
        if len(results.solution):
            model.solutions.load_from(results)
            columns = np.array([float(model.x[column].value or 0.0) for column in range(program.matrix.shape[1])])
        bound = results.problem.upper_bound
        finished = condition == TerminationCondition.optimal
        return Solved(columns, np.inf if bound is None else float(bound), finished)
