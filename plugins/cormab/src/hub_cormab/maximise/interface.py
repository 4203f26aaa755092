"""Choosing a way of maximising, and the one-call form."""

from __future__ import annotations

from typing import Any, Literal, get_args

from numpy.typing import NDArray

from hub_cormab.maximise.answer import ActionSet, Backend, Maximum
from hub_cormab.maximise.branch import BranchBackend
from hub_cormab.maximise.mip import MipBackend
from hub_cormab.maximise.network import ReluNetwork
from hub_cormab.maximise.pyomo_model import PyomoBackend
from hub_cormab.maximise.table import TableBackend

Method = Literal["auto", "table", "branch", "mip", "pyomo"]

TABLE_LIMIT = 300_000
"""Most actions that are listed."""

SOLVER = "appsi_highs"
"""Pyomo's name of the solver that comes with this package."""


def backend(
    action_set: ActionSet,
    method: Method = "auto",
    *,
    solver: str = SOLVER,
    table_limit: int = TABLE_LIMIT,
    time_limit: float | None = None,
    gap: float = 0.0,
) -> Backend:
    """Return a maximiser over `action_set`; keep it while networks come and go.

    Args:
        action_set: the feasible actions.
        method: `"table"` tries all of them, `"branch"` searches by our own branch and bound, `"mip"` leaves the search to HiGHS,
            `"pyomo"` to `solver`; `"auto"` takes the table where there are at most `table_limit` actions, else branch and bound.
        solver: what pyomo calls the solver, for `"pyomo"`.
        table_limit: most actions that are listed.
        time_limit: seconds a decision may take; the table always finishes.
        gap: relative gap between bound and value at which a search may stop; 0 proves optimality.

    Raises:
        ValueError: `"table"` was asked for and the set is larger than `table_limit`; an unknown method; a solver that is not there.
        ModuleNotFoundError: `"pyomo"` without pyomo.
    """
    if method not in get_args(Method):
        raise ValueError(f"method must be one of {', '.join(map(repr, get_args(Method)))}, not {method!r}")
    if method in ("auto", "table"):
        actions = action_set.enumerate(table_limit)
        if actions is not None:
            return TableBackend(actions)
    if method == "table":
        raise ValueError(f"the set has more than {table_limit} actions, too many for a table; use method 'branch' or raise table_limit")
    if method == "mip":
        return MipBackend(action_set, time_limit, gap)
    if method == "pyomo":
        return PyomoBackend(action_set, solver, time_limit, gap)
    return BranchBackend(action_set, time_limit, gap)


def maximise(
    network: ReluNetwork,
    action_set: ActionSet,
    states: NDArray[Any],
    *,
    method: Method = "auto",
    solver: str = SOLVER,
    table_limit: int = TABLE_LIMIT,
    time_limit: float | None = None,
    gap: float = 0.0,
) -> Maximum:
    """Return for each of `states` (n, J) a feasible action that maximises `network`, with its value and a bound that proves it.

    Arguments and errors are those of `backend`. To ask again about the same set or network, keep `backend(...)` and its `embed(network)`.
    """
    chosen = backend(action_set, method, solver=solver, table_limit=table_limit, time_limit=time_limit, gap=gap)
    return chosen.embed(network).maximise(states)
