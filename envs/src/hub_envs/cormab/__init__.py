"""Coupled restless bandits (coRMAB): arms with their own chains, pulled together under combinatorial constraints.

Source: Xu, Wilder, Khalil, Tambe, "Reinforcement learning with combinatorial actions for coupled restless bandits", ICLR 2025.
"""

from hub_envs.cormab.actions import ActionSet, LazyActionSet
from hub_envs.cormab.arms import START_PROBABILITY
from hub_envs.cormab.capacity import CapacityActions, CapacityEnv, CapacityVectorEnv, capacity_problem
from hub_envs.cormab.constraints import Cuts, LinearConstraints
from hub_envs.cormab.interventions import (
    BudgetActions,
    InterventionsEnv,
    InterventionsProblem,
    InterventionsVectorEnv,
    Sigmoids,
    interventions_problem,
)
from hub_envs.cormab.matching import MatchingActions, MatchingEnv, MatchingVectorEnv, matching_problem
from hub_envs.cormab.path import Network, PathActions, PathEnv, PathVectorEnv, path_problem
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.single import CormabEnv
from hub_envs.cormab.vector import CormabVectorEnv

__all__ = [
    "START_PROBABILITY",
    "ActionSet",
    "BudgetActions",
    "CapacityActions",
    "CapacityEnv",
    "CapacityVectorEnv",
    "CormabEnv",
    "CormabVectorEnv",
    "Cuts",
    "InterventionsEnv",
    "InterventionsProblem",
    "InterventionsVectorEnv",
    "LazyActionSet",
    "LinearConstraints",
    "MatchingActions",
    "MatchingEnv",
    "MatchingVectorEnv",
    "Network",
    "PathActions",
    "PathEnv",
    "PathVectorEnv",
    "Problem",
    "Sigmoids",
    "capacity_problem",
    "interventions_problem",
    "matching_problem",
    "path_problem",
]
