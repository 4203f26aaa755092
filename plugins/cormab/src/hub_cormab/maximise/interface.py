"""Choosing a way of maximising, and the one-call form."""

from __future__ import annotations

from typing import Any, Literal

from numpy.typing import NDArray

from hub_cormab.maximise.answer import ActionSet, Backend, Maximum
from hub_cormab.maximise.mip import MipBackend
from hub_cormab.maximise.network import ReluNetwork
from hub_cormab.maximise.table import TableBackend

Method = Literal["auto", "table", "mip"]

TABLE_LIMIT = 300_000
"""Most actions that are listed."""


def backend(
    action_set: ActionSet, method: Method = "auto", *, table_limit: int = TABLE_LIMIT, time_limit: float | None = None, gap: float = 0.0
) -> Backend:
    """Return a maximiser over `action_set`; keep it while networks come and go.

    Args:
        action_set: the feasible actions.
        method: `"table"` lists them, `"mip"` embeds the network in an integer program, `"auto"` lists them when there are at most
            `table_limit`.
        table_limit: most actions that are listed.
        time_limit: seconds a decision of the integer program may take; the table always finishes.
        gap: relative gap at which the integer program may stop; 0 proves optimality.

    Raises:
        ValueError: `"table"` was asked for and the set is larger than `table_limit`, or an unknown method.
    """
    if method not in ("auto", "table", "mip"):
        raise ValueError(f"method must be 'auto', 'table' or 'mip', not {method!r}")
    actions = action_set.enumerate(table_limit) if method != "mip" else None
    if actions is not None:
        return TableBackend(actions)
    if method == "table":
        raise ValueError(f"the set has more than {table_limit} actions, too many for a table; use method 'mip' or raise table_limit")
    return MipBackend(action_set, time_limit, gap)


def maximise(
    network: ReluNetwork,
    action_set: ActionSet,
    states: NDArray[Any],
    *,
    method: Method = "auto",
    table_limit: int = TABLE_LIMIT,
    time_limit: float | None = None,
    gap: float = 0.0,
) -> Maximum:
    """Return for each of `states` (n, J) a feasible action that maximises `network`, with its value and a bound that proves it.

    Arguments and errors are those of `backend`. To ask again about the same set or network, keep `backend(...)` and its `embed(network)`.
    """
    return backend(action_set, method, table_limit=table_limit, time_limit=time_limit, gap=gap).embed(network).maximise(states)
