"""Exact maximisation of a small ReLU network over a set of 0/1 actions, with a certificate for every answer.

Usable on its own, for any network of a few dozen neurons and any set that linear constraints describe:

    from hub_cormab.maximise import LinearActionSet, ReluNetwork, maximise
    answer = maximise(network, LinearActionSet(constraints), states)
    answer.actions, answer.values, answer.upper_bounds, answer.status
"""

from hub_cormab.maximise.answer import GAP, ActionSet, Backend, Embedding, LazyActionSet, Maximum, Status
from hub_cormab.maximise.branch import BranchBackend
from hub_cormab.maximise.interface import SOLVER, TABLE_LIMIT, Method, backend, maximise
from hub_cormab.maximise.local_search import climb_batch
from hub_cormab.maximise.mip import MipBackend
from hub_cormab.maximise.network import ReluNetwork
from hub_cormab.maximise.pyomo_model import PyomoBackend, pyomo_model
from hub_cormab.maximise.sets import LinearActionSet
from hub_cormab.maximise.table import TableBackend

__all__ = [
    "GAP",
    "SOLVER",
    "TABLE_LIMIT",
    "ActionSet",
    "Backend",
    "BranchBackend",
    "Embedding",
    "LazyActionSet",
    "LinearActionSet",
    "Maximum",
    "Method",
    "MipBackend",
    "PyomoBackend",
    "ReluNetwork",
    "Status",
    "TableBackend",
    "backend",
    "climb_batch",
    "maximise",
    "pyomo_model",
]
