"""Exact maximisation of a small ReLU network over a set of 0/1 actions, with a certificate for every answer.

Usable on its own:

    from hub_cormab.maximise import ReluNetwork, maximise
    answer = maximise(network, problem.actions, states)
    answer.actions, answer.values, answer.upper_bounds, answer.status
"""

from hub_cormab.maximise.answer import GAP, ActionSet, Backend, Embedding, Maximum, Status
from hub_cormab.maximise.interface import TABLE_LIMIT, Method, backend, maximise
from hub_cormab.maximise.mip import MipBackend
from hub_cormab.maximise.network import ReluNetwork
from hub_cormab.maximise.table import TableBackend

__all__ = [
    "GAP",
    "TABLE_LIMIT",
    "ActionSet",
    "Backend",
    "Embedding",
    "Maximum",
    "Method",
    "MipBackend",
    "ReluNetwork",
    "Status",
    "TableBackend",
    "backend",
    "maximise",
]
